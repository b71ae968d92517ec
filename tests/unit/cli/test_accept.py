"""`syncd accept`, and what is shown of a number that is not believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.base import Number
from syncd.clock import ManualClock, SystemClock
from syncd.model import Plausible
from syncd.store.catalogue import put_in_force
from syncd.store.claims import claim_due
from syncd.store.publish import publish_number
from tests.store.catalogues import catalogue, key_result, numbered
from tests.store.made import made
from tests.store.state import assess_all
from tests.unit.cli.test_explain_and_set import Shell

LOAD = replace(numbered("load"), plausible=Plausible(high=100, confirm=3))
BEGAN, ENDED = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC)
WHY = "300, at most 100 is plausible"


@pytest.fixture
def syncd(tmp_path: Path) -> Iterator[Shell]:
    """A store in which 80 was read, and then 300."""
    store = made(tmp_path / "syncd.db")
    clock = ManualClock(SystemClock().now() - timedelta(minutes=6))
    put_in_force(
        store,
        catalogue(
            [LOAD],
            [key_result("ops-o1-kr1", LOAD, start=BEGAN, due=ENDED)],
            period="2024-Q1",
            starts=BEGAN,
            ends=ENDED,
        ),
        interval_of=lambda _: 60.0,
        link_of=lambda _: None,
        now=clock.now(),
    )
    for value in (80.0, 300.0):
        (claim,) = claim_due(
            store,
            now=clock.now(),
            room={"prometheus": 1},
            lease_seconds=60,
            full_every_seconds=86_400,
        )
        publish_number(store, claim, Number(value, clock.now()), now=clock.now())
        assess_all(store, clock)
        clock.advance(minutes=2)
    yield Shell(f"sqlite:///{tmp_path / 'syncd.db'}")
    store.close()


def test_it_is_shown_with_what_would_release_it(syncd: Shell) -> None:
    told = syncd("explain", "ops-o1-kr1", COLUMNS="200").stdout

    assert "80" in told
    assert f": {WHY}" in told
    assert "3 more runs saying the same" in told
    assert 'syncd accept load --reason "..."' in told
    assert WHY in syncd("status", COLUMNS="300").stdout


def test_accepting_it_tells_it_at_once(syncd: Shell) -> None:
    answer = syncd("accept", "ops-o1-kr1", "--reason", "a new hall", "--by", "Ada", COLUMNS="200")

    assert answer.returncode == 0, answer.stderr
    assert f"load: {WHY}; accepted by Ada: it is told from now on" in answer.stdout
    found = syncd.json("explain", "load")["indicator"]
    assert (found["value"], found["quarantine"]) == (300, None)


def test_what_there_is_not_is_refused_in_words(syncd: Shell) -> None:
    answer = syncd("accept", "laod", "--reason", "r", COLUMNS="200")

    assert answer.returncode == 2
    assert "there is no indicator 'laod'; did you mean load?" in answer.stderr


def test_what_is_not_held_back_needs_nobody(syncd: Shell) -> None:
    syncd("accept", "load", "--reason", "r")

    again = syncd("accept", "load", "--reason", "r", COLUMNS="200")

    assert again.returncode == 2
    assert "nothing of load is held back" in again.stderr


def test_closing_its_period_says_that_the_last_number_before_it_is_final(syncd: Shell) -> None:
    closed = syncd("period", "close", "2024-Q1", "--by", "Ada", COLUMNS="200")

    assert closed.returncode == 0, closed.stderr
    assert "What was read last of ops-o1-kr1 was not believed" in closed.stdout
    (told,) = json.loads(syncd("status", "--period", "2024-Q1", "--json").stdout)
    assert told["value"] == 80
