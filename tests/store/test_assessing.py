"""The second transaction: dirty key results, their dependants, and what is told of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.base import Batch, Scope
from syncd.assess import assess
from syncd.clock import ManualClock
from syncd.model import Catalogue, Needed, Status
from syncd.store import read
from syncd.store.assessing import REFRESH, assessing
from syncd.store.claims import Claim
from syncd.store.engine import Store
from tests.store.catalogues import START, Answer, catalogue, judged, key_result, scanned
from tests.store.state import assess_all

InForce = Callable[[Catalogue], None]
Claims = Callable[[], list[Claim]]
Publish = Callable[[Claim, Batch], None]

DEVICES = Scope("netbox", {"objects": "devices"}).fingerprint


@pytest.fixture
def two(in_force: InForce) -> None:
    indicator = scanned("completeness")
    other = scanned("other", scope="racks")
    in_force(
        catalogue(
            [indicator, other],
            [
                key_result("net-o1-kr1", other, needs=("dcim-o1-kr1",)),
                key_result("dcim-o1-kr1", indicator),
            ],
        )
    )


@pytest.mark.usefixtures("two")
class TestAssessing:
    def test_takes_what_is_dirty_and_leaves_it_clean(
        self, store: Store, clock: ManualClock
    ) -> None:
        assert sorted(assess_all(store, clock)) == ["dcim-o1-kr1", "net-o1-kr1"]
        assert assess_all(store, clock) == []

    @pytest.mark.parametrize(
        ("days", "seconds"), [(90, 90 * 86_400 / 10_000), (1, REFRESH.total_seconds())]
    )
    def test_refreshes_expected_progress_when_its_line_has_moved_visibly_and_once_a_minute_at_most(
        self, store: Store, clock: ManualClock, in_force: InForce, days: float, seconds: float
    ) -> None:
        indicator = scanned("completeness")
        due = START + timedelta(days=days)
        kr = replace(key_result("dcim-o1-kr1", indicator), start=START, due=due)
        in_force(catalogue([indicator], [kr]))
        assess_all(store, clock)
        clock.advance(seconds=seconds - 1)
        assert assess_all(store, clock) == []

        clock.advance(seconds=1)

        assert assess_all(store, clock) == ["dcim-o1-kr1"]

    def test_assesses_dependants_after_what_they_need(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        assess_all(store, clock)

        for one in claim():
            publish(one, Answer(judged(clock.now(), passing=["1"])).last())

        order = assess_all(store, clock)
        assert order.index("dcim-o1-kr1") < order.index("net-o1-kr1")

    def test_takes_dependants_along_that_are_not_due_themselves(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        assess_all(store, clock)
        (devices,) = (one for one in claim() if one.fingerprint == DEVICES)

        publish(devices, Answer(judged(clock.now(), passing=["1"])).last())

        assert assess_all(store, clock) == ["dcim-o1-kr1", "net-o1-kr1"]

    def test_tells_a_change_of_status_once(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        for one in claim():
            publish(one, Answer(judged(clock.now(), passing=["1"])).last())
        assess_all(store, clock)
        clock.advance(minutes=5)
        assess_all(store, clock)

        with store.read() as connection:
            told = [e.subject for e in read.feed(connection) if e.kind == "status_changed"]
        assert sorted(told) == ["dcim-o1-kr1", "net-o1-kr1"]

    def test_nothing_is_written_when_judgement_fails(
        self, store: Store, clock: ManualClock
    ) -> None:
        with pytest.raises(ZeroDivisionError), assessing(store, now=clock.now()) as work:
            for key, candidate in work.candidates.items():
                assessment, memory = assess(
                    candidate.key_result, candidate.evidence, candidate.memory, {}, clock.now()
                )
                work.save(assessment, memory, [])
                assert key
            raise ZeroDivisionError

        with store.read() as connection:
            assert all(view.assessment is None for view in read.key_result_views(connection))
        assert sorted(assess_all(store, clock)) == ["dcim-o1-kr1", "net-o1-kr1"]

    def test_data_that_grows_old_turns_stale_by_itself(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        for one in claim():
            publish(one, Answer(judged(clock.now(), passing=["1"])).last())
        assess_all(store, clock)

        clock.advance(hours=2)
        assess_all(store, clock)

        with store.read() as connection:
            views = read.key_result_views(connection)
        assert {v.assessment.status for v in views if v.assessment} == {Status.STALE}

    def test_events_are_numbered_without_gaps_in_the_order_they_are_told(
        self, store: Store, clock: ManualClock
    ) -> None:
        assess_all(store, clock)

        with store.read() as connection:
            positions = [event.position for event in read.feed(connection, after=0)]
        assert positions == list(range(1, len(positions) + 1))

    def test_history_grows_only_when_something_differs(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        for one in claim():
            publish(one, Answer(judged(clock.now(), passing=["1"])).last())
        for _ in range(3):
            assess_all(store, clock)
            clock.advance(minutes=15)

        with store.read() as connection:
            points = read.history(connection, "dcim-o1-kr1")
        assert len(points) == 1
        assert points[0].at + timedelta(minutes=45) == clock.now()


def test_what_an_earlier_transaction_told_of_a_need_leads_on_to_the_cause(
    store: Store, clock: ManualClock, in_force: InForce, claim: Claims, publish: Publish
) -> None:
    failing, passing = scanned("completeness"), scanned("other", scope="racks")
    in_force(
        catalogue(
            [failing, passing],
            [
                key_result("c-o1-kr1", failing),
                key_result("b-o1-kr1", passing, needs=("c-o1-kr1", "external:gnmi")),
                key_result("a-o1-kr1", passing, needs=("b-o1-kr1",)),
            ],
        )
    )
    clock.advance(days=20)
    for one in claim():
        fails = one.fingerprint == DEVICES
        judgements = judged(
            clock.now(), passing=[] if fails else ["1"], failing=["2", "3"] if fails else ["2"]
        )
        publish(one, Answer(judgements).last())
    assess_all(store, clock)
    clock.advance(minutes=15)

    with assessing(store, now=clock.now()) as work:
        assert work.told("c-o1-kr1") == Needed(Status.OFF_TRACK)
        assert work.told("b-o1-kr1") == Needed(Status.AT_RISK, ("c-o1-kr1",))
        assert work.told("external:gnmi") == Needed(None)
        told = work.candidates["a-o1-kr1"].current

    assert told is not None
    assert told.chain == ("b-o1-kr1", "c-o1-kr1")
