"""Making scopes due at once, also while they are being read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.base import Number, TimedOut
from syncd.clock import ManualClock
from syncd.model import Catalogue
from syncd.store.claims import Claim, claim_whole, count_due, make_due, release
from syncd.store.engine import Store
from syncd.store.publish import publish_number, record_failure
from syncd.store.schema import indicators, key_results
from tests.store.catalogues import Answer, catalogue, judged, key_result, numbered, scanned
from tests.store.conftest import Publish

Claims = Callable[[], list[Claim]]
InForce = Callable[[Catalogue], None]


def all_of_them(scope: Any, judges: Any) -> bool:
    return True


@pytest.fixture
def devices(in_force: InForce) -> None:
    in_force(catalogue([scanned("devices")], []))


@pytest.mark.usefixtures("devices")
class TestMakingDue:
    def test_makes_a_scope_due_before_its_time(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        publish(claim()[0], Answer([]).last())
        assert claim() == []

        made = make_due(store, "netbox", all_of_them, now=clock.now())

        assert made == 1
        assert len(claim()) == 1

    def test_during_a_run_lets_it_run_once_more(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        (running,) = claim()
        make_due(store, "netbox", all_of_them, now=clock.now())
        assert claim() == [], "nobody reads it a second time meanwhile"

        publish(running, Answer(judged(clock.now(), passing=["1"])).last())
        (again,) = claim()
        publish(again, Answer([]).last())

        assert claim() == [], "once more, and not for ever"

    def test_during_a_run_of_a_number_lets_it_run_once_more(
        self, store: Store, clock: ManualClock, in_force: InForce, claim: Claims
    ) -> None:
        in_force(catalogue([numbered("goods")], []))
        (running,) = claim()
        make_due(store, "prometheus", all_of_them, now=clock.now())

        publish_number(store, running, Number(1.0, clock.now()), now=clock.now())

        assert len(claim()) == 1

    def test_that_was_before_a_run_began_is_done_with_it(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        make_due(store, "netbox", all_of_them, now=clock.now())

        publish(claim()[0], Answer([]).last())

        assert claim() == []

    def test_outlives_a_worker_that_died(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        claim()
        make_due(store, "netbox", all_of_them, now=clock.now())
        clock.advance(minutes=2)

        publish(claim()[0], Answer([]).last())

        assert claim() == [], "the run after it has seen the change"

    def test_leaves_a_failing_source_its_time(
        self, store: Store, clock: ManualClock, claim: Claims
    ) -> None:
        (one,) = claim()
        asked = TimedOut("netbox: no answer", retry_after_seconds=900)
        record_failure(store, one, asked, now=clock.now())

        assert make_due(store, "netbox", all_of_them, now=clock.now()) == 0
        assert claim() == []

    def test_is_asked_with_the_definitions_of_the_scope_and_its_judges(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        in_force(
            catalogue(
                [
                    scanned("a", scope="racks", judge="one"),
                    scanned("b", scope="racks", judge="two"),
                    scanned("c", scope="sites", judge="one"),
                    scanned("d", scope="issues", source="jira"),
                    numbered("e", source="netbox"),
                ],
                [],
            )
        )
        asked = []

        def concerned(scope: Any, judges: Any) -> bool:
            asked.append((scope, judges))
            return bool(scope.get("objects") == "racks")

        made = make_due(store, "netbox", concerned, now=clock.now())

        assert made == 1
        assert asked == [
            ({"objects": "racks"}, [{"judge": "one"}, {"judge": "two"}]),
            ({"objects": "sites"}, [{"judge": "one"}]),
            ({"query": "up"}, []),
        ]

    def test_of_what_is_no_longer_in_force_is_nothing(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        in_force(catalogue([numbered("goods")], []))

        assert make_due(store, "netbox", all_of_them, now=clock.now()) == 0


@pytest.mark.usefixtures("devices")
class TestClaimingAWholeScope:
    def test_reads_it_in_full_whether_it_is_due_or_not(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        (first,) = claim()
        publish(first, Answer([]).last())

        whole = claim_whole(store, first.fingerprint, now=clock.now(), lease_seconds=60)

        assert whole is not None
        assert (whole.cursor, whole.resume) == (None, None)
        assert whole.sets == first.sets

    def test_waits_for_who_reads_it_until_the_lease_ends(
        self, store: Store, clock: ManualClock, claim: Claims
    ) -> None:
        (other,) = claim()

        def whole() -> Claim | None:
            return claim_whole(store, other.fingerprint, now=clock.now(), lease_seconds=60)

        assert whole() is None
        clock.advance(minutes=2)
        assert whole() is not None

    def test_given_back_leaves_the_scope_due_as_it_was(
        self, store: Store, clock: ManualClock, claim: Claims, publish: Publish
    ) -> None:
        (first,) = claim()
        publish(first, Answer([]).last())
        whole = claim_whole(store, first.fingerprint, now=clock.now(), lease_seconds=60)
        assert whole is not None

        release(store, whole, now=clock.now())

        assert count_due(store, now=clock.now()) == 0
        assert count_due(store, now=clock.now() + timedelta(minutes=5)) == 1


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)  # SQLite has one writer
def test_who_only_refers_to_what_another_has_locked_does_not_wait(
    store: Store, in_force: InForce
) -> None:
    """Else who tells a key result waits for who puts mapping files in force, who waits for it."""
    first, second = numbered("first"), numbered("second", query="up == 0")
    in_force(catalogue([first, second], [key_result("dcim-o1-kr1", first)]))

    with store.write() as locking, store.write() as telling:
        locking.execute(store.locked(sa.select(indicators))).all()
        telling.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
        telling.execute(sa.update(key_results).values(serving=second.fingerprint))

    with store.read() as connection:
        assert connection.scalar(sa.select(key_results.c.serving)) == second.fingerprint
