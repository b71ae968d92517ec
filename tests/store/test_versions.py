"""Every definition of a key result is kept, and those that bend its line reach judgement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from syncd.clock import ManualClock
from syncd.model import Catalogue, Former, KeyResult, Objective, Target, TargetType
from syncd.store.assessing import assessing
from syncd.store.engine import Store
from syncd.store.periods import objectives, periods_in_force
from syncd.store.schema import key_result_versions, period_versions
from syncd.store.versions import Version, former_of
from tests.store.catalogues import DUE, START, catalogue, key_result, numbered

InForce = Callable[[Catalogue], None]

DAY = timedelta(days=1)
GOODS = numbered("goods")
ZONE = ZoneInfo("America/Los_Angeles")


def wanting(goal: float, **more: object) -> KeyResult:
    return key_result("a-1", GOODS, target=Target(TargetType.AT_LEAST, goal=goal), **more)


def former(store: Store, clock: ManualClock) -> list[tuple[datetime, float | None]]:
    """The earlier definitions that judgement is given: until when, and what they wanted."""
    with assessing(store, now=clock.now()) as work:
        found = work.candidates["a-1"].evidence.former
    return [(one.until, one.key_result.target.goal) for one in found if one.key_result.target]


def versions(store: Store) -> list[tuple[datetime, bool, str]]:
    with store.read() as connection:
        rows = connection.execute(sa.select(key_result_versions).order_by(key_result_versions.c.id))
        return [(row.recorded_at, row.active, row.definition["title"]) for row in rows]


class TestAnEdit:
    def test_of_the_target_holds_from_the_beginning_of_its_day(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        in_force(catalogue([GOODS], [wanting(10.0)]))
        clock.move_to(START + 10.6 * DAY)
        in_force(catalogue([GOODS], [wanting(20.0)]))
        clock.move_to(START + 20 * DAY)
        in_force(catalogue([GOODS], [wanting(30.0)]))

        assert former(store, clock) == [(START + 10 * DAY, 10.0), (START + 20 * DAY, 20.0)]

    def test_of_the_words_alone_is_kept_and_bends_no_line(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        in_force(catalogue([GOODS], [wanting(10.0)]))
        clock.advance(days=3)
        in_force(catalogue([GOODS], [wanting(10.0, title="Better words")]))

        assert former(store, clock) == []
        assert versions(store) == [
            (START, True, "Title of a-1"),
            (START + 3 * DAY, True, "Better words"),
        ]

    def test_that_is_none_adds_nothing(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        in_force(catalogue([GOODS], [wanting(10.0)]))
        clock.advance(days=3)
        in_force(catalogue([GOODS], [wanting(10.0)]))

        assert len(versions(store)) == 1

    def test_that_takes_it_out_and_one_that_brings_it_back_are_kept(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        for edited in ([wanting(10.0)], [], [], [wanting(20.0)]):
            in_force(catalogue([GOODS], edited))
            clock.advance(days=1)

        assert [(at, active) for at, active, _ in versions(store)] == [
            (START, True),
            (START + DAY, False),
            (START + 3 * DAY, True),
        ]
        assert former(store, clock) == [(START + 3 * DAY, 10.0)]


def defined(*edits: tuple[float, float]) -> list[Version]:
    """Versions: days since the start, and the goal that is wanted from then on."""
    return [Version(START + days * DAY, wanting(goal)) for days, goal in edits]


def shown(found: tuple[Former, ...]) -> list[tuple[float, float | None]]:
    return [((one.until - START) / DAY, one.key_result.target.goal) for one in found]  # type: ignore[union-attr]


class TestEarlierDefinitions:
    def test_that_lived_within_one_day_are_left_out(self) -> None:
        found = former_of(wanting(4.0), defined((0, 1.0), (5.1, 2.0), (5.9, 3.0), (7, 4.0)))

        assert shown(found) == [(5, 1.0), (7, 3.0)]

    def test_that_were_taken_back_on_their_day_leave_no_trace(self) -> None:
        assert former_of(wanting(1.0), defined((0, 1.0), (5.1, 2.0), (5.9, 1.0))) == ()

    def test_that_ended_before_the_start_are_left_out(self) -> None:
        later = replace(wanting(3.0), start=START + 6 * DAY)

        assert shown(former_of(later, defined((0, 1.0), (5.5, 2.0), (8, 3.0)))) == [(8, 2.0)]

    @given(
        st.lists(
            st.tuples(st.floats(0, 60), st.sampled_from([1.0, 2.0, 3.0])), min_size=1, max_size=12
        )
    )
    def test_follow_each_other_and_differ_from_what_followed(
        self, edits: list[tuple[float, float]]
    ) -> None:
        ordered = defined(*sorted(edits, key=lambda one: one[0]))
        present = ordered[-1].key_result

        found = former_of(present, ordered)

        chain = [*(one.key_result for one in found), present]
        assert all(a.until < b.until for a, b in pairwise(found))
        assert all(a.line_fingerprint != b.line_fingerprint for a, b in pairwise(chain))
        for one in found:
            assert one.until.astimezone(ZONE).hour == 0
            assert one.until.astimezone(ZONE).date() in {
                version.recorded_at.astimezone(ZONE).date() for version in ordered
            }

    @given(st.lists(st.floats(0, 89), min_size=1, max_size=12, unique=True))
    def test_are_what_stood_at_the_end_of_each_day_before(self, edits: list[float]) -> None:
        ordered = defined(*((days, float(n)) for n, days in enumerate(sorted(edits))))
        present = ordered[-1].key_result
        found = former_of(present, ordered)

        for day in range(90):
            # whole days in the wall-clock time of the place
            ends = (START.astimezone(ZONE) + (day + 1) * DAY).astimezone(UTC)
            stood = [one.key_result for one in ordered if one.recorded_at < ends]
            told = next((one.key_result for one in found if ends <= one.until), present)
            assert not stood or told.line_fingerprint == stood[-1].line_fingerprint


def with_objectives(
    *found: Objective, period: str = "", starts: datetime | None = None
) -> Catalogue:
    return replace(
        catalogue([GOODS], [wanting(10.0)], period=period),
        objectives={one.id: one for one in found},
        starts=starts,
        ends=DUE,
    )


class TestObjectives:
    def test_are_those_of_the_mapping_files_in_force_in_their_order(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        second = Objective("a-o2", "Second", "a", weight=2.0, joint_team="b", joint_id="b-o1")
        first = Objective("a-o1", "First", "a", accountable=("Ada",))
        in_force(with_objectives(first))
        clock.advance(days=1)
        in_force(with_objectives(second, first))

        with store.read() as connection:
            assert objectives(connection) == [second, first]

    def test_of_every_load_are_kept_where_they_differ(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        for title in ("First", "First", "Better"):
            in_force(with_objectives(Objective("a-o1", title, "a")))
            clock.advance(days=1)

        with store.read() as connection:
            kept = connection.execute(sa.select(period_versions).order_by(period_versions.c.id))
            found = [(row.recorded_at, row.definition["objectives"][0]["title"]) for row in kept]
        assert found == [(START, "First"), (START + 2 * DAY, "Better")]

    def test_come_with_the_days_of_their_period(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        in_force(with_objectives(period="2026-Q1", starts=datetime(2026, 1, 1, tzinfo=UTC)))

        with store.read() as connection:
            (found,) = periods_in_force(connection)
        assert (found.id, found.starts, found.ends) == (
            "2026-Q1",
            datetime(2026, 1, 1, tzinfo=UTC),
            DUE,
        )
        assert found.teams == {"a": "A"}
