"""The guide to what people say: its commands do what it says they do."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from syncd.clock import SystemClock
from syncd.mapping import load
from syncd.model import External
from syncd.registry import measures
from syncd.store.catalogue import put_in_force
from tests.store.catalogues import catalogue, key_result, numbered
from tests.store.made import made
from tests.unit.cli.test_explain_and_set import Shell
from tests.unit.intake.test_manual import SHARE

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guide" / "people.md").read_text(encoding="utf-8")
WRITTEN_ON = date(2026, 2, 12)
"""The day on which the guide's reader stands: its dates are before or after it."""
PACIFIC = ZoneInfo("America/Los_Angeles")


def commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def moved(text: str) -> str:
    """The text with its dates as far from today as they are from the guide's day."""
    today = SystemClock().now().astimezone(PACIFIC).date()

    def move(found: re.Match[str]) -> str:
        return (date.fromisoformat(found.group()) + (today - WRITTEN_ON)).isoformat()

    return re.sub(r"\d{4}-\d{2}-\d{2}", move, text)


@pytest.fixture
def syncd(tmp_path: Path) -> Iterator[Shell]:
    """A store with all that the guide names, due at the end of its quarter."""
    url = f"sqlite:///{tmp_path / 'syncd.db'}"
    store = made(tmp_path / "syncd.db")
    number = numbered("complete_devices")
    due = date.fromisoformat(moved("2026-03-31")) + timedelta(days=1)
    put_in_force(
        store,
        catalogue(
            [number, SHARE],
            [
                key_result(
                    "dcim-o1-kr1",
                    number,
                    start=datetime.combine(
                        date.fromisoformat(moved("2026-01-01")), time(), PACIFIC
                    ).astimezone(UTC),
                    due=datetime.combine(due, time(), PACIFIC).astimezone(UTC)
                    - timedelta(microseconds=1),
                    needs=("external:recruiting",),
                )
            ],
            [External("recruiting", "Recruiting keeps pace", "Head of recruiting")],
        ),
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=SystemClock().now(),
    )
    yield Shell(url)
    store.close()


def test_the_commands_of_the_guide_work_in_their_order(syncd: Shell) -> None:
    told = []
    for command in commands():
        program, *words = shlex.split(moved(command))
        assert program == "syncd"
        answer = syncd(*words)
        assert answer.returncode == 0, (command, answer.stderr)
        told.append(answer.stdout)

    found = json.loads(syncd("adjustments", "--json").stdout)
    assert [one["kind"] for one in found] == ["note", "pause", "override"]
    assert [one["in_force"] for one in found] == [False, True, False]
    assert "the vendor imported them" in (found[2]["withdrawn_reason"])
    (recruiting,) = json.loads(syncd("external", "list", "--json").stdout)
    # what was said of an earlier moment has replaced nothing newer
    assert (recruiting["state"], recruiting["needed_by"]) == ("slipped", ["dcim-o1-kr1"])
    assert any("slipped" in text for text in told)


def test_the_guide_names_every_command_that_people_say_something_with(syncd: Shell) -> None:
    panel = syncd("--help").stdout.partition("What people say")[2]
    offered = set(re.findall(r"^│ (\w+) ", panel, re.MULTILINE))

    used = {shlex.split(command)[1] for command in commands()}
    # what is said of a number that is not believed has a guide of its own
    assert "\nsyncd accept " in (ROOT / "docs" / "guide" / "doubt.md").read_text(encoding="utf-8")
    assert offered == used | {"accept"}


def test_the_mapping_of_the_guide_is_accepted(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    frame = {
        "organisation": "Test",
        "period": "2026-Q1",
        "timezone": "UTC",
        **yaml.safe_load(block),
    }
    (tmp_path / "organisation.yaml").write_text(yaml.safe_dump(frame, sort_keys=False))
    (tmp_path / "dcim.yaml").write_text("team: dcim\nobjectives: []\n")

    loaded = load(tmp_path, measures=measures(), sources={}, default_sources={})

    assert [str(fault) for fault in loaded.faults] == []
    assert loaded.catalogue is not None
    assert list(loaded.catalogue.externals) == ["recruiting"]


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", GUIDE))
def test_the_links_of_the_guide_lead_somewhere(link: str) -> None:
    path, _, anchor = link.partition("#")
    target = ROOT / "docs" / "guide" / path

    assert target.is_file()
    heading = anchor.replace("-", " ")
    assert heading in target.read_text(encoding="utf-8").lower()
