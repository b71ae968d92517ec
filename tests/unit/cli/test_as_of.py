"""`--at`, as people and scripts ask for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.base import Number
from syncd.clock import ManualClock, SystemClock
from syncd.store.catalogue import put_in_force
from syncd.store.claims import claim_due
from syncd.store.publish import publish_number
from tests.store.catalogues import catalogue, key_result, numbered
from tests.store.made import made
from tests.store.state import assess_all
from tests.unit.cli.test_explain_and_set import Shell

ONE = numbered("one")
THEN = (SystemClock().now() - timedelta(days=5)).strftime("%Y-%m-%d")


@pytest.fixture
def syncd(tmp_path: Path) -> Iterator[Shell]:
    """Ten days ago a key result read 0.25; an hour ago it had another title and read 1."""
    address = f"sqlite:///{tmp_path / 'syncd.db'}"
    store = made(tmp_path / "syncd.db")
    clock = ManualClock(SystemClock().now() - timedelta(days=10))
    start = clock.now() - timedelta(days=10)
    for title, value in (("Before", 0.25), ("After", 1.0)):
        now = clock.now()
        kr = key_result("dcim-o1-kr1", ONE, title=title, start=start, due=start + DAYS)
        wanted = catalogue([ONE], [kr])
        put_in_force(store, wanted, interval_of=lambda _: 60.0, link_of=lambda _: None, now=now)
        for claim in claim_due(
            store, now=now, room={"prometheus": 9}, lease_seconds=60, full_every_seconds=1
        ):
            publish_number(store, claim, Number(value, now), now=now)
        assess_all(store, clock)
        clock.move_to(SystemClock().now() - timedelta(hours=1))
    yield Shell(address)
    store.close()


DAYS = timedelta(days=90)


def test_status_tells_what_was_known_then_and_says_so(syncd: Shell) -> None:
    shown = syncd("status", "--at", THEN)
    (document,) = json.loads(syncd("status", "--at", THEN, "--json").stdout)

    assert "As it was told by" in shown.stdout
    assert "Before" in shown.stdout
    assert "After" not in shown.stdout
    assert (document["title"], document["value"]) == ("Before", 0.25)


def test_explain_has_the_number_that_was_told_then(syncd: Shell) -> None:
    document = json.loads(syncd("explain", "dcim-o1-kr1", "--at", THEN, "--format", "json").stdout)

    assert document["key_result"]["title"] == "Before"
    assert document["indicator"]["value"] == 0.25
    assert "As it was told by" in syncd("explain", "dcim-o1-kr1", "--at", THEN).stdout


def test_the_report_is_that_of_then(syncd: Shell) -> None:
    report = syncd("report", "--at", THEN).stdout

    assert ", as it was told then" in report
    assert "Before" in report
    assert "After" not in report
    assert "Nothing has been judged" not in report


@pytest.mark.parametrize("command", [["status"], ["explain", "dcim-o1-kr1"], ["report"]])
@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2999-01-01", "which has not come yet"),
        ("2001-01-01", "of which nothing had been told"),
        ("soon", "expected a day"),
    ],
)
def test_a_moment_that_cannot_be_told_is_refused_in_words(
    syncd: Shell, command: list[str], at: str, words: str
) -> None:
    answer = syncd(*command, "--at", at)

    assert answer.returncode == 2
    assert answer.stderr.startswith("syncd: --at: got ")
    assert words in answer.stderr


def test_what_was_not_rebuilt_is_not_made_up(syncd: Shell) -> None:
    answer = syncd("status", "--at", THEN, "--reconstructed")

    assert "Reconstructed: what is known today of" in answer.stdout
    assert "not rebuilt" in " ".join(answer.stdout.split())
