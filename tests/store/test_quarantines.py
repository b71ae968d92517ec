"""Numbers that are not believed are held back, shown, and told once they are confirmed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa

from connectors.base import (
    Aggregation,
    Batch,
    Number,
    Outcome,
    Timeline,
    Verdict,
    judge_fingerprint,
)
from syncd.clock import ManualClock
from syncd.judging import judge_due
from syncd.model import Combining, Plausible, Status
from syncd.store import read
from syncd.store.accepting import Impossible, NothingHeld, accept
from syncd.store.claims import Claim
from syncd.store.composing import compose
from syncd.store.daily import Days
from syncd.store.engine import Store
from syncd.store.moving import move_by_time
from syncd.store.publish import Shrunk, begin, publish_number, publish_scan
from syncd.store.schema import objects, quarantines, scopes, verdicts
from tests.store.catalogues import (
    START,
    Named,
    catalogue,
    combined,
    holds,
    key_result,
    numbered,
    scanned,
)

LIMITS = Plausible(high=100, step=50, confirm=2)
COUNT = replace(numbered("load"), plausible=LIMITS)
DEVICES = scanned("complete", how=Aggregation.COUNT)
FIVE = 5

Claims = Callable[[], list[Claim]]
InForce = Callable[..., None]


@pytest.fixture
def number(
    store: Store, clock: ManualClock, claim: Claims, in_force: InForce
) -> Callable[[float | None], None]:
    """A run five minutes later that says this of the only number."""
    in_force(catalogue([COUNT], [key_result("dcim-o1-kr1", COUNT)]))

    def say(value: float | None) -> None:
        clock.advance(minutes=FIVE)
        (taken,) = claim()
        publish_number(store, taken, Number(value, clock.now()), now=clock.now())
        judge_due(store, now=clock.now(), days=Days())

    return say


def view(store: Store, name: str) -> read.IndicatorView:
    with store.read() as connection:
        return next(one for one in read.indicator_views(connection) if one.name == name)


def told(store: Store, name: str = "load") -> float | None:
    reading = view(store, name).reading
    return None if reading is None else reading.value


def observed(store: Store, name: str = "load") -> datetime | None:
    reading = view(store, name).reading
    return None if reading is None else reading.observed_at


def feed(store: Store) -> list[tuple[str, str]]:
    """Kinds and reasons of what was told of numbers, the oldest first."""
    with store.read() as connection:
        every = reversed(read.feed(connection))
        return [(e.kind.value, e.reason) for e in every if e.kind.value.startswith("number_")]


def assessed(store: Store) -> tuple[Status, str | None, str]:
    with store.read() as connection:
        (one,) = read.key_result_views(connection)
    assert one.assessment is not None
    return one.assessment.status, one.assessment.doubt, one.assessment.reason


def test_a_doubted_number_is_shown_and_the_last_good_one_told_with_its_age(
    store: Store, number: Callable[[float | None], None], clock: ManualClock
) -> None:
    number(80)
    at = clock.now()

    number(300)

    assert (told(store), observed(store)) == (80, at)
    seen = view(store, "load").quarantine
    assert seen is not None
    assert (seen.doubt.value, seen.since, seen.missing) == (300, clock.now(), 2)
    status, doubt, reason = assessed(store)
    assert (status, doubt) == (Status.ON_TRACK, "range")
    assert "300, at most 100 is plausible" in reason
    assert feed(store) == [("number_quarantined", "range")]


def test_the_key_result_grows_stale_and_turns_neither_good_nor_bad(
    store: Store, number: Callable[[float | None], None]
) -> None:
    number(0.5)
    before, _, _ = assessed(store)
    for value in (300, 500) * 7:  # never the same, so never confirmed
        number(value)

    status, doubt, reason = assessed(store)
    assert before not in (Status.STALE, Status.NO_DATA)
    assert (status, doubt) == (Status.STALE, "range")
    assert "at most 100 is plausible" in reason
    assert feed(store) == [("number_quarantined", "range")]


def test_runs_that_say_the_same_confirm_it(
    store: Store, number: Callable[[float | None], None], clock: ManualClock
) -> None:
    for value in (80, 300, 301, 302):
        number(value)

    assert (told(store), observed(store)) == (302, clock.now())
    assert view(store, "load").quarantine is None
    assert feed(store) == [("number_quarantined", "range"), ("number_released", "confirmed")]
    number(299)  # no further out than what is believed
    assert told(store) == 299


def test_a_number_in_bounds_ends_it_at_once(
    store: Store, number: Callable[[float | None], None]
) -> None:
    for value in (80, 300, 90):
        number(value)

    assert told(store) == 90
    assert assessed(store)[1] is None
    assert feed(store) == [("number_quarantined", "range"), ("number_released", "in_bounds")]


def test_a_step_is_counted_from_the_last_value_whatever_came_between(
    store: Store, number: Callable[[float | None], None]
) -> None:
    for value in (10, None, 70):
        number(value)

    seen = view(store, "load").quarantine
    assert seen is not None
    assert (seen.doubt.good, told(store)) == (10, None)


def test_what_a_person_accepts_is_told_at_once_with_who_and_why(
    store: Store, number: Callable[[float | None], None], clock: ManualClock
) -> None:
    number(80)
    number(300)
    clock.advance(minutes=1)

    accepted = accept(store, COUNT.fingerprint, by="Ada", reason="a new hall", now=clock.now())

    assert accepted.told
    assert told(store) == 300
    with store.read() as connection:
        newest = read.feed(connection, limit=1)[0]
    assert (newest.kind.value, newest.reason) == ("number_released", "accepted")
    assert "Ada accepts it: a new hall" in newest.text
    with pytest.raises(NothingHeld):
        accept(store, COUNT.fingerprint, by="Ada", reason="again", now=clock.now())
    number(301)
    assert told(store) == 301


def test_what_cannot_be_is_confirmed_by_no_run_and_no_person(
    store: Store, clock: ManualClock, claim: Claims, in_force: InForce
) -> None:
    share = replace(scanned("share"), plausible=Plausible(confirm=1))
    in_force(catalogue([COUNT, share], []))
    for _ in range(4):
        clock.advance(minutes=FIVE)
        taken = next(one for one in claim() if one.kind == "number")
        publish_number(store, taken, Number(float("inf"), clock.now()), now=clock.now())

    assert told(store) is None
    with pytest.raises(Impossible):
        accept(store, COUNT.fingerprint, by="Ada", reason="it is so", now=clock.now())


def test_editing_the_limits_keeps_readings_and_is_looked_at_from_the_next_run_on(
    store: Store, number: Callable[[float | None], None], in_force: InForce
) -> None:
    number(80)
    number(300)

    in_force(catalogue([replace(COUNT, plausible=Plausible())], []))

    assert told(store) == 80
    number(300)
    assert told(store) == 300


def test_what_is_made_of_a_doubted_number_rests_on_the_last_good_one_and_says_so(
    store: Store, clock: ManualClock, claim: Claims, in_force: InForce
) -> None:
    other = numbered("other", query="down")
    both = combined("both", Combining.SUM, COUNT, other)
    in_force(catalogue([COUNT, other, both], [key_result("dcim-o1-kr1", both)]))
    begun = clock.now()
    for first in (80.0, 300.0):
        for taken in claim():
            of_load = taken.fingerprint == COUNT.plan.fingerprint  # type: ignore[union-attr]
            value = Number(first if of_load else 1.0, clock.now())
            publish_number(store, taken, value, now=clock.now())
        compose(store, now=clock.now())
        judge_due(store, now=clock.now(), days=Days())
        clock.advance(minutes=FIVE)

    assert (told(store, "both"), observed(store, "both")) == (81, begun)
    assert assessed(store)[1] == "range"
    assert "load: 300, at most 100 is plausible" in assessed(store)[2]


# ------------------------------------------------------------------------------------ scopes


MANY = [holds(str(one)) for one in range(1000)]
FEW = MANY[:100]


@pytest.fixture
def scan(
    store: Store, clock: ManualClock, claim: Claims, in_force: InForce
) -> Callable[..., list[str]]:
    """A run five minutes later that reads everything, and brings these objects."""
    in_force(catalogue([DEVICES], [key_result("dcim-o1-kr1", DEVICES)]))

    def run(timelines: list[Timeline], *, vouched: bool = False) -> list[str]:
        clock.advance(minutes=FIVE)
        (taken,) = claim()
        begin(store, taken)
        whole = replace(taken, cursor=None)
        last = Batch([timelines], cursor={"at": clock.now().isoformat()}, vouched=vouched)
        judges = (judge_fingerprint(Named("complete")),)
        events = publish_scan(store, whole, judges, last, observed_at=clock.now(), now=clock.now())
        judge_due(store, now=clock.now(), days=Days())
        return [event.kind.value for event in events]

    return run


def state(store: Store) -> tuple[object, ...]:
    """All that a run that is held back must leave as it was."""
    with store.read() as connection:
        scope = connection.execute(sa.select(scopes)).one()
        present = sa.select(sa.func.count()).select_from(objects).where(objects.c.present)
        open_ended = sa.select(sa.func.count()).select_from(verdicts)
        return (
            scope.cursor,
            scope.last_success_at,
            scope.last_full_at,
            scope.next_transition_at,
            connection.execute(present).scalar_one(),
            connection.execute(open_ended.where(verdicts.c.valid_to.is_(None))).scalar_one(),
        )


def test_a_scope_that_shrinks_too_far_is_not_taken_in(
    store: Store, scan: Callable[..., list[str]], clock: ManualClock
) -> None:
    scan(MANY)
    before, at = state(store), clock.now()

    assert scan(FEW) == ["number_quarantined"]
    assert scan(FEW) == []

    assert state(store) == before
    assert (told(store, "complete"), observed(store, "complete")) == (1000, at)
    seen = view(store, "complete").quarantine
    assert seen is not None
    assert (seen.doubt.kind.value, seen.doubt.value, seen.doubt.good) == ("shrink", 100, 1000)
    assert assessed(store)[1] == "shrink"


def test_its_objects_are_there_again_as_if_nothing_had_been(
    store: Store, scan: Callable[..., list[str]]
) -> None:
    scan(MANY)
    scan(FEW)

    assert scan(MANY) == ["number_released"]

    assert told(store, "complete") == 1000
    with store.read() as connection:
        closed = sa.select(sa.func.count()).select_from(verdicts)
        closed = closed.where(verdicts.c.valid_to.is_not(None))
        assert connection.execute(closed).scalar_one() == 0
    assert view(store, "complete").quarantine is None


def test_runs_over_an_hour_confirm_that_it_is_small(
    store: Store, scan: Callable[..., list[str]]
) -> None:
    scan(MANY)
    kinds = [kind for _ in range(13) for kind in scan(FEW)]

    assert kinds == ["number_quarantined", "number_released"]
    assert told(store, "complete") == 100
    assert feed(store)[-1] == ("number_released", "confirmed")


def test_a_person_accepts_that_it_is_small_and_the_next_run_takes_it_in(
    store: Store, scan: Callable[..., list[str]], clock: ManualClock
) -> None:
    scan(MANY)
    scan(FEW)

    accepted = accept(store, DEVICES.fingerprint, by="Ada", reason="moved", now=clock.now())

    assert not accepted.told
    assert told(store, "complete") == 1000
    with store.read() as connection:
        assert connection.execute(sa.select(scopes.c.next_due_at)).scalar_one() == clock.now()
    assert scan(FEW) == ["number_released"]
    assert told(store, "complete") == 100


def test_accepting_a_few_is_not_accepting_none(
    store: Store, scan: Callable[..., list[str]], clock: ManualClock
) -> None:
    scan(MANY)
    scan(MANY[:400])
    accept(store, DEVICES.fingerprint, by="Ada", reason="moved", now=clock.now())

    scan([])

    assert told(store, "complete") == 1000
    assert view(store, "complete").quarantine is not None


def test_objects_that_only_left_the_scope_may_go_unless_a_limit_is_declared(
    store: Store, scan: Callable[..., list[str]], in_force: InForce
) -> None:
    scan(MANY)
    assert scan(MANY[:300], vouched=True) == []
    in_force(catalogue([replace(DEVICES, plausible=Plausible(shrink_ratio=0.3))], []))

    assert scan(MANY[:200], vouched=True) == ["number_quarantined"]


def test_objects_that_make_room_for_as_many_others_shrink_nothing(
    store: Store, scan: Callable[..., list[str]]
) -> None:
    scan(MANY[:500])

    assert scan(MANY[500:999]) == []

    assert told(store, "complete") == 499
    assert view(store, "complete").quarantine is None


def test_time_moves_nothing_in_a_scope_that_is_held_back(
    store: Store, scan: Callable[..., list[str]], clock: ManualClock
) -> None:
    noon = START.replace(hour=12)
    late = (Verdict(START, noon, Outcome.PASS), Verdict(noon, None, Outcome.FAIL))
    due = [Timeline(str(n), None, late) for n in range(30)]
    scan([*due, *MANY[100:]])
    scan([])
    before = state(store)

    clock.advance(hours=6)
    move_by_time(store, now=clock.now())

    assert state(store) == before
    assert told(store, "complete") == 930


def test_the_past_is_not_rebuilt_from_a_scope_that_shrank(
    store: Store, scan: Callable[..., list[str]], clock: ManualClock, claim: Claims
) -> None:
    scan(MANY)
    before = state(store)
    clock.advance(minutes=FIVE)
    (taken,) = claim()
    begin(store, taken)
    judges = (judge_fingerprint(Named("complete")),)

    with pytest.raises(Shrunk):
        publish_scan(
            store,
            replace(taken, cursor=None),
            judges,
            Batch([FEW], cursor={}),
            observed_at=clock.now(),
            now=clock.now(),
            history_since=START,
        )

    assert state(store) == before


def test_what_was_not_believed_stays_written_down(
    store: Store, number: Callable[[float | None], None], clock: ManualClock
) -> None:
    for value in (80, 300, 90, 400):
        number(value)
    accept(store, COUNT.fingerprint, by="Ada", reason="counted", now=clock.now())

    with store.read() as connection:
        rows = connection.execute(sa.select(quarantines).order_by(quarantines.c.id)).all()
    assert [(row.value, row.ended_how) for row in rows] == [(300, "in_bounds"), (400, "accepted")]
    assert rows[1].accepted_by == "Ada"
