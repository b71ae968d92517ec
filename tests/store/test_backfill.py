"""Rebuilding the past: what was so is written down, what was told stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.base import Aggregation, Forbidden, Number
from syncd.backfill import Backfilled, Progress, backfill, moments
from syncd.clock import ManualClock
from syncd.model import Catalogue, Combining, Ending, Indicator, Plausible, Target, TargetType
from syncd.run import Work, run
from syncd.store import read
from syncd.store.claims import claim_whole
from syncd.store.engine import Store
from syncd.store.manual import record_manual
from syncd.store.schema import backfills, readings, scopes
from tests.store.catalogues import (
    START,
    by_hand,
    catalogue,
    combined,
    covering,
    holds,
    key_result,
    keyed,
    numbered,
    scanned,
)
from tests.store.state import assess_all
from tests.store.upstream import Upstream

InForce = Callable[[Catalogue], None]

DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
NOW = START + 29.5 * DAY
ACTIVE = keyed("active", scope="clusters")
BOARD = keyed("board", scope="tickets", source="jira")
COVERED = covering("covered", ACTIVE, BOARD)
GOODS = numbered("goods")
LOWEST = combined("lowest", Combining.MINIMUM, COVERED, GOODS)
DEVICES = scanned("devices", scope="clusters", how=Aggregation.COUNT, judge="complete")
ALL = catalogue(
    [ACTIVE, BOARD, COVERED, GOODS, LOWEST],
    [key_result("a-1", ACTIVE, target=Target(TargetType.INCREASE, goal=60.0))],
)


def wanting(goal: float) -> Catalogue:
    target = Target(TargetType.INCREASE, goal=goal)
    return catalogue(list(ALL.indicators.values()), [key_result("a-1", ACTIVE, target=target)])


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def upstream() -> Upstream:
    """Each day a cluster came, and two days later its ticket; the number grew with the days."""
    days = [START + n * DAY for n in range(30)]
    return Upstream(
        timelines={
            "clusters": [holds(f"c{n}", f"k{n}", since=day) for n, day in enumerate(days)],
            "tickets": [
                holds(f"t{n}", f"k{n}", since=day + 2 * DAY) for n, day in enumerate(days[:-2])
            ],
        },
        number=lambda at: (at - START) / DAY,
    )


Rebuild = Callable[..., dict[str, Backfilled]]


@pytest.fixture
def rebuild(store: Store, clock: ManualClock, upstream: Upstream, in_force: InForce) -> Rebuild:
    """Backfills a catalogue (by default all of the above) since the quarter's start."""

    def do(what: Catalogue = ALL, **options: Any) -> dict[str, Backfilled]:
        in_force(what)
        sessions = dict.fromkeys(("netbox", "jira", "prometheus"), upstream)
        done = backfill(store, clock, sessions, what, **{"since": START, **options})
        return {one.name: one for one in done}

    return do


def measure(store: Store, clock: ManualClock, upstream: Upstream, what: Catalogue) -> None:
    """A usual run over every scope."""
    work = Work.of(what)
    for fingerprint in (*work.scans, *work.numbers):
        claim = claim_whole(store, fingerprint, now=clock.now(), lease_seconds=60)
        assert claim is not None
        run(store, clock, upstream, claim, work, deadline=1e18)


def told(store: Store, indicator: Indicator) -> list[tuple[datetime, float | None, str]]:
    with store.read() as connection:
        return [
            (row.at, row.value, row.origin)
            for row in connection.execute(
                sa.select(readings)
                .where(readings.c.indicator == indicator.fingerprint)
                .order_by(readings.c.at)
            )
        ]


def values(store: Store, indicator: Indicator) -> list[float | None]:
    return [value for _, value, origin in told(store, indicator) if origin == "backfill"]


class TestMoments:
    def test_whole_days_end_with_their_last_moment_in_the_timezone(self) -> None:
        found = list(
            moments(
                datetime.fromisoformat("2026-03-06T08:00Z"),
                datetime.fromisoformat("2026-03-09T12:00Z"),
                DAY,
                "America/Los_Angeles",
                now=NOW,
            )
        )

        assert [one.isoformat() for one in found] == [
            "2026-03-07T07:59:59.999999+00:00",
            "2026-03-08T07:59:59.999999+00:00",
            "2026-03-09T06:59:59.999999+00:00",  # clocks went forward
        ]

    def test_a_week_ends_with_its_last_day(self) -> None:
        found = list(moments(START, START + 20 * DAY, 7 * DAY, "UTC", now=NOW))

        assert [one.date().isoformat() for one in found] == ["2026-01-07", "2026-01-14"]

    def test_shorter_steps_count_from_the_beginning(self) -> None:
        found = list(moments(START, START + DAY, DAY / 4, "UTC", now=NOW))

        assert found == [START + n * DAY / 4 for n in range(5)]

    def test_now_is_one_of_them_where_it_is_the_end(self) -> None:
        found = list(moments(START, NOW, 7 * DAY, "UTC", now=NOW))

        assert found[-1] == NOW


