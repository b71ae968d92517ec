"""`syncd period`, and what `check` says of a period that is closed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncd.clock import SystemClock
from syncd.judging import judge_due
from syncd.mapping import load
from syncd.registry import measures
from syncd.store.catalogue import put_in_force
from tests import command
from tests.store.made import made

Call = Callable[..., subprocess.CompletedProcess[str]]

ORGANISATION = "organisation: Test\nperiod: {period}\ntimezone: UTC\n"
TEAM = """team: net
objectives:
  - id: net-o1
    title: It works
    key_results:
      - id: net-o1-kr1
        title: Hosts
        owner: Ada
        indicator: {measure: manual, unit: count, stale_after: 900 d}
        target: {at_least: 3}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The mapping files of a quarter that is long over, and of one that is far away."""
    found = tmp_path / "mappings"
    for period in ("2024-Q1", "2190-Q1"):
        (found / period).mkdir(parents=True)
        (found / period / "organisation.yaml").write_text(ORGANISATION.format(period=period))
        (found / period / "net.yaml").write_text(TEAM)
    return found


@pytest.fixture
def syncd(tmp_path: Path, folder: Path) -> Call:
    """Runs the command on a store where both quarters are in force and judged."""
    url = f"sqlite:///{tmp_path / 'syncd.db'}"
    store = made(tmp_path / "syncd.db")
    loaded = load(folder, measures=measures(), sources={}, default_sources={})
    assert loaded.catalogues, loaded.faults
    now = SystemClock().now()
    put_in_force(
        store, *loaded.catalogues, interval_of=lambda _: 300.0, link_of=lambda _: None, now=now
    )
    judge_due(store, now=now)
    store.close()
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("SYNCD_")},
        "SYNCD_DATABASE_URL": url,
        "SYNCD_MAPPINGS": str(folder),
        "COLUMNS": "200",
    }

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return command.syncd(*words, environment=environment)

    return call


def test_the_periods_are_listed_with_how_they_stand(syncd: Call) -> None:
    listed = syncd("period", "list").stdout

    assert "2024-Q1 (1 Jan 2024 to 31 Mar 2024): open" in listed
    assert "2190-Q1 (1 Jan 2190 to 31 Mar 2190): not begun" in listed


def test_a_period_is_closed_and_says_so_wherever_it_is_listed(syncd: Call) -> None:
    closed = syncd("period", "close", "2024-Q1", "--by", "Ada", "--note", "late, but done")
    documents = json.loads(syncd("status", "--period", "2024-Q1", "--json").stdout)
    shown = syncd("status", "--period", "2024-Q1").stdout

    assert closed.returncode == 0, closed.stderr
    assert "by Ada: late, but done" in closed.stdout
    assert [(one["key"], one["closed"]["by"]) for one in documents] == [
        ("2024-Q1/net-o1-kr1", "Ada")
    ]
    assert "2024-Q1, closed" in shown


def test_one_that_is_not_over_is_refused_in_words(syncd: Call) -> None:
    refused = syncd("period", "close", "2190-Q1")

    assert refused.returncode == 2
    assert "net-o1-kr1 is not due yet" in refused.stderr


def test_one_that_there_is_not_is_refused_with_those_there_are(syncd: Call) -> None:
    for words in (("period", "close", "2024-Q2"), ("status", "--period", "2024-Q2")):
        refused = syncd(*words)

        assert refused.returncode == 2
        assert "expected one of 2024-Q1, 2190-Q1" in refused.stderr


def test_check_says_that_files_of_a_closed_period_were_edited(syncd: Call, folder: Path) -> None:
    syncd("period", "close", "2024-Q1", "--by", "Ada")
    before = syncd("check")
    path = folder / "2024-Q1" / "net.yaml"
    path.write_text(path.read_text().replace("at_least: 3", "at_least: 1"))

    after = syncd("check")
    document = json.loads(syncd("check", "--json").stdout)

    today = f"{datetime.now(UTC).year} by Ada, and its files differ"
    assert "its files differ" not in before.stdout
    assert today in after.stdout
    assert "changed: net-o1-kr1" in after.stdout
    assert len(document["closed"]) == 1


def test_a_closed_period_goes_to_another_store_as_a_file(syncd: Call, tmp_path: Path) -> None:
    file, elsewhere = str(tmp_path / "q1.syncd"), f"sqlite:///{tmp_path / 'elsewhere.db'}"
    there = ("--database-url", elsewhere)
    early = syncd("period", "export", "2024-Q1", file)
    syncd("period", "close", "2024-Q1", "--by", "Ada")

    written = json.loads(syncd("period", "export", "2024-Q1", file, "--json").stdout)
    again = syncd("period", "export", "2024-Q1", file)
    taken = json.loads(syncd(*there, "period", "import", file, "--by", "Eve", "--json").stdout)
    once_more = syncd(*there, "period", "import", file)
    clash = syncd("period", "import", file)
    here = json.loads(syncd("status", "--period", "2024-Q1", "--json").stdout)
    shown = json.loads(syncd(*there, "status", "--period", "2024-Q1", "--json").stdout)
    words = syncd(*there, "status", "--period", "2024-Q1").stdout

    assert (early.returncode, "`syncd period close 2024-Q1` first" in early.stderr) == (2, True)
    assert written["tables"]["key_results"] == 1
    assert (again.returncode, "--force" in again.stderr) == (2, True)
    assert (taken["new"], taken["tables"]) == (True, written["tables"])
    assert once_more.returncode == 0
    assert "nothing was changed, the same is there already: 2024-Q1 was closed" in once_more.stdout
    assert "by Eve from syncd.db" in once_more.stdout
    assert (clash.returncode, "its own, closed on" in clash.stderr) == (2, True)
    assert shown[0].pop("closed")["imported"]["by"] == "Eve"
    assert here[0].pop("closed")["imported"] is None
    # one without a name is called by its fingerprint, which is another here
    assert shown[0].pop("indicator") != here[0].pop("indicator")
    assert shown == here
    assert "closed, imported" in words
