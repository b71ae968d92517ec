"""The guide to a new surface: the one that it shows works as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from starlette.applications import Starlette

from syncd.surfaces.serve import WebServer
from tests.plain import NO_TLS
from tests.unit.surfaces.conftest import HOSTILE, Site

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "guide" / "new-surface.md").read_text(encoding="utf-8")


@pytest.fixture
def lines() -> ModuleType:
    """The guide's module."""
    (shown,) = re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    module = ModuleType("lines")
    exec(compile(shown, "new-surface.md", "exec"), module.__dict__)  # noqa: S102  our own guide
    return module


def test_it_reads_the_store_and_tells_who_needs_somebody(told: Site, lines: ModuleType) -> None:
    server = WebServer(Starlette(routes=lines.Lines(told.store).routes()), "127.0.0.1", 0)
    try:
        answer = httpx.get(f"{server.start()}/lines.txt", verify=NO_TLS, trust_env=False)
    finally:
        server.stop()

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    told_as = {
        one["id"]: one["status"]
        for one in told.client.get("/api/v1/krs").json()["key_results"]
        if one["status"] not in ("on_track", "achieved")
    }
    assert told_as["dcim-o2-kr3"] == "no_data"
    assert [line.split()[:2] for line in answer.text.splitlines()] == [
        [status, key] for key, status in told_as.items()
    ]
    assert (HOSTILE in answer.text) == ("dcim-o1-kr1" in told_as)


def test_the_place_that_it_is_added_to_is_there() -> None:
    app = (ROOT / "syncd" / "surfaces" / "app.py").read_text(encoding="utf-8")

    assert {"`_read`", "`syncd/surfaces/app.py`"} <= set(re.findall(r"`[^`\n]+`", GUIDE))
    assert "def _read(" in app


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", GUIDE))
def test_the_links_of_the_guide_lead_somewhere(link: str) -> None:
    assert (ROOT / "docs" / "guide" / link).exists()
