"""The values of the days behind, which a forecast is made from."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.base import Number, NumberPlan, TimedOut
from syncd.backfill import backfill
from syncd.clock import ManualClock
from syncd.model import Catalogue, Combining, Indicator, Judgement
from syncd.store.assessing import assessing
from syncd.store.claims import claim_whole
from syncd.store.composing import compose
from syncd.store.daily import Days
from syncd.store.engine import Store
from syncd.store.manual import record_manual
from syncd.store.publish import begin, publish_number, record_failure
from tests.store.catalogues import START, by_hand, catalogue, combined, key_result, numbered
from tests.store.upstream import Upstream

InForce = Callable[[Catalogue], None]
Say = Callable[..., None]

DAY = timedelta(days=1)
GOODS = numbered("goods")
BADS = numbered("bads", query="down")


@pytest.fixture
def say(store: Store, clock: ManualClock) -> Say:
    """Publishes what a query answers at this moment."""

    def publish(value: float | None, of: Indicator = GOODS, *, partial: bool = False) -> None:
        assert isinstance(of.plan, NumberPlan)
        claim = claim_whole(store, of.plan.fingerprint, now=clock.now(), lease_seconds=60)
        assert claim is not None
        begin(store, claim)
        publish_number(store, claim, Number(value, clock.now(), partial=partial), now=clock.now())
        compose(store, now=clock.now())

    return publish


def behind(
    store: Store, clock: ManualClock, key: str = "a-1", *, days: Days | None = None
) -> list[tuple[str, float]]:
    """The history that judgement is given: days and hours since the start, and values."""
    with assessing(store, now=clock.now(), days=days) as work:
        history = work.candidates[key].evidence.history
    return [(shown(at), value) for at, value in history]


def shown(at: datetime) -> str:
    """A moment in the organisation's days: how many have passed, and the hour.

    >>> shown(START + timedelta(days=2, hours=1))
    '2 01:00'
    """
    days, rest = divmod(at - START, DAY)
    return f"{days} {START.replace(hour=0) + rest:%H:%M}"


@contextmanager
def statements() -> Iterator[list[str]]:
    """Everything that any connection is asked meanwhile."""
    seen: list[str] = []

    def noticed(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        seen.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", noticed)
    try:
        yield seen
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", noticed)


def test_is_the_last_value_of_each_day_in_the_timezone_of_the_key_result(
    store: Store, clock: ManualClock, in_force: InForce, say: Say
) -> None:
    in_force(
        catalogue(
            [GOODS],
            [key_result("a-1", GOODS), key_result("b-1", GOODS, timezone="UTC")],
        )
    )
    for hours, value in ((9, 1.0), (20, 2.0), (26, 3.0), (40, 4.0)):
        clock.move_to(START + timedelta(hours=hours))
        say(value)

    # midnight UTC is 16:00 in Los Angeles
    assert behind(store, clock) == [("0 20:00", 2.0), ("1 16:00", 4.0)]
    assert behind(store, clock, "b-1") == [("0 09:00", 1.0), ("1 02:00", 3.0), ("1 16:00", 4.0)]


def test_days_of_an_outage_have_no_value(
    store: Store, clock: ManualClock, in_force: InForce, say: Say
) -> None:
    in_force(catalogue([GOODS], [key_result("a-1", GOODS)]))
    for day in (0, 1, 4):
        clock.move_to(START + day * DAY)
        say(5.0)

    assert behind(store, clock) == [("0 00:00", 5.0), ("1 00:00", 5.0), ("4 00:00", 5.0)]


def test_a_day_that_only_confirmed_the_value_has_it(
    store: Store, clock: ManualClock, in_force: InForce, say: Say
) -> None:
    in_force(catalogue([GOODS], [key_result("a-1", GOODS)]))
    clock.move_to(START + timedelta(hours=23, minutes=30))
    say(5.0)
    clock.move_to(START + timedelta(hours=24, minutes=10))
    say(5.0)
    clock.move_to(START + 3 * DAY)

    assert behind(store, clock) == [("0 23:30", 5.0), ("1 00:10", 5.0)]


def test_neither_partial_readings_nor_those_without_a_value_count(
    store: Store, clock: ManualClock, in_force: InForce, say: Say
) -> None:
    in_force(catalogue([GOODS], [key_result("a-1", GOODS)]))
    say(1.0)
    for hours, value, partial in ((2, 9.0, True), (4, None, False), (26, 9.0, True)):
        clock.move_to(START + timedelta(hours=hours))
        say(value, partial=partial)

    assert behind(store, clock) == [("0 00:00", 1.0)]


def test_reaches_as_far_back_as_the_judgement_says(
    store: Store, clock: ManualClock, in_force: InForce, say: Say
) -> None:
    short = Judgement(history_seconds=timedelta(days=2).total_seconds())
    in_force(
        catalogue([GOODS], [key_result("a-1", GOODS, judgement=short), key_result("b-1", GOODS)])
    )
    for day in range(5):
        clock.move_to(START + day * DAY)
        say(float(day))

    assert behind(store, clock) == [("2 00:00", 2.0), ("3 00:00", 3.0), ("4 00:00", 4.0)]
    assert len(behind(store, clock, "b-1")) == 5


def test_a_rebuilt_past_counts_at_once(
    store: Store, clock: ManualClock, in_force: InForce, say: Say
) -> None:
    what = catalogue([GOODS], [key_result("a-1", GOODS)])
    in_force(what)
    clock.move_to(START + 3.5 * DAY)
    say(3.5)
    before = behind(store, clock)

    backfill(
        store,
        clock,
        {"prometheus": Upstream(number=lambda at: (at - START) / DAY // 0.25 * 0.25)},
        what,
        since=START,
    )

    assert before == [("3 12:00", 3.5)]
    assert behind(store, clock) == [
        ("0 23:59", 0.75),
        ("1 23:59", 1.75),
        ("2 23:59", 2.75),
        ("3 12:00", 3.5),
    ]


def test_what_is_composed_has_no_value_on_days_on_which_a_part_did_not_answer(
    store: Store, clock: ManualClock, in_force: InForce, say: Say
) -> None:
    both = combined("both", Combining.SUM, GOODS, BADS)
    in_force(catalogue([both, GOODS, BADS], [key_result("a-1", both)]))
    say(1.0)
    say(1.0, BADS)
    for hours in (12, 24, 36):
        clock.move_to(START + timedelta(hours=hours))
        say(2.0 + hours)
        claim = claim_whole(store, BADS.plan.fingerprint, now=clock.now(), lease_seconds=60)  # type: ignore[union-attr]
        assert claim is not None
        record_failure(store, claim, TimedOut("prometheus: no answer"), now=clock.now())

    assert behind(store, clock) == [("0 00:00", 2.0)]


def test_what_is_composed_of_a_number_by_hand_counts_while_that_one_does(
    store: Store, clock: ManualClock, in_force: InForce, say: Say
) -> None:
    given = by_hand("given", stale_after=timedelta(days=2))
    both = combined("both", Combining.SUM, GOODS, given)
    in_force(catalogue([both, GOODS, given], [key_result("a-1", both)]))
    record_manual(store, "given", 10.0, note=None, by="Ada", at=START, now=START)
    for day in range(4):
        clock.move_to(START + day * DAY)
        say(float(day))

    assert behind(store, clock) == [("0 00:00", 10.0), ("1 00:00", 11.0)]


def test_is_asked_for_once_however_many_key_results_there_are(
    store: Store, clock: ManualClock, in_force: InForce
) -> None:
    many = [numbered(f"n{n}", query=f"q{n}") for n in range(12)]
    seen = []
    for count in (1, 12):
        in_force(catalogue(many, [key_result(f"a-{n}", many[n]) for n in range(count)]))
        with statements() as asked:
            behind(store, clock, "a-0")
        seen.append(len([one for one in asked if "said" in one]))

    assert seen == [1, 1]


def test_is_read_again_only_when_something_was_written(
    store: Store, clock: ManualClock, in_force: InForce, say: Say
) -> None:
    given = by_hand("given")
    in_force(catalogue([GOODS, given], [key_result("a-1", GOODS), key_result("b-1", given)]))
    days, read = Days(), []
    say(1.0)
    record_manual(store, "given", 10.0, note=None, by="Ada", at=clock.now(), now=clock.now())

    def look() -> dict[str, list[tuple[str, float]]]:
        with statements() as asked:
            found = {key: behind(store, clock, key, days=days) for key in ("a-1", "b-1")}
        read.append(len([one for one in asked if "said" in one]))
        return found

    look()
    clock.advance(minutes=5)
    say(1.0)
    look()
    clock.advance(hours=30)
    say(2.0)
    record_manual(store, "given", 7.0, note=None, by="Ada", at=START + DAY, now=clock.now())
    look()
    record_manual(store, "given", 4.0, note=None, by="Ada", at=START + DAY / 2, now=clock.now())

    assert look() == {
        "a-1": [("0 00:00", 1.0), ("1 06:05", 2.0)],
        "b-1": [("0 12:00", 4.0), ("1 00:00", 7.0)],
    }
    # a number that a person gives counts for longer than one that is measured: each is asked for
    assert read == [2, 0, 2, 1]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_and_gone_on_with_is_what_is_read_anew(
    store: Store, clock: ManualClock, in_force: InForce, say: Say, seed: int
) -> None:
    rng, given, days = random.Random(seed), by_hand("given"), Days()
    short = Judgement(history_seconds=5 * 86_400)
    in_force(
        catalogue(
            [GOODS, BADS, given],
            [
                key_result("a-1", GOODS),
                key_result("b-1", given, judgement=short),
                key_result("c-1", BADS, timezone="Pacific/Auckland"),
            ],
        )
    )

    for step in range(40):
        clock.advance(hours=rng.choice((0.1, 1, 7, 25, 60)))
        for of in rng.sample([GOODS, BADS], rng.randrange(3)):
            say(rng.choice((None, 1.0, float(step))), of, partial=rng.random() < 0.2)
        if rng.random() < 0.3:
            at = clock.now() - timedelta(hours=rng.choice((0, 3, 50)))
            record_manual(
                store, "given", float(step), note=None, by="Ada", at=max(at, START), now=clock.now()
            )
        for key in ("a-1", "b-1", "c-1"):
            kept, anew = (behind(store, clock, key, days=each) for each in (days, Days()))
            assert kept == anew
