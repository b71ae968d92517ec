"""Since when a set of verdicts can tell: what it does not know is unknown, and not 0."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from connectors.base import Aggregation, Batch, Outcome, Timeline, Verdict, judge_fingerprint
from syncd.clock import ManualClock
from syncd.model import Catalogue, Indicator, Reading, Target, TargetType
from syncd.store import read
from syncd.store.assessing import assessing
from syncd.store.claims import Claim
from syncd.store.engine import Store
from syncd.store.publish import Cost, begin, publish_scan
from syncd.store.schema import readings, verdict_sets
from tests.store.catalogues import (
    START,
    Answer,
    Named,
    catalogue,
    gone,
    judged,
    key_result,
    scanned,
)
from tests.store.conftest import Fill, Publish
from tests.store.state import assess_all

InForce = Callable[[Catalogue], None]
Claims = Callable[[], list[Claim]]

LAST_QUARTER = START - timedelta(days=1)
DEVICES = scanned("devices", how=Aggregation.COUNT)
BASELINE = scanned("devices, 2025-Q4", how=Aggregation.COUNT, at=LAST_QUARTER)


def known_since(store: Store) -> datetime | None:
    with store.read() as connection:
        found: datetime | None = connection.execute(
            sa.select(verdict_sets.c.known_since).where(verdict_sets.c.active)
        ).scalar_one()
    return found


def reading_of(store: Store, indicator: Indicator) -> Reading:
    with store.read() as connection:
        (view,) = read.indicator_views(connection, {indicator.fingerprint})
    assert view.reading is not None
    return view.reading


def publish_history(
    store: Store,
    claim: Claim,
    clock: ManualClock,
    timelines: list[Timeline],
    *,
    since: datetime,
    partial: bool = False,
    untold: tuple[str, ...] = (),
) -> None:
    begin(store, claim)
    publish_scan(
        store,
        claim,
        [judge_fingerprint(Named("complete"))],
        Batch((tuple(timelines),), cursor={}, partial=partial, untold=untold),
        observed_at=clock.now(),
        now=clock.now(),
        history_since=since,
    )


class TestASet:
    def test_knows_from_its_first_full_read_on(
        self, store: Store, clock: ManualClock, in_force: InForce, fill: Fill
    ) -> None:
        in_force(catalogue([DEVICES], []))
        assert known_since(store) is None
        fill(DEVICES, [])
        clock.advance(days=2)

        fill(DEVICES, [])

        assert known_since(store) == START

    def test_that_a_retrospective_judge_fills_knows_the_whole_past(
        self, store: Store, clock: ManualClock, in_force: InForce, fill: Fill
    ) -> None:
        told = scanned("told", how=Aggregation.COUNT, retrospective=True)
        before = scanned("told", how=Aggregation.COUNT, retrospective=True, at=LAST_QUARTER)
        in_force(catalogue([told, before], []))
        row = Verdict(LAST_QUARTER - timedelta(days=9), None, Outcome.PASS)

        fill(told, [Timeline("1", None, (row,))])

        assert known_since(store) is None
        assert reading_of(store, before).value == 1.0

    def test_that_was_away_knows_from_its_refill_on(
        self, store: Store, clock: ManualClock, in_force: InForce, fill: Fill
    ) -> None:
        in_force(catalogue([DEVICES], []))
        fill(DEVICES, [])
        in_force(catalogue([], []))
        clock.advance(days=2)
        in_force(catalogue([DEVICES], []))

        fill(DEVICES, [])

        assert known_since(store) == clock.now()


class TestAReadingOfAFixedMoment:
    def test_is_without_a_value_where_nothing_is_known(
        self, store: Store, clock: ManualClock, in_force: InForce, fill: Fill
    ) -> None:
        in_force(catalogue([DEVICES, BASELINE], []))

        fill(DEVICES, judged(clock.now(), passing=["1"]))

        assert reading_of(store, DEVICES).value == 1.0
        found = reading_of(store, BASELINE)
        assert (found.value, found.at) == (None, LAST_QUARTER)
        assert "nothing is known from before 2026-01-01" in found.details["untold"]

    def test_is_of_that_moment_and_is_written_once(
        self, store: Store, clock: ManualClock, in_force: InForce, claim: Claims, fill: Fill
    ) -> None:
        in_force(catalogue([DEVICES, BASELINE], []))
        past = judged(LAST_QUARTER - timedelta(days=30), passing=["1", "2"])
        left = [
            Timeline(
                "3",
                past[0].since,
                (
                    Verdict(
                        past[0].verdicts[0].valid_from,
                        LAST_QUARTER + timedelta(hours=1),
                        Outcome.PASS,
                    ),
                ),
            )
        ]
        publish_history(
            store, claim()[0], clock, past + left, since=LAST_QUARTER - timedelta(days=30)
        )
        for _ in range(3):
            clock.advance(hours=2)
            fill(DEVICES, judged(clock.now(), passing=["1", "2"]))

        assert reading_of(store, BASELINE).value == 3.0
        assert reading_of(store, DEVICES).value == 2.0
        with store.read() as connection:
            count = connection.execute(
                sa.select(sa.func.count())
                .select_from(readings)
                .where(readings.c.indicator == BASELINE.fingerprint)
            ).scalar_one()
        assert count == 1

    def test_is_what_a_target_starts_from(
        self, store: Store, clock: ManualClock, in_force: InForce, claim: Claims
    ) -> None:
        target = Target(
            TargetType.DECREASE,
            by=0.5,
            by_relative=True,
            start_from=BASELINE.fingerprint,
            start_period="2025-Q4",
        )
        in_force(catalogue([DEVICES, BASELINE], [key_result("a-1", DEVICES, target=target)]))
        (one,) = claim()
        assess_all(store, clock)
        past = judged(LAST_QUARTER - timedelta(days=30), passing=["1", "2"])

        publish_history(store, one, clock, past, since=LAST_QUARTER - timedelta(days=30))
        with assessing(store, now=clock.now()) as work:
            (candidate,) = work.candidates.values()

        assert candidate.evidence.baseline is not None
        assert candidate.evidence.baseline.value == 2.0


class TestAHistory:
    SINCE = START - timedelta(days=30)

    @pytest.fixture(autouse=True)
    def devices(self, in_force: InForce) -> None:
        in_force(catalogue([DEVICES], []))

    def test_reaches_as_far_as_it_was_asked_for(
        self, store: Store, clock: ManualClock, claim: Claims
    ) -> None:
        late = judged(self.SINCE + timedelta(days=9), passing=["1"])

        publish_history(store, claim()[0], clock, late, since=self.SINCE)

        assert known_since(store) == self.SINCE, "before the first device there was none"

    def test_that_left_something_untold_reaches_to_its_first_row(
        self, store: Store, clock: ManualClock, claim: Claims
    ) -> None:
        """No rows may mean that there was nothing, or that the log does not reach so far."""
        first = self.SINCE + timedelta(days=9)

        publish_history(
            store,
            claim()[0],
            clock,
            judged(first, passing=["1"]),
            since=self.SINCE,
            untold=("The change log begins later.",),
        )

        assert known_since(store) == first

    def test_that_left_something_untold_and_has_no_rows_tells_nothing(
        self, store: Store, clock: ManualClock, claim: Claims
    ) -> None:
        publish_history(
            store, claim()[0], clock, [], since=self.SINCE, untold=("It cannot be told.",)
        )

        assert known_since(store) == START

    def test_that_is_partial_reaches_no_further(
        self, store: Store, clock: ManualClock, claim: Claims
    ) -> None:
        early = judged(self.SINCE, passing=["1"])

        publish_history(store, claim()[0], clock, early, since=self.SINCE, partial=True)

        assert known_since(store) == START

    def test_never_takes_back_what_was_known(
        self, store: Store, clock: ManualClock, claim: Claims
    ) -> None:
        publish_history(store, claim()[0], clock, [], since=self.SINCE)
        clock.advance(days=2)

        publish_history(store, claim()[0], clock, [], since=START)

        assert known_since(store) == self.SINCE

    def test_of_an_object_that_has_gone_keeps_its_name_and_counts_it_no_more(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        ended = Verdict(self.SINCE, START - timedelta(days=3), Outcome.PASS)
        (one,) = claim()

        publish_history(
            store,
            one,
            clock,
            [Timeline("7", self.SINCE, (ended,), label="c-0007")],
            since=self.SINCE,
        )

        with store.read() as connection:
            (row,) = connection.execute(sa.text("SELECT label, present FROM objects")).all()
        assert (row.label, bool(row.present)) == ("c-0007", False)
        assert reading_of(store, DEVICES).value == 0.0


def test_what_a_run_cost_is_kept(
    store: Store, clock: ManualClock, in_force: InForce, claim: Claims, publish: Publish
) -> None:
    in_force(catalogue([DEVICES], []))
    (one,) = claim()
    begin(store, one)
    publish_scan(
        store,
        one,
        [judge_fingerprint(Named("complete"))],
        Answer([]).last(),
        observed_at=clock.now(),
        now=clock.now(),
        cost=Cost(1.5, 7, 12_345),
    )

    with store.read() as connection:
        row = connection.execute(
            sa.text("SELECT last_seconds, last_requests, last_bytes FROM scopes")
        ).one()
    assert tuple(row) == (1.5, 7, 12_345)


def test_an_object_that_leaves_and_comes_back_is_in_the_scope(
    store: Store, clock: ManualClock, in_force: InForce, claim: Claims, publish: Publish
) -> None:
    in_force(catalogue([DEVICES], []))
    publish(claim()[0], Answer(judged(clock.now(), passing=["1"])).last())
    clock.advance(minutes=5)
    publish(claim()[0], Answer(gone(clock.now(), "1")).last())
    clock.advance(minutes=5)

    publish(claim()[0], Answer(judged(clock.now(), passing=["1"])).last())

    assert reading_of(store, DEVICES).value == 1.0
