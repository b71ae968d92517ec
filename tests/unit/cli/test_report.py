"""`syncd report`, as people and scripts call it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from connectors.base import Number
from syncd.clock import ManualClock, SystemClock
from syncd.store.catalogue import put_in_force
from syncd.store.claims import claim_due
from syncd.store.publish import publish_number
from tests.store.catalogues import catalogue, key_result, numbered
from tests.store.made import made
from tests.store.state import assess_all
from tests.unit.cli.test_explain_and_set import Shell


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A store in which, ten days ago and again an hour ago, two numbers were read."""
    address = f"sqlite:///{tmp_path / 'syncd.db'}"
    store = made(tmp_path / "syncd.db")
    one, other = numbered("one", query="one"), numbered("other", query="other")
    clock = ManualClock(SystemClock().now() - timedelta(days=10))
    start = clock.now() - timedelta(days=10)
    dates = {"start": start, "due": start + timedelta(days=90)}
    wanted = catalogue(
        [one, other],
        [key_result("dcim-o1-kr1", one, **dates), key_result("net-o1-kr1", other, **dates)],
    )
    for value in (0.0, 1.0):
        now = clock.now()
        put_in_force(store, wanted, interval_of=lambda _: 60.0, link_of=lambda _: None, now=now)
        for claim in claim_due(
            store, now=now, room={"prometheus": 9}, lease_seconds=60, full_every_seconds=1
        ):
            publish_number(store, claim, Number(value, now), now=now)
        assess_all(store, clock)
        clock.move_to(SystemClock().now() - timedelta(hours=1))
    yield address
    store.close()


@pytest.fixture
def syncd(url: str) -> Shell:
    return Shell(url)


def test_prints_markdown_without_pictures_unless_told_otherwise(syncd: Shell) -> None:
    answer = syncd("report")

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("# Test: 2026-Q1\n")
    assert "Title of dcim-o1-kr1" in answer.stdout
    assert "![" not in answer.stdout


def test_writes_markdown_with_its_pictures_in_a_folder_beside_it(
    syncd: Shell, tmp_path: Path
) -> None:
    answer = syncd("report", "--output", str(tmp_path / "new" / "q1.md"))

    assert answer.returncode == 0, answer.stderr
    named = re.findall(r"\(<(q1-charts/[^>]+)>\)", (tmp_path / "new" / "q1.md").read_text("utf-8"))
    assert set(named) == {
        f"q1-charts/{name}.svg" for name in ("overview", "course", "dcim-o1-kr1", "net-o1-kr1")
    }
    for name in named:
        assert (tmp_path / "new" / name).read_text("utf-8").startswith("<svg ")
    assert "4 pictures" in answer.stderr


@pytest.mark.parametrize(
    ("name", "begins"), [("q1.html", b"<!doctype html>"), ("q1.pdf", b"%PDF-")]
)
def test_the_name_of_the_file_tells_the_format(
    syncd: Shell, tmp_path: Path, name: str, begins: bytes
) -> None:
    answer = syncd("report", "--output", str(tmp_path / name))

    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / name).read_bytes().startswith(begins)
    assert [path.name for path in tmp_path.glob("*q1*")] == [name]


def test_a_format_can_be_asked_for_by_name(syncd: Shell, tmp_path: Path) -> None:
    file = tmp_path / "report.out"

    answer = syncd("report", "--format", "pdf", "--output", str(file))

    assert answer.returncode == 0, answer.stderr
    pages = PdfReader(io.BytesIO(file.read_bytes())).pages
    assert "Title of net-o1-kr1" in "".join(page.extract_text() for page in pages)


def test_shows_one_team(syncd: Shell) -> None:
    told = syncd("report", "--team", "net").stdout

    assert "Title of net-o1-kr1" in told
    assert "Title of dcim-o1-kr1" not in told


def test_counts_changes_since_a_span_a_day_or_a_moment(syncd: Shell) -> None:
    now = SystemClock().now()
    day = (now - timedelta(days=3)).date().isoformat()

    for since in ("1 w", day, f"{day}T09:00"):
        told = syncd("report", "--since", since).stdout
        assert "### Got better" in told
    assert "### Got better" not in syncd("report", "--since", "30 min").stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--team", "dcmi"), "--team: got 'dcmi'; expected one of dcim, net"),
        (("--period", "2025-Q4"), "--period: got '2025-Q4'; expected one of"),
        (("--since", "soon"), "--since: got 'soon'; expected a day"),
        (("--since", "2999-01-01"), "which has not come yet"),
        (
            ("--output", "report.docx"),
            "--output: got report.docx; expected a name that ends in .md",
        ),
        (("--output", "/dev/null/q1.md"), "--output: cannot write /dev/null/q1.md"),
    ],
)
def test_refuses_what_cannot_be(syncd: Shell, words: tuple[str, ...], told: str) -> None:
    answer = syncd("report", *words)

    assert answer.returncode == 2
    assert told in " ".join(answer.stderr.split())
    assert "Traceback" not in answer.stderr


def test_loads_no_connector_and_no_web_server(syncd: Shell) -> None:
    import sys

    program = (
        "import sys\n"
        "from syncd.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )

    answer = syncd.apart("report", program=(sys.executable, "-c", program))

    assert answer.returncode == 0
    unwanted = {"jira", "pynetbox", "httpx", "uvicorn", "syncd.worker", "typst"}
    assert not unwanted & set(answer.stderr.split())
