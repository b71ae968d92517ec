"""The first transaction: a run's verdicts, cursor and readings, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from connectors.base import (
    Aggregation,
    Batch,
    Number,
    Outcome,
    TimedOut,
    Timeline,
    Verdict,
    judge_fingerprint,
)
from syncd.clock import ManualClock
from syncd.model import Catalogue
from syncd.store import read
from syncd.store.claims import Claim, LeaseLost
from syncd.store.engine import Store
from syncd.store.moving import move_by_time
from syncd.store.publish import (
    Held,
    begin,
    publish_number,
    publish_scan,
    record_failure,
    stage_batch,
)
from syncd.store.schema import key_results, readings, staged_timelines, verdicts
from tests.store.catalogues import (
    START,
    Answer,
    Named,
    catalogue,
    gone,
    judged,
    key_result,
    numbered,
    scanned,
)

InForce = Callable[[Catalogue], None]
Claims = Callable[[], list[Claim]]
Publish = Callable[[Claim, Batch], None]

COMPLETE = judge_fingerprint(Named("complete"))


def only_indicator(store: Store) -> read.IndicatorView:
    with store.read() as connection:
        (view,) = read.indicator_views(connection)
    return view


def value(store: Store) -> float | None:
    view = only_indicator(store)
    assert view.reading is not None
    return view.reading.value


@pytest.fixture
def completeness(in_force: InForce) -> None:
    indicator = scanned("completeness")
    in_force(catalogue([indicator], [key_result("dcim-o1-kr1", indicator)]))


@pytest.mark.usefixtures("completeness")
class TestOneScan:
    def test_makes_a_reading_of_the_verdicts_that_hold(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        (one,) = claim()

        publish(one, Answer(judged(clock.now(), passing=["1", "2", "3"], failing=["4"])).last())

        reading = only_indicator(store).reading
        assert reading is not None
        assert (reading.value, reading.numerator, reading.denominator) == (0.75, 3, 4)
        assert reading.observed_at == clock.now()

    def test_an_object_that_changes_keeps_its_past(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        publish(claim()[0], Answer(judged(clock.now(), failing=["1"])).last())
        clock.advance(hours=1)
        later = clock.now()

        publish(claim()[0], Answer(judged(later, passing=["1"])).last())

        with store.read() as connection:
            rows = connection.execute(sa.select(verdicts).order_by(verdicts.c.valid_from)).all()
        assert [(r.outcome, r.valid_from, r.valid_to) for r in rows] == [
            ("fail", START, later),
            ("pass", later, None),
        ]

    def test_an_object_that_begins_anew_and_says_the_same_has_a_row_of_its_own(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        began = clock.now() - timedelta(hours=5)
        for again in (began, began, began + timedelta(hours=1)):
            now = clock.now()
            said = Verdict(now, None, Outcome.PASS, began=again)
            publish(claim()[0], Answer([Timeline("1", now, (said,))]).last())
            clock.advance(minutes=5)

        with store.read() as connection:
            rows = connection.execute(sa.select(verdicts).order_by(verdicts.c.valid_from)).all()
        assert [(row.began, row.valid_to) for row in rows] == [
            (began, clock.now() - timedelta(minutes=5)),
            (began + timedelta(hours=1), None),
        ]

    def test_judging_an_object_again_to_the_same_end_changes_nothing(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        publish(claim()[0], Answer(judged(clock.now(), failing=["1"])).last())
        clock.advance(hours=1)

        publish(claim()[0], Answer(judged(clock.now(), failing=["1"])).last())

        with store.read() as connection:
            rows = connection.execute(sa.select(verdicts)).all()
        assert [(r.valid_from, r.valid_to) for r in rows] == [(START, None)]

    def test_an_object_that_left_the_scope_counts_no_more(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        publish(claim()[0], Answer(judged(clock.now(), passing=["1"], failing=["2"])).last())
        clock.advance(minutes=5)
        (one,) = claim()

        publish(one, Answer(gone(clock.now(), "2")).last())

        assert value(store) == 1.0
        assert list(Held(store, one).ids()) == ["1"]

    def test_a_full_read_ends_what_it_did_not_see(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        publish(claim()[0], Answer(judged(clock.now(), passing=["1"], failing=["2"])).last())
        clock.advance(days=2)
        (one,) = claim()
        assert one.cursor is None, "the daily full read is due"

        publish(one, Answer(judged(clock.now(), passing=["1"])).last())

        assert value(store) == 1.0
        assert Held(store, one).count() == 1

    def test_an_object_in_scope_with_nothing_to_say_is_known_and_not_counted(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        (one,) = claim()

        publish(one, Answer([*judged(clock.now(), passing=["1"]), Timeline("2", None, ())]).last())

        assert value(store) == 1.0
        assert Held(store, one).count() == 2

    def test_an_empty_scope_is_no_data_not_zero(
        self, store: Store, claim: Claims, publish: Publish
    ) -> None:
        publish(claim()[0], Answer([]).last())

        assert value(store) is None

    def test_a_partial_run_is_kept_beside_the_last_complete_reading(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        publish(claim()[0], Answer(judged(clock.now(), passing=["1"])).last())
        clock.advance(minutes=5)

        publish(claim()[0], Answer(judged(clock.now(), failing=["2"]), partial=True).last())

        view = only_indicator(store)
        assert view.reading is not None
        assert view.partial is not None
        assert (view.reading.value, view.partial.value) == (1.0, 0.5)

    def test_an_unchanged_reading_is_confirmed_without_a_new_row(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        publish(claim()[0], Answer(judged(clock.now(), passing=["1"])).last())
        clock.advance(minutes=5)

        publish(claim()[0], Answer([]).last())

        with store.read() as connection:
            count = connection.execute(
                sa.select(sa.func.count()).select_from(readings)
            ).scalar_one()
        reading = only_indicator(store).reading
        assert reading is not None
        assert (count, reading.observed_at) == (1, clock.now())

    def test_marks_the_key_results_that_read_it_dirty(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        with store.write() as connection:
            connection.execute(sa.update(key_results).values(dirty=False))

        publish(claim()[0], Answer(judged(clock.now(), passing=["1"])).last())

        with store.read() as connection:
            assert connection.execute(sa.select(key_results.c.dirty)).scalar_one()

    def test_what_is_only_staged_is_read_by_nobody(
        self, store: Store, clock: ManualClock, claim: Claims
    ) -> None:
        (one,) = claim()
        begin(store, one)

        stage_batch(store, one, [COMPLETE], Batch((tuple(judged(clock.now(), passing=["1"])),)))

        assert only_indicator(store).reading is None
        with store.read() as connection:
            assert connection.execute(sa.select(verdicts)).first() is None

    def test_a_lost_lease_writes_nothing(
        self, store: Store, clock: ManualClock, claim: Claims
    ) -> None:
        (late,) = claim()
        begin(store, late)
        clock.advance(minutes=2)
        (taken_over,) = claim()
        assert taken_over.token != late.token

        with pytest.raises(LeaseLost):
            publish_scan(
                store,
                late,
                [COMPLETE],
                Answer(judged(clock.now(), passing=["1"])).last(),
                observed_at=clock.now(),
                now=clock.now(),
            )

        assert only_indicator(store).reading is None

    def test_a_cut_first_read_goes_on_where_it_was(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        (first,) = claim()
        begin(store, first)
        stage_batch(
            store,
            first,
            [COMPLETE],
            Batch((tuple(judged(clock.now(), failing=["1"])),), resume={"after": "1"}),
        )
        record_failure(store, first, TimedOut("netbox: too slow"), now=clock.now())
        clock.advance(minutes=10)
        (second,) = claim()

        publish(second, Answer(judged(clock.now(), passing=["2"])).last())

        assert second.resume == {"after": "1"}
        assert value(store) == 0.5
        with store.read() as connection:
            assert connection.execute(sa.select(staged_timelines)).first() is None


@pytest.mark.usefixtures("completeness")
class TestFailure:
    def test_leaves_readings_cursor_and_verdicts_as_they_were(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        publish(claim()[0], Answer(judged(clock.now(), passing=["1"])).last())
        before = only_indicator(store).reading
        clock.advance(minutes=5)
        (one,) = claim()

        record_failure(store, one, TimedOut("netbox: no answer in 30 s"), now=clock.now())

        view = only_indicator(store)
        assert view.reading == before
        assert view.error_type == "timeout"
        assert view.failing_since == clock.now()

    def test_is_tried_ever_more_rarely_and_at_least_hourly(
        self, store: Store, clock: ManualClock, claim: Claims
    ) -> None:
        waits = []
        for _ in range(7):
            (one,) = claim()
            record_failure(store, one, TimedOut("netbox: no answer"), now=clock.now())
            due = only_indicator(store).next_due_at
            assert due is not None
            waits.append((due - clock.now()) / timedelta(minutes=1))
            clock.move_to(due)

        assert waits == [5, 10, 20, 40, 60, 60, 60]

    def test_is_told_once_and_so_is_the_recovery(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        for _ in range(2):
            (one,) = claim()
            record_failure(store, one, TimedOut("netbox: no answer"), now=clock.now())
            clock.advance(hours=1)

        publish(claim()[0], Answer(judged(clock.now(), passing=["1"])).last())

        with store.read() as connection:
            told = [event.kind for event in read.feed(connection) if event.subject == "netbox"]
        assert told == ["source_recovered", "source_failing"]


class TestTime:
    def test_a_deadline_passes_without_anything_being_read(
        self, store: Store, clock: ManualClock, in_force: InForce, claim: Claims, publish: Publish
    ) -> None:
        indicator = scanned("in_time")
        in_force(catalogue([indicator], [key_result("dcim-o2-kr1", indicator)]))
        deadline = START + timedelta(hours=24)
        delivered = Timeline(
            "1",
            None,
            (
                Verdict(START, deadline, Outcome.PENDING),
                Verdict(deadline, None, Outcome.FAIL),
            ),
        )
        tracked = Timeline("2", None, (Verdict(START, None, Outcome.PASS, number=60.0),))
        publish(claim()[0], Answer([delivered, tracked]).last())
        assert value(store) == 1.0

        clock.move_to(deadline)
        moved = move_by_time(store, now=clock.now())

        reading = only_indicator(store).reading
        assert moved == 1
        assert reading is not None
        assert (reading.value, reading.at, reading.observed_at) == (0.5, deadline, START)

    def test_a_deadline_that_passes_while_the_source_is_down_is_no_verdict(
        self, store: Store, clock: ManualClock, in_force: InForce, claim: Claims, publish: Publish
    ) -> None:
        indicator = scanned("in_time")
        in_force(catalogue([indicator], [key_result("dcim-o2-kr1", indicator)]))
        deadline = START + timedelta(hours=1)
        verdicts_of = (
            Verdict(START, deadline, Outcome.PENDING),
            Verdict(deadline, None, Outcome.FAIL),
        )
        publish(claim()[0], Answer([Timeline("1", None, verdicts_of)]).last())
        clock.advance(minutes=30)
        record_failure(store, claim()[0], TimedOut("netbox: no answer"), now=clock.now())

        clock.move_to(deadline)

        assert move_by_time(store, now=clock.now()) == 0
        assert value(store) is None

    def test_a_percentile_on_an_open_object_is_a_lower_bound(
        self, store: Store, clock: ManualClock, in_force: InForce, claim: Claims, publish: Publish
    ) -> None:
        indicator = scanned("p90", how=Aggregation.PERCENTILE, percentile=90)
        in_force(catalogue([indicator], [key_result("proc-o2-kr1", indicator)]))
        clock.advance(hours=10)
        done = Timeline("1", None, (Verdict(START, None, Outcome.PASS, number=3600.0),))
        still_open = Timeline("2", None, (Verdict(START, None, Outcome.PENDING),))

        publish(claim()[0], Answer([done, still_open]).last())

        reading = only_indicator(store).reading
        assert reading is not None
        assert (reading.value, reading.lower_bound) == (36_000.0, True)


class TestNumbers:
    def test_a_number_is_published_with_its_evidence(
        self, store: Store, clock: ManualClock, in_force: InForce, claim: Claims
    ) -> None:
        indicator = numbered("stockouts")
        in_force(catalogue([indicator], [key_result("dcim-o2-kr3", indicator)]))
        (one,) = claim()

        number = Number(value=0.0, observed_at=clock.now(), raw={"query": "up"})
        publish_number(store, one, number, now=clock.now())

        reading = only_indicator(store).reading
        assert reading is not None
        assert (reading.value, reading.details) == (0.0, {"query": "up"})


class TestChangedDefinition:
    def test_the_old_reading_is_told_until_the_new_one_is_there(
        self, store: Store, clock: ManualClock, in_force: InForce, claim: Claims, publish: Publish
    ) -> None:
        old = scanned("completeness", scope="devices")
        in_force(catalogue([old], [key_result("dcim-o1-kr1", old)]))
        publish(claim()[0], Answer(judged(clock.now(), passing=["1"])).last())
        new = scanned("completeness", scope="racks")

        in_force(catalogue([new], [key_result("dcim-o1-kr1", new)]))
        with store.read() as connection:
            (before,) = read.key_result_views(connection)
        publish(claim()[0], Answer(judged(clock.now(), failing=["7"])).last())
        with store.read() as connection:
            (after,) = read.key_result_views(connection)

        assert before.previous_definition
        assert before.indicator.reading is not None
        assert before.indicator.reading.value == 1.0
        assert not after.previous_definition
        assert after.indicator.reading is not None
        assert after.indicator.reading.value == 0.0
