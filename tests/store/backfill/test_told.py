"""The past of what is composed, and what was told of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.clock import ManualClock
from syncd.model import Catalogue, Combining, Ending, Target, TargetType
from syncd.store import read
from syncd.store.engine import Store
from syncd.store.manual import record_manual
from tests.store.backfill.world import (
    ACTIVE,
    ALL,
    COVERED,
    DAY,
    GOODS,
    LOWEST,
    NOW,
    InForce,
    Rebuild,
    measure,
    told,
    values,
)
from tests.store.catalogues import START, by_hand, catalogue, combined, key_result
from tests.store.state import assess_all
from tests.store.upstream import Upstream

INSTANT = timedelta(microseconds=1)


def wanting(goal: float) -> Catalogue:
    target = Target(TargetType.INCREASE, goal=goal)
    return catalogue(list(ALL.indicators.values()), [key_result("a-1", ACTIVE, target=target)])


class TestWhatIsComposed:
    def test_is_made_of_its_parts_as_they_were(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        rebuild()

        # of n clusters the first n - 2 have a ticket
        shares = [max(0, n - 2) / n for n in range(1, 30)]
        assert values(store, COVERED) == pytest.approx(shares)
        # the number is always larger; of now it is known only by the backfill
        assert values(store, LOWEST) == pytest.approx([*shares, 28 / 30])

    def test_brings_its_parts_with_it(self, rebuild: Rebuild) -> None:
        found = rebuild(only=[LOWEST.fingerprint])

        assert set(found) == {"active", "board", "covered", "goods", "lowest"}

    def test_is_left_empty_where_a_part_is_not_known(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        upstream.number = lambda at: None if at < START + 20 * DAY else 1.0

        rebuild()

        assert len(values(store, LOWEST)) == 10

    def test_takes_numbers_of_people_as_long_as_they_are_fresh(
        self, store: Store, clock: ManualClock, in_force: InForce, rebuild: Rebuild
    ) -> None:
        said = by_hand("said", stale_after=timedelta(days=5))
        total = combined("total", Combining.SUM, GOODS, said)
        what = catalogue([GOODS, said, total], [])
        in_force(what)
        record_manual(store, "said", 100.0, note=None, by="x", at=START + 10 * DAY, now=clock.now())

        rebuild(what)

        assert [round(value or 0) for value in values(store, total)] == [111, 112, 113, 114, 115]


class TestWhatWasTold:
    def test_is_never_replaced_and_nothing_is_written_near_it(
        self,
        store: Store,
        clock: ManualClock,
        upstream: Upstream,
        in_force: InForce,
        rebuild: Rebuild,
    ) -> None:
        what = catalogue([GOODS], [])
        in_force(what)
        before = upstream.number
        upstream.number = lambda _: 1000.0
        measure(store, clock, upstream, what)
        upstream.number = before

        rebuild(what)

        assert told(store, GOODS)[-1] == (NOW, 1000.0, "live")
        assert NOW - told(store, GOODS)[-2][0] > DAY / 2

    def test_stays_the_newest(
        self,
        store: Store,
        clock: ManualClock,
        upstream: Upstream,
        in_force: InForce,
        rebuild: Rebuild,
    ) -> None:
        what = catalogue([GOODS], [])
        in_force(what)
        measure(store, clock, upstream, what)
        with store.read() as connection:
            (before,) = read.indicator_views(connection)

        rebuild(what)

        with store.read() as connection:
            (after,) = read.indicator_views(connection)
        assert after.reading == before.reading

    def test_a_target_begins_with_the_first_reading_that_is_known_now(
        self,
        store: Store,
        clock: ManualClock,
        upstream: Upstream,
        in_force: InForce,
        rebuild: Rebuild,
    ) -> None:
        in_force(ALL)
        measure(store, clock, upstream, ALL)
        assess_all(store, clock)
        rebuild()

        assess_all(store, clock)

        with store.read() as connection:
            (view,) = read.key_result_views(connection)
        assert view.assessment is not None
        assert view.assessment.start == 1.0
        assert view.assessment.value == 30.0

    def test_the_course_of_a_key_result_shows_the_quarter(
        self,
        store: Store,
        clock: ManualClock,
        upstream: Upstream,
        in_force: InForce,
        rebuild: Rebuild,
    ) -> None:
        in_force(ALL)
        measure(store, clock, upstream, ALL)
        rebuild()
        assess_all(store, clock)

        with store.read() as connection:
            course = read.history(connection, "a-1")

        assert [point.value for point in course] == [float(n) for n in range(1, 31)]
        assert [point.at for point in course] == sorted(point.at for point in course)
        assert [point.rebuilt for point in course] == [True] * 29 + [False]
        assert course[0].progress == 0.0
        assert course[28].progress == pytest.approx(28 / 59)
        assert course[28].expected is not None

    def test_the_course_before_an_edit_is_judged_by_the_definition_of_its_day(
        self, store: Store, clock: ManualClock, in_force: InForce, rebuild: Rebuild
    ) -> None:
        in_force(wanting(120.0))
        clock.advance(days=1)
        in_force(wanting(60.0))
        clock.advance(days=2)
        rebuild(wanting(60.0))

        with store.read() as connection:
            course = read.history(connection, "a-1")

        before, after = course[28], course[30]
        assert (before.at, after.at) == (START + 29 * DAY - INSTANT, START + 31 * DAY - INSTANT)
        assert before.progress == pytest.approx(28 / 119)
        assert before.expected == pytest.approx(29 / 90, abs=0.001)
        assert after.progress == pytest.approx(29 / 59)
        # on the day of the edit the line stood at a third of the way to 120: two of three to 60
        stood = 119 / 3 / 59
        assert after.expected == pytest.approx(stood + (1 - stood) / 60, abs=0.001)

    def test_the_course_of_what_was_given_up_expects_nothing_from_that_day(
        self, store: Store, in_force: InForce, rebuild: Rebuild
    ) -> None:
        ended = key_result(
            "a-1",
            ACTIVE,
            target=Target(TargetType.INCREASE, goal=60.0),
            ending=Ending(START + 20 * DAY, "nobody needs it"),
        )
        rebuild(catalogue(list(ALL.indicators.values()), [ended]))

        with store.read() as connection:
            course = read.history(connection, "a-1")

        told = [(one.status, one.expected is None) for one in course if one.at.hour == 7]
        assert told[:19] == [(status, False) for status, _ in told[:19]]
        assert set(told[20:]) == {("abandoned", True)}
