"""Every kind of event that measuring and judging tell is told by a working worker, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connectors.base import TimedOut
from syncd.clock import ManualClock
from syncd.measuring import RunReport
from syncd.model import Catalogue, Checkpoint, Event, EventKind, Target, TargetType
from syncd.store import read
from syncd.store.engine import Store
from syncd.worker import Worker
from tests.store.catalogues import START, catalogue, key_result, numbered
from tests.store.upstream import Upstream

DUE = START + timedelta(days=30)
HUNDRED = Target(TargetType.AT_LEAST, goal=100.0)
CHECKPOINT = Checkpoint(START + timedelta(days=10), 30.0)
RISES = numbered("rises", query="rises")
STAYS = numbered("stays", query="stays", source="netbox")
LOST = numbered("lost", query="lost", source="jira")
KEY_RESULTS = [
    key_result("ops-o1-kr1", RISES, target=HUNDRED, due=DUE, checkpoints=(CHECKPOINT,)),
    key_result("ops-o1-kr2", STAYS, target=HUNDRED, due=DUE, checkpoints=(CHECKPOINT,)),
    key_result("ops-o1-kr3", LOST, target=HUNDRED, due=DUE),
    key_result("ops-o1-kr4", RISES, target=HUNDRED, due=DUE, needs=("ops-o1-kr2",)),
]


class Nobody:
    def ran(self, report: RunReport) -> None:
        pass

    def turned(self, seconds: float) -> None:
        pass


def day(moment: datetime) -> float:
    return (moment - START) / timedelta(days=1)


def rises(now: datetime) -> float:
    """A little ahead of its line, and far ahead from the fifteenth day on."""
    return min(100.0, 4 * day(now) + (20 if day(now) >= 15 else 0))


def lost(now: datetime) -> float:
    """Away for three days, then it moves no more."""
    if 12 <= day(now) < 15:
        raise TimedOut("jira: no answer within 30 s")
    return min(60.0, 4 * day(now))


@pytest.fixture
def told(store: Store, clock: ManualClock, in_force: Callable[[Catalogue], None]) -> list[Event]:
    """What the feed says of a quarter of thirty days, measured once a day."""
    indicators = [RISES, STAYS, LOST]
    in_force(catalogue(indicators, KEY_RESULTS))
    sessions = {
        "prometheus": Upstream(number=rises),
        "netbox": Upstream(number=lambda _: 5.0),
        "jira": Upstream(number=lost),
    }
    worker = Worker(store, clock, sessions, observer=Nobody())
    worker.work_on(catalogue(indicators, KEY_RESULTS))
    try:
        for number in range(32):
            clock.move_to(START + timedelta(days=number, hours=1))
            worker.cycle()
    finally:
        worker.close()
    edited = [replace(KEY_RESULTS[0], title="Another title"), *KEY_RESULTS[1:]]
    in_force(replace(catalogue(indicators, edited), digest="edited"))
    with store.read() as connection:
        return sorted(read.feed(connection, limit=1000), key=lambda event: event.position or 0)


def test_each_kind_is_told_of_the_key_result_that_it_is_about(told: list[Event]) -> None:
    kinds = {(one.kind, one.subject) for one in told}

    assert kinds >= {
        (EventKind.STATUS_CHANGED, "ops-o1-kr2"),
        (EventKind.CHECKPOINT_MET, "ops-o1-kr1"),
        (EventKind.CHECKPOINT_MISSED, "ops-o1-kr2"),
        (EventKind.ACHIEVED, "ops-o1-kr1"),
        (EventKind.MISSED, "ops-o1-kr2"),
        (EventKind.PACE_CHANGED, "ops-o1-kr1"),
        (EventKind.FORECAST_CHANGED, "ops-o1-kr3"),
        (EventKind.DATA_STALE, "ops-o1-kr3"),
        (EventKind.DATA_RECOVERED, "ops-o1-kr3"),
        (EventKind.DEPENDENCY_SLIPPED, "ops-o1-kr4"),
        (EventKind.SOURCE_FAILING, "jira"),
        (EventKind.SOURCE_RECOVERED, "jira"),
        (EventKind.MAPPING_CHANGED, "mapping"),
        (EventKind.MAPPING_CHANGED, "ops-o1-kr1"),
    }


def test_an_edit_of_a_key_result_is_told_with_what_it_was_and_is(told: list[Event]) -> None:
    edit = told[-1]

    assert (edit.kind, edit.key_result, edit.reason) == (
        EventKind.MAPPING_CHANGED,
        "ops-o1-kr1",
        "edited",
    )
    assert (edit.before, edit.after) == (
        {"title": "Title of ops-o1-kr1"},
        {"title": "Another title"},
    )


def test_what_happens_once_is_told_once(told: list[Event]) -> None:
    counts = Counter((one.kind, one.subject) for one in told)

    for kind, subject in (
        (EventKind.CHECKPOINT_MET, "ops-o1-kr1"),
        (EventKind.CHECKPOINT_MISSED, "ops-o1-kr2"),
        (EventKind.ACHIEVED, "ops-o1-kr1"),
        (EventKind.MISSED, "ops-o1-kr2"),
        (EventKind.DATA_STALE, "ops-o1-kr3"),
        (EventKind.DATA_RECOVERED, "ops-o1-kr3"),
        (EventKind.DEPENDENCY_SLIPPED, "ops-o1-kr4"),
        (EventKind.SOURCE_FAILING, "jira"),
        (EventKind.SOURCE_RECOVERED, "jira"),
    ):
        assert counts[kind, subject] == 1, (kind, subject)
    positions = [one.position for one in told]
    assert positions == list(range(1, len(told) + 1))
