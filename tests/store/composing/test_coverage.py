"""Two sets compared, between publishing and assessing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import pytest
import sqlalchemy as sa

from connectors.base import Outcome, QueryRefused, TimedOut, Timeline
from syncd.clock import ManualClock
from syncd.model import Failure, Indicator, Plausible, Status
from syncd.store import read
from syncd.store.claims import Claim, claim_due, claim_whole
from syncd.store.composing import compose, next_composition
from syncd.store.engine import Store
from syncd.store.faulty import record_fault
from syncd.store.publish import record_failure
from syncd.store.schema import key_results
from tests.store.catalogues import START, catalogue, covering, holds
from tests.store.composing.world import (
    ACTIVE,
    BOARD,
    COVERED,
    KR,
    InForce,
    evidence_of_the_only_one,
    scope_of,
    value,
    view,
)
from tests.store.conftest import Fill
from tests.store.state import assess_all

HOUR = timedelta(hours=1)


def with_a_deadline(store: Store, clock: ManualClock, fill: Fill) -> tuple[datetime, Claim]:
    """Both sides hold a key, one of them until the moment that is told; that one is claimed."""
    tomorrow = START + timedelta(days=1)
    fill(ACTIVE, [holds("1", "a")])
    fill(BOARD, [holds("t", "a", until=tomorrow)])
    compose(store, now=clock.now())
    clock.advance(hours=1)
    claim = claim_whole(store, scope_of(BOARD), now=clock.now(), lease_seconds=60)
    assert claim is not None
    return tomorrow, claim


@pytest.mark.usefixtures("covered")
class TestACoverage:
    def test_is_made_of_the_sets_of_both_sides(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a"), holds("2", "b")])
        fill(BOARD, [holds("t", "a", "c"), holds("u", "b", outcome=Outcome.FAIL)])

        compose(store, now=clock.now())

        reading = view(store, "covered").reading
        assert reading is not None
        assert (reading.value, reading.numerator, reading.denominator) == (0.5, 1, 2)
        assert reading.details == {"missing": 1, "extra": 1, "twice": {"of": 0, "inside": 0}}

    def test_has_no_reading_before_both_sides_have_one(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a")])

        compose(store, now=clock.now())

        assert view(store, "covered").reading is None

    @pytest.mark.parametrize("first", [ACTIVE, BOARD], ids=["of first", "inside first"])
    @pytest.mark.parametrize("between", [True, False], ids=["composed between", "composed once"])
    def test_comes_to_the_same_whichever_side_is_published_first(
        self,
        store: Store,
        clock: ManualClock,
        fill: Fill,
        first: Indicator,
        between: bool,
    ) -> None:
        sides = [(ACTIVE, [holds("1", "a"), holds("2", "b")]), (BOARD, [holds("t", "a")])]
        for side, timelines in sides if first is ACTIVE else reversed(sides):
            fill(side, timelines)
            if between:
                compose(store, now=clock.now())

        compose(store, now=clock.now())

        assert value(store, "covered") == 0.5

    def test_is_as_old_as_its_older_side_and_follows_it(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a")])
        clock.advance(minutes=20)
        fill(BOARD, [holds("t", "a")])
        compose(store, now=clock.now())
        first = view(store, "covered").reading
        clock.advance(minutes=20)

        fill(ACTIVE, [holds("1", "a")])
        compose(store, now=clock.now())

        again = view(store, "covered").reading
        assert first is not None
        assert again is not None
        assert first.observed_at == START
        assert again.observed_at == START + timedelta(minutes=20)
        assert again.id == first.id, "nothing differs, so nothing is written down again"

    def test_a_side_that_goes_silent_makes_it_stale_by_itself(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a")])
        fill(BOARD, [holds("t", "a")])
        compose(store, now=clock.now())
        assess_all(store, clock)
        clock.advance(minutes=61)

        fill(ACTIVE, [holds("1", "a")])
        compose(store, now=clock.now())
        assess_all(store, clock)

        with store.read() as connection:
            (told,) = read.key_result_views(connection)
        assert told.assessment is not None
        assert told.assessment.status is Status.STALE

    def test_a_partial_side_makes_a_partial_reading_beside_the_complete_one(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a")])
        fill(BOARD, [holds("t", "a")])
        compose(store, now=clock.now())
        clock.advance(minutes=5)

        fill(BOARD, [], partial=True)
        compose(store, now=clock.now())

        found = view(store, "covered")
        assert found.reading is not None
        assert found.partial is not None
        assert (found.reading.value, found.partial.value) == (1.0, 0.0)

    def test_a_side_whose_number_is_not_believed_makes_a_partial_one_as_well(
        self, store: Store, clock: ManualClock, fill: Fill, in_force: InForce
    ) -> None:
        board = replace(BOARD, plausible=Plausible(high=1))
        in_force(catalogue([COVERED, ACTIVE, board], [KR]))
        fill(ACTIVE, [holds("1", "a"), holds("2", "b")])
        fill(BOARD, [holds("t", "a")])
        compose(store, now=clock.now())
        clock.advance(minutes=5)

        fill(BOARD, [holds("t", "a"), holds("u", "b")])
        compose(store, now=clock.now())

        found = view(store, "covered")
        assert found.reading is not None
        assert found.reading.value == 0.5
        assert found.partial is not None

    def test_a_side_that_lost_most_of_its_keys_is_doubted_until_it_lasts(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a"), holds("2", "b")])
        fill(BOARD, [holds("t", "a"), holds("u", "b")])
        compose(store, now=clock.now())
        states = []

        for _ in range(3):
            clock.advance(minutes=30)
            fill(ACTIVE, [holds("1", "a"), holds("2", "b")])
            fill(BOARD, [holds("t", "a")])
            compose(store, now=clock.now())
            states.append((value(store, "covered"), view(store, "covered").partial is not None))

        assert states == [(1.0, True), (1.0, True), (0.5, False)]

    def test_a_failing_side_is_its_own_failure_with_its_name(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a")])
        fill(BOARD, [holds("t", "a")])
        compose(store, now=clock.now())
        clock.advance(minutes=5)
        for claim in claim_due(
            store,
            now=clock.now(),
            room={"jira": 1},
            lease_seconds=60,
            full_every_seconds=86_400,
        ):
            record_failure(store, claim, TimedOut("jira: no answer"), now=clock.now())

        evidence = evidence_of_the_only_one(store, clock)

        assert evidence.failure == Failure("timeout", "board: jira: no answer", clock.now())
        assert evidence.source == "jira"
        assert view(store, "covered").error_message == "board: jira: no answer"

    def test_a_deadline_on_a_failing_side_is_no_verdict(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        tomorrow, claim = with_a_deadline(store, clock, fill)
        record_failure(store, claim, TimedOut("jira: no answer"), now=clock.now())
        clock.move_to(tomorrow + timedelta(hours=1))

        fill(ACTIVE, [holds("1", "a")])
        compose(store, now=clock.now())

        assert value(store, "covered") == 1.0

    def test_a_deadline_on_a_side_whose_judge_is_at_fault_is_no_verdict(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        tomorrow, claim = with_a_deadline(store, clock, fill)
        (judge,) = claim.sets
        record_fault(store, claim, judge, QueryRefused("jira: no field"), now=clock.now())
        clock.move_to(tomorrow + timedelta(hours=1))

        fill(ACTIVE, [holds("1", "a")])
        compose(store, now=clock.now())

        assert value(store, "covered") == 1.0

    def test_marks_the_key_results_that_read_it(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a")])
        fill(BOARD, [holds("t", "a")])
        with store.write() as connection:
            connection.execute(sa.update(key_results).values(dirty=False))

        compose(store, now=clock.now())

        with store.read() as connection:
            assert connection.execute(sa.select(key_results.c.dirty)).scalar_one()

    def test_is_composed_once_for_each_time_it_is_marked(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a")])

        assert compose(store, now=clock.now()) == 1
        assert compose(store, now=clock.now()) == 0

    def test_has_its_sources_in_words_and_the_interval_of_its_rarest_side(
        self, store: Store, clock: ManualClock
    ) -> None:
        evidence = evidence_of_the_only_one(store, clock)

        assert evidence.source == "NetBox and Jira"
        assert evidence.interval_seconds == 300.0


class TestWithin:
    def test_a_deadline_passes_by_itself(
        self, store: Store, clock: ManualClock, in_force: InForce, fill: Fill
    ) -> None:
        limited = covering("covered", ACTIVE, BOARD, within_seconds=86_400.0)
        in_force(catalogue([ACTIVE, BOARD, limited], []))
        fill(ACTIVE, [holds("1", "a", since=START - timedelta(hours=20))])
        fill(BOARD, [])
        compose(store, now=clock.now())
        reading = view(store, "covered").reading
        assert reading is not None
        assert (reading.value, reading.pending) == (None, 1)
        assert next_composition(store) == START + timedelta(hours=4)

        clock.move_to(START + timedelta(hours=4))
        compose(store, now=clock.now())

        assert value(store, "covered") == 0.0
        assert next_composition(store) is None

    def test_a_change_that_leaves_the_key_alone_does_not_move_the_deadline(
        self, store: Store, clock: ManualClock, in_force: InForce, fill: Fill
    ) -> None:
        """An object's row ends when anything about it changes; its key may go on."""
        limited = covering("covered", ACTIVE, BOARD, within_seconds=3600.0)
        in_force(catalogue([ACTIVE, BOARD, limited], []))
        fill(ACTIVE, [holds("1", "a", since=START - timedelta(minutes=50))])
        fill(BOARD, [])
        clock.advance(minutes=30)
        changed = holds("1", "a", since=clock.now(), outcome=Outcome.FAIL)
        fill(ACTIVE, [_from(changed, clock.now())])

        compose(store, now=clock.now())

        assert value(store, "covered") == 0.0

    def test_the_other_side_has_a_key_since_it_passes(
        self, store: Store, clock: ManualClock, in_force: InForce, fill: Fill
    ) -> None:
        limited = covering("covered", ACTIVE, BOARD, within_seconds=3600.0)
        in_force(catalogue([ACTIVE, BOARD, limited], []))
        fill(ACTIVE, [holds("1", "a", since=START)])
        fill(BOARD, [holds("t", "a", since=START, outcome=Outcome.FAIL)])
        clock.advance(hours=2)
        fill(BOARD, [_from(holds("t", "a", since=clock.now()), clock.now())])

        compose(store, now=clock.now())

        assert value(store, "covered") == 0.0, "it passed after the deadline"

    @pytest.mark.parametrize(("late", "value_then"), [(timedelta(0), 1.0), (HOUR, 0.0)])
    def test_a_key_that_began_before_its_row_is_there_since_then(
        self,
        store: Store,
        clock: ManualClock,
        in_force: InForce,
        fill: Fill,
        late: timedelta,
        value_then: float,
    ) -> None:
        """Its object is judged as it is now, and says itself since when it holds the key."""
        limited = covering("covered", ACTIVE, BOARD, within_seconds=3600.0)
        in_force(catalogue([ACTIVE, BOARD, limited], []))
        fill(ACTIVE, [_from(holds("1", "a", since=START, began=START - 3 * HOUR), START)])
        began = START - 2 * HOUR + late
        fill(BOARD, [_from(holds("t", "a", since=START, began=began), START)])
        clock.advance(minutes=5)
        fill(BOARD, [_from(holds("t", "a", since=clock.now(), began=began), clock.now())])

        compose(store, now=clock.now())

        assert value(store, "covered") == value_then


def _from(timeline: Timeline, since: datetime) -> Timeline:
    return msgspec.structs.replace(timeline, since=since)