class TestAScan:
    def test_is_rebuilt_from_one_history(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        found = rebuild(catalogue([ACTIVE], []))["active"]

        assert upstream.histories == [START]
        # a day's cluster comes at 8:00 UTC, which is the first moment of the day in Los Angeles
        assert values(store, ACTIVE) == [float(n) for n in range(1, 30)]
        assert found.written == 29
        assert found.begins_at == START + DAY - timedelta(microseconds=1)
        assert found.untold == ()

    def test_is_not_read_again_where_its_past_is_known(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        rebuild(catalogue([ACTIVE], []))

        found = rebuild(catalogue([ACTIVE], []))["active"]

        assert upstream.histories == [START]
        assert found.written == 0

    def test_that_tells_the_past_of_what_is_there_is_read_once_for_what_is_not_any_more(
        self,
        store: Store,
        clock: ManualClock,
        upstream: Upstream,
        in_force: InForce,
        rebuild: Rebuild,
    ) -> None:
        telling = keyed("active", scope="clusters", retrospective=True)
        what = catalogue([telling], [])
        in_force(what)
        measure(store, clock, upstream, what)
        gone = holds("gone", "g", since=START, until=START + 10 * DAY)
        upstream.timelines["clusters"].append(gone)
        upstream.untold = ("What was moved is missing.",)

        once, again = rebuild(what)["active"], rebuild(what)["active"]

        assert upstream.histories == [START]
        assert values(store, telling) == [n + (n <= 10) for n in map(float, range(1, 30))]
        assert once.untold[0] == again.untold[0] == "What was moved is missing."
        assert again.written == 0

    def test_says_what_could_not_be_rebuilt_and_leaves_it_empty(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        upstream.untold = ("The change log begins on 11 January.",)
        upstream.timelines["clusters"] = upstream.timelines["clusters"][10:]

        found = rebuild(catalogue([ACTIVE], []))["active"]

        assert values(store, ACTIVE)[0] == 1.0
        assert len(values(store, ACTIVE)) == 19
        assert found.untold == (
            "The change log begins on 11 January.",
            "Nothing is known of 10 of 30 moments.",
        )

    def test_that_cannot_be_read_is_told_and_stops_nobody_else(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        upstream.fails = Forbidden("netbox: GET /api/: no")
        told_by_hand = by_hand("said")

        found = rebuild(catalogue([ACTIVE, GOODS, told_by_hand], []))

        assert found["active"].error == "netbox: GET /api/: no"
        assert found["goods"].error == "netbox: GET /api/: no"
        assert found["said"].error is None
        with store.read() as connection:
            rows = connection.execute(sa.select(scopes.c.failures, scopes.c.lease_token)).all()
        assert {tuple(row) for row in rows} == {(0, None)}, "it is no failure of the measurement"

    def test_waits_for_who_reads_its_scope(
        self, store: Store, clock: ManualClock, in_force: InForce, rebuild: Rebuild
    ) -> None:
        in_force(catalogue([ACTIVE], []))
        plan = ACTIVE.plan
        other = claim_whole(
            store,
            plan.scope.fingerprint,  # type: ignore[union-attr]
            now=clock.now(),
            lease_seconds=5,
        )
        assert other is not None
        waits: list[float] = []

        def wait(seconds: float) -> None:
            waits.append(seconds)
            clock.advance(seconds=seconds)

        found = rebuild(catalogue([ACTIVE], []), wait=wait)["active"]

        assert sum(waits) == 5
        assert found.written == 29

    def test_gives_up_on_who_reads_its_scope_for_ever(
        self, store: Store, clock: ManualClock, in_force: InForce, rebuild: Rebuild
    ) -> None:
        in_force(catalogue([ACTIVE], []))
        plan = ACTIVE.plan
        claim_whole(
            store,
            plan.scope.fingerprint,  # type: ignore[union-attr]
            now=clock.now(),
            lease_seconds=9_999,
        )

        found = rebuild(catalogue([ACTIVE], []), wait=lambda _: None, run_seconds=3.0)["active"]

        assert found.error is not None
        assert "somebody else reads it" in found.error


class TestANumber:
    def test_is_asked_for_at_past_moments(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        found = rebuild(catalogue([GOODS], []))["goods"]

        assert [round(value or 0) for value in values(store, GOODS)] == list(range(1, 31))
        assert len(upstream.asked) == 1
        assert found.written == 30

    def test_is_left_empty_where_the_source_has_nothing(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        upstream.number = lambda at: None if at < START + 20 * DAY else 1.0

        found = rebuild(catalogue([GOODS], []))["goods"]

        assert len(values(store, GOODS)) == 10
        assert found.untold == ("Nothing is known of 20 of 30 moments.",)

    def test_says_why_the_first_of_them_is_not_known(
        self, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        def number(at: datetime) -> Number:
            if at < START + 5 * DAY:
                return Number(None, at, raw={"words": [f"kept since {START + 5 * DAY:%d %b}"]})
            return Number(1.0, at, partial=at < START + 6 * DAY, raw={"words": ["only in part"]})

        upstream.told = number

        found = rebuild(catalogue([GOODS], []))["goods"]

        assert found.untold == ("kept since 06 Jan", "Nothing is known of 6 of 30 moments.")

    def test_leaves_out_what_is_not_believed_and_says_so(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        upstream.number = lambda at: 900.0 if at < START + 5 * DAY else 1.0
        limited = replace(GOODS, plausible=Plausible(high=100))

        found = rebuild(catalogue([limited], []))["goods"]

        assert set(values(store, GOODS)) == {1.0}
        assert found.untold[0] == "Not believed: 900, at most 100 is plausible."

    def test_leaves_out_the_time_in_which_a_number_was_not_believed(
        self,
        store: Store,
        clock: ManualClock,
        upstream: Upstream,
        in_force: InForce,
        rebuild: Rebuild,
    ) -> None:
        limited = replace(GOODS, plausible=Plausible(step=1, confirm=9))
        what = catalogue([limited], [])
        in_force(what)
        begun = clock.now()
        upstream.number = lambda at: 7.0 if begun + 2 * DAY <= at < begun + 4 * DAY else 1.0
        for _ in range(4):
            clock.advance(days=1)
            measure(store, clock, upstream, what)

        rebuild(what)

        assert set(values(store, limited)) == {1.0}


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


class TestCut:
    @pytest.mark.parametrize("after", [1, 2, 3, 4, 5])
    def test_it_goes_on_where_it_was(
        self, store: Store, upstream: Upstream, rebuild: Rebuild, after: int
    ) -> None:
        calls = 0

        def killed(progress: object) -> None:
            nonlocal calls
            calls += 1
            if calls == after:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            rebuild(progress=killed)
        rebuild()

        assert len(upstream.histories) == 2, "one for each scope, and none again"
        assert values(store, ACTIVE) == [float(n) for n in range(1, 30)]
        assert len(values(store, COVERED)) == 29
        assert len(values(store, GOODS)) == 30
        with store.read() as connection:
            finished = connection.execute(sa.select(backfills.c.finished_at)).scalars().all()
        assert len(finished) == 5
        assert None not in finished

    def test_it_asks_a_source_only_for_what_is_left(
        self, store: Store, upstream: Upstream, rebuild: Rebuild
    ) -> None:
        calls = 0

        def killed(progress: object) -> None:
            nonlocal calls
            calls += 1
            if calls == 2:
                raise KeyboardInterrupt

        what = catalogue([GOODS], [])
        with pytest.raises(KeyboardInterrupt):
            rebuild(what, progress=killed)

        rebuild(what)

        assert [len(asked) for asked in upstream.asked] == [30, 10]

    def test_done_twice_it_writes_nothing_twice(self, store: Store, rebuild: Rebuild) -> None:
        rebuild()
        before = {name: told(store, one) for name, one in [("a", ACTIVE), ("l", LOWEST)]}

        again = rebuild()

        assert {one.written for one in again.values()} == {0}
        assert {name: told(store, one) for name, one in [("a", ACTIVE), ("l", LOWEST)]} == before

    def test_progress_is_told_up_to_the_end(self, rebuild: Rebuild) -> None:
        seen: list[Progress] = []

        rebuild(catalogue([GOODS], []), progress=seen.append)

        assert [(one.indicator, one.done, one.total) for one in seen] == [
            ("goods", 0, 30),
            ("goods", 20, 30),
            ("goods", 30, 30),
        ]


class TestRefusals:
    def test_a_beginning_that_has_not_come(self, rebuild: Rebuild) -> None:
        with pytest.raises(ValueError, match="since: got"):
            rebuild(since=NOW)

    def test_an_end_that_has_not_come(self, rebuild: Rebuild) -> None:
        with pytest.raises(ValueError, match="until: got"):
            rebuild(until=NOW + DAY)

    def test_a_step_that_is_none(self, rebuild: Rebuild) -> None:
        with pytest.raises(ValueError, match="at least a minute"):
            rebuild(step=timedelta())

    def test_an_indicator_that_there_is_not(self, rebuild: Rebuild) -> None:
        with pytest.raises(ValueError, match="nobody"):
            rebuild(only=["nobody"])
