"""What was known at a moment of the past is what was told at that moment, whatever came later."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Number
from syncd.clock import ManualClock
from syncd.intake.adjusting import GivenAdjustment, adjust, withdraw
from syncd.intake.closing import close_period
from syncd.intake.texts import Refused, Unknown
from syncd.judging import judge_due
from syncd.model import (
    Catalogue,
    Checkpoint,
    Ending,
    External,
    ExternalState,
    Objective,
    Origin,
    Target,
    TargetType,
)
from syncd.store.catalogue import put_in_force
from syncd.store.claims import claim_due
from syncd.store.engine import Store
from syncd.store.externals import record_state
from syncd.store.manual import record_manual
from syncd.store.periods import choose
from syncd.store.publish import begin, publish_number
from syncd.store.readings import Content, insert_reading
from syncd.store.schema import assessments, counters, metadata
from syncd.store.told import key_known, known_since, periods_known
from syncd.surfaces.asked import Asked, asked
from syncd.surfaces.detail import key_result_detail
from syncd.surfaces.documents import key_result_list
from syncd.surfaces.people import adjustment_list, external_list
from syncd.surfaces.rollups import rollup_list
from tests.store.catalogues import START, by_hand, catalogue, key_result, numbered

GOODS, OTHER, GIVEN = numbered("goods"), numbered("other", query="other"), by_hand("given")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DUE = START + 30 * DAY
NOT_KEPT = ("observed_at", "assessed_at", "forecast", "forecast_text", "error", "failing_since")
"""Of these only what was told with something else is kept."""


@dataclass
class Quarter:
    """A store that is driven, and what its readers were told at each step."""

    store: Store
    clock: ManualClock
    goal: float = 10.0
    title: str = "Goods"
    second: bool = True
    given_up: datetime | None = None
    seen: dict[datetime, Any] = field(default_factory=dict)

    def catalogue(self) -> Catalogue:
        """The mapping files as they are at present."""
        target = Target(TargetType.AT_LEAST, goal=self.goal)
        ending = None if self.given_up is None else Ending(self.given_up, "not worth it")
        krs = [
            key_result(
                "a-1",
                GOODS,
                target=target,
                due=DUE,
                title=self.title,
                checkpoints=(Checkpoint(START + 10 * DAY, self.goal / 2),),
                needs=("b-1", "external:vendor") if self.second else ("external:vendor",),
            ),
            key_result("a-2", GIVEN, target=Target(TargetType.INCREASE, goal=9.0), due=DUE),
            key_result("c-1", OTHER, target=target, due=DUE, ending=ending),
        ]
        if self.second:
            krs.append(key_result("b-1", OTHER, target=target, due=DUE - 5 * DAY))
        externals = [External("vendor", f"Vendor of {self.title}", due=DUE - DAY)]
        return catalogue(
            [GOODS, OTHER, GIVEN],
            krs,
            externals,
            period="2026-Q1",
            starts=START,
            ends=DUE,
            objectives=[Objective("a", f"Of {self.title}", "a")],
        )

    def put(self) -> None:
        """Puts the mapping files in force."""
        put_in_force(
            self.store,
            self.catalogue(),
            interval_of=lambda _: 300.0,
            link_of=lambda _: None,
            now=self.clock.now(),
        )

    def read(self, value: float) -> None:
        """Every query that is due answers with a value."""
        now = self.clock.now()
        claims = claim_due(
            self.store,
            now=now,
            room={"prometheus": 10},
            lease_seconds=60,
            full_every_seconds=86_400,
        )
        for one in claims:
            begin(self.store, one)
            publish_number(self.store, one, Number(value, now), now=now)

    def look(self) -> None:
        """Judges all that is due, and remembers what a reader is told."""
        now = self.clock.now()
        while judge_due(self.store, now=now):
            pass
        self.seen[now] = shown(self.store, now)


def shown(store: Store, now: datetime, at: datetime | None = None) -> dict[str, Any]:
    """All that readers are told of a quarter, now or as of `at`."""
    question = Asked(at)
    with store.read() as connection:
        chosen = choose(periods_known(connection, at), None, at or now)
        periods = [one.period.id for one in chosen]
        return {
            "periods": [(one.period.title, one.closed) for one in chosen],
            "key_results": [
                {name: value for name, value in one.items() if name not in NOT_KEPT}
                for one in key_result_list(connection, periods, question)
            ],
            "rollups": rollup_list(connection, chosen, question),
            "externals": external_list(connection, at),
            "adjustments": adjustment_list(connection, now=at or now, told_by=at),
        }


def edit(quarter: Quarter, goal: float) -> None:
    quarter.goal, quarter.title = goal, f"Goods, {goal:g} of them"
    quarter.put()


def second(quarter: Quarter, present: bool) -> None:
    quarter.second = present
    quarter.put()


def give_up(quarter: Quarter, really: bool) -> None:
    quarter.given_up = quarter.clock.now() - HOUR if really else None
    quarter.put()


def say(quarter: Quarter, kind: str) -> None:
    until = (quarter.clock.now() + 3 * DAY).date().isoformat()
    status = "off_track" if kind == "override" else None
    words = GivenAdjustment(kind, "so it is", "Ada", None if kind == "note" else until, status)
    try:
        adjust(quarter.store, "a-1", words, now=quarter.clock.now())
    except Refused:
        assert quarter.clock.now() > DUE, "only after its due day"


def take_back(quarter: Quarter, which: int) -> None:
    # there may be none of that number, or it is over
    with contextlib.suppress(Refused, Unknown):
        withdraw(quarter.store, str(which), by="Bob", reason="it is not", now=quarter.clock.now())


def outside(quarter: Quarter, state: ExternalState, late: timedelta) -> None:
    now = quarter.clock.now()
    record_state(
        quarter.store,
        "vendor",
        state,
        note="they say",
        by="Ada",
        at=now - late,
        now=now,
        timezone="UTC",
    )


def set_number(quarter: Quarter, value: float, late: timedelta) -> None:
    now = quarter.clock.now()
    record_manual(quarter.store, "given", value, note=None, by="Ada", at=now - late, now=now)


def rebuild(quarter: Quarter, value: float) -> None:
    """A reading of long ago is written down now, as a backfill does."""
    now = quarter.clock.now()
    with quarter.store.write() as connection:
        at = START - DAY
        insert_reading(
            connection,
            GOODS.fingerprint,
            Content(value),
            observed_at=at,
            at=at,
            recorded_at=now,
            origin=Origin.BACKFILL,
        )


VALUES = st.integers(0, 12).map(float)
LATE = st.sampled_from([timedelta(0), DAY, 6 * DAY])
STEP = st.one_of(
    st.tuples(st.just(Quarter.read), VALUES),
    st.tuples(st.just(edit), st.sampled_from([5.0, 10.0, 20.0])),
    st.tuples(st.just(second), st.booleans()),
    st.tuples(st.just(give_up), st.booleans()),
    st.tuples(st.just(say), st.sampled_from(["note", "pause", "override"])),
    st.tuples(st.just(take_back), st.integers(1, 3)),
    st.tuples(st.just(outside), st.sampled_from(list(ExternalState)), LATE),
    st.tuples(st.just(set_number), VALUES, LATE),
    st.tuples(st.just(rebuild), VALUES),
)
HOURS = st.integers(1, 60)


@pytest.fixture
def quarter(store: Store, clock: ManualClock) -> Quarter:
    return Quarter(store, clock)


def begun(store: Store) -> Quarter:
    """A quarter from its first day on, in a store that holds nothing of another one."""
    with store.write() as connection:
        for table in reversed(metadata.sorted_tables):
            if table is not counters:
                connection.execute(sa.delete(table))
    found = Quarter(store, ManualClock(START))
    found.put()
    found.read(1.0)
    found.look()
    return found


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.tuples(HOURS, STEP), min_size=3, max_size=14))
def test_any_moment_is_told_as_it_was_told_then(
    store: Store, steps: list[tuple[int, tuple[Any, ...]]]
) -> None:
    quarter = begun(store)

    for hours, (act, *given_to_it) in steps:
        quarter.clock.advance(hours=hours)
        act(quarter, *given_to_it)
        quarter.look()

    now = quarter.clock.now()
    for at, told in quarter.seen.items():
        assert shown(store, now, at) == told, f"as of {at}"


class TestAKeyResult:
    def test_that_was_removed_later_is_told_with_its_title_and_target_of_then(
        self, quarter: Quarter
    ) -> None:
        quarter.put()
        quarter.read(4.0)
        quarter.look()
        before = quarter.clock.now()
        quarter.clock.advance(days=2)
        quarter.second, quarter.title, quarter.goal = False, "Other goods", 40.0
        quarter.put()
        quarter.look()

        told = shown(quarter.store, quarter.clock.now(), before)
        found = {one["id"]: one for one in told["key_results"]}

        assert found["b-1"]["status"] == "on_track"
        assert (found["a-1"]["title"], found["a-1"]["goal"]) == ("Goods", 10.0)
        with quarter.store.read() as connection:
            assert key_known(connection, "b-1", before) == "2026-Q1/b-1"
            assert key_known(connection, "b-1", quarter.clock.now()) is None

    def test_is_not_measured_yet_before_it_was_judged(self, quarter: Quarter) -> None:
        quarter.put()
        at = quarter.clock.now()
        quarter.clock.advance(hours=1)
        quarter.read(4.0)
        quarter.look()

        (first, *_) = shown(quarter.store, quarter.clock.now(), at)["key_results"]

        assert (first["status"], first["value"], first["progress"]) == ("no_data", None, None)
        assert first["reason"] == "Not measured yet."

    def test_has_the_evidence_that_was_written_down_by_then(self, quarter: Quarter) -> None:
        quarter.put()
        quarter.clock.advance(days=3)
        set_number(quarter, 2.0, DAY)
        quarter.look()
        at = quarter.clock.now()
        quarter.clock.advance(days=1)
        set_number(quarter, 7.0, 1.5 * DAY)
        quarter.look()

        with quarter.store.read() as connection:
            document = key_result_detail(
                connection, "2026-Q1/a-2", now=quarter.clock.now(), asked=Asked(at)
            )

        assert document["evidence"]["value"] == 2.0
        assert document["evidence"]["next_due_at"] is None
        assert [point["value"] for point in document["history"]] == [2.0]

    def test_of_a_period_that_was_closed_later_is_open_then_and_final_from_there_on(
        self, quarter: Quarter
    ) -> None:
        quarter.put()
        quarter.read(12.0)
        quarter.look()
        open_at = quarter.clock.now()
        quarter.clock.move_to(DUE + DAY)
        quarter.read(12.0)
        close_period(quarter.store, "2026-Q1", by="Ada", note=None, now=quarter.clock.now())
        closed_at = quarter.clock.now()
        quarter.clock.advance(days=9)

        before, after = (
            shown(quarter.store, quarter.clock.now(), at) for at in (open_at, closed_at + HOUR)
        )

        assert before == quarter.seen[open_at]
        assert before["periods"] == [("2026-Q1", None)]
        assert after["periods"][0][1].by == "Ada"
        assert {one["closed"]["by"] for one in after["key_results"]} == {"Ada"}


class TestAClosedPeriod:
    def test_is_explained_by_what_was_read_before_it_was_closed(
        self, store: Store, quarter: Quarter
    ) -> None:
        quarter.put()
        set_number(quarter, 5.0, timedelta(0))
        quarter.clock.move_to(DUE + DAY)
        quarter.read(12.0)
        another = replace(
            catalogue([GIVEN], [key_result("z-1", GIVEN, due=DUE + 90 * DAY)], period="2026-Q2"),
            starts=DUE,
        )
        put_in_force(
            store,
            quarter.catalogue(),
            another,
            interval_of=lambda _: 300.0,
            link_of=lambda _: None,
            now=quarter.clock.now(),
        )
        close_period(store, "2026-Q1", by="Ada", note=None, now=quarter.clock.now())

        def told() -> Any:
            with store.read() as connection:
                return key_result_detail(connection, "2026-Q1/a-2", now=quarter.clock.now())

        before = told()
        quarter.clock.advance(days=2)
        set_number(quarter, 9.0, timedelta(0))
        set_number(quarter, 8.0, 10 * DAY)
        quarter.look()

        assert before["evidence"]["value"] == 5.0
        assert told() == before


class TestASentence:
    def test_that_only_the_line_moves_is_kept_once_an_hour(self, quarter: Quarter) -> None:
        quarter.goal = 100_000.0
        quarter.put()
        quarter.clock.advance(days=14)
        for _ in range(12):
            quarter.clock.advance(minutes=20)
            quarter.read(30_000.0)
            quarter.look()

        with quarter.store.read() as connection:
            kept = connection.execute(
                sa.select(assessments.c.at)
                .where(assessments.c.key_result == "2026-Q1/a-1")
                .order_by(assessments.c.id)
            ).scalars()
            moments = list(kept)

        assert len({one["key_results"][0]["reason"] for one in quarter.seen.values()}) == 12
        assert len(moments) == 4
        assert all(later - one >= HOUR for one, later in pairwise(moments))


class TestTheQuestion:
    def test_is_refused_before_anything_was_known(self, quarter: Quarter) -> None:
        with quarter.store.read() as connection:
            assert known_since(connection) is None
            with pytest.raises(ValueError, match="no mapping files have been in force yet"):
                asked(connection, "2025-12-31", quarter.clock.now())
        quarter.put()

        with quarter.store.read() as connection:
            assert known_since(connection) == START
            with pytest.raises(ValueError, match="of which nothing had been told; expected a"):
                asked(connection, "2025-12-31", quarter.clock.now())

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("2026-02-01", "which has not come yet"),
            ("2026-02-30", "expected a day"),
            ("soon", "expected a day"),
            ("", "expected a day"),
        ],
    )
    def test_must_be_a_moment_of_the_past(self, quarter: Quarter, text: str, words: str) -> None:
        quarter.put()
        with quarter.store.read() as connection, pytest.raises(ValueError, match=words):
            asked(connection, text, quarter.clock.now())

    def test_of_a_day_is_of_its_last_moment_in_the_organisation_s_timezone(
        self, quarter: Quarter
    ) -> None:
        quarter.put()
        quarter.clock.advance(days=9)

        with quarter.store.read() as connection:
            found = asked(connection, "2026-01-02", quarter.clock.now())

        # midnight in Los Angeles is 8 in the morning in UTC
        assert found.at == START.replace(day=3) - timedelta(microseconds=1)

    def test_to_reconstruct_needs_a_moment(self, quarter: Quarter) -> None:
        with quarter.store.read() as connection, pytest.raises(ValueError, match="got none"):
            asked(connection, None, quarter.clock.now(), reconstructed=True)


def test_a_rebuilt_past_is_shown_only_where_it_is_asked_for(quarter: Quarter) -> None:
    quarter.clock.move_to(START + 5 * DAY)
    quarter.put()
    quarter.look()
    at = quarter.clock.now() + HOUR
    quarter.clock.advance(days=3)
    set_number(quarter, 6.0, 3 * DAY - HOUR / 2)
    quarter.look()

    def found(question: Asked) -> Any:
        with quarter.store.read() as connection:
            (one,) = (
                each
                for each in key_result_list(connection, ["2026-Q1"], question)
                if each["id"] == "a-2"
            )
        return one

    told, rebuilt = found(Asked(at)), found(Asked(at, reconstructed=True))

    assert (told["status"], told["value"]) == ("no_data", None)
    assert rebuilt["value"] == 6.0
    assert "it was not told then" in rebuilt["reason"]
    with quarter.store.read() as connection:
        words = {
            one["id"]: one["reason"]
            for one in key_result_list(connection, ["2026-Q1"], Asked(at, reconstructed=True))
        }
    assert words["a-1"] == "Nothing was rebuilt of that moment."
