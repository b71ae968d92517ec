"""Plans on both engines: what a copy of the present says of a catalogue that is not in force yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.errors import Forbidden
from syncd.clock import ManualClock
from syncd.intake.closing import close_period
from syncd.model import AdjustmentKind, Catalogue, Combining, Status, Target, TargetType
from syncd.plan import Movement, Plan, make_plan
from syncd.store.adjusting import say
from syncd.store.claims import Claim
from syncd.store.engine import Store
from syncd.store.schema import metadata
from syncd.worker import WorkerSettings
from tests.store.catalogues import (
    START,
    catalogue,
    combined,
    covering,
    holds,
    judged,
    key_result,
    keyed,
    numbered,
    scanned,
)
from tests.store.conftest import Fill
from tests.store.state import assess_all
from tests.store.upstream import Upstream

InForce = Callable[..., None]
SCAN = scanned("completeness")
KR = key_result("dcim-o1-kr1", SCAN)
BEFORE = catalogue([SCAN], [KR])


@pytest.fixture
def measured(store: Store, clock: ManualClock, in_force: InForce, fill: Fill) -> Store:
    """Half of the devices are complete, forty days into the quarter."""
    clock.advance(days=40)
    in_force(BEFORE)
    fill(SCAN, judged(clock.now(), passing="1234567", failing="890"))
    assess_all(store, clock)
    return store


def plan(store: Store | None, clock: ManualClock, *wanted: Catalogue, **sessions: Upstream) -> Plan:
    return make_plan(
        store,
        wanted,
        sessions,
        interval_of=lambda _: 300.0,
        settings=WorkerSettings(),
        now=clock.now(),
    )


def only(found: Plan) -> Movement:
    (movement,) = found.movements
    return movement


def rows(store: Store) -> dict[str, list[Any]]:
    with store.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sa.select(table))))
            for table in metadata.sorted_tables
        }


def test_the_same_catalogue_is_no_change_however_late_it_is(
    measured: Store, clock: ManualClock
) -> None:
    clock.advance(days=20)  # what was read is stale by now

    assert plan(measured, clock, BEFORE).changes is False


def test_a_changed_target_is_judged_by_what_is_stored(measured: Store, clock: ManualClock) -> None:
    wanted = catalogue([SCAN], [replace(KR, target=Target(TargetType.AT_LEAST, goal=0.7))])

    movement = only(plan(measured, clock, wanted))

    assert movement.before is not None
    assert movement.after is not None
    assert (movement.before.value, movement.after.value) == (0.7, 0.7)
    assert movement.after.status is Status.ACHIEVED
    assert movement.unread == ""


def test_nothing_is_written_not_even_where_a_run_is_under_way(
    measured: Store, clock: ManualClock, claim: Callable[[], list[Claim]]
) -> None:
    clock.advance(minutes=10)
    assert claim()  # another worker reads the scope at this moment
    before = rows(measured)
    other = scanned("other", scope="others")
    wanted = catalogue([SCAN, other], [KR, key_result("dcim-o1-kr2", other)])
    netbox = Upstream({"others": judged(clock.now(), passing="12", failing="34")})

    found = plan(measured, clock, wanted, netbox=netbox)

    assert only(found).after is not None
    assert only(found).after.value == 0.5  # type: ignore[union-attr]
    assert rows(measured) == before


def test_what_is_made_of_stored_numbers_needs_no_source(
    store: Store, clock: ManualClock, in_force: InForce, fill: Fill
) -> None:
    delivered, tracked = keyed("delivered", scope="d"), keyed("tracked", scope="t")
    in_force(
        catalogue(
            [delivered, tracked],
            [key_result("dcim-o1-kr1", delivered), key_result("dcim-o1-kr2", tracked)],
        )
    )
    fill(delivered, [holds("1", "a"), holds("2", "b"), holds("3", "c"), holds("4", "d")])
    fill(tracked, [holds("1", "a"), holds("2", "b"), holds("3", "c")])
    assess_all(store, clock)
    covered = covering("covered", delivered, tracked)
    wanted = catalogue(
        [delivered, tracked, covered],
        [key_result("dcim-o1-kr1", covered), key_result("dcim-o1-kr2", tracked)],
    )

    found = plan(store, clock, wanted)

    assert found.unread == {}
    assert only(found).after is not None
    assert only(found).after.value == 0.75  # type: ignore[union-attr]
    assert [cost.first_requests for cost in found.costs] == [0]


def test_a_source_that_refuses_is_told_with_the_indicator(
    measured: Store, clock: ManualClock
) -> None:
    other = scanned("other", scope="others")
    netbox = Upstream(fails=Forbidden("403 from netbox"))

    found = plan(
        measured,
        clock,
        catalogue([SCAN, other], [replace(KR, indicator=other.fingerprint)]),
        netbox=netbox,
    )

    assert found.unread == {"other": "403 from netbox"}
    movement = only(found)
    assert movement.unread == "403 from netbox"
    assert movement.after is not None
    assert movement.after.value == 0.7  # what is told goes on until there is a new number


def test_a_part_that_is_not_measured_leaves_the_whole_unknown(
    measured: Store, clock: ManualClock
) -> None:
    one, other = numbered("one", query="one"), numbered("other", query="other")
    whole = combined("whole", Combining.SUM, one, other)
    wanted = catalogue([SCAN, one, other, whole], [KR, key_result("dcim-o1-kr2", whole)])

    found = plan(measured, clock, wanted)

    assert found.unread == {
        "one": "not measured",
        "other": "not measured",
        "whole": "a part of it has not been measured",
    }
    assert only(found).after is not None
    assert only(found).after.status is Status.NO_DATA  # type: ignore[union-attr]


def test_what_people_said_holds_on_the_copy_too(measured: Store, clock: ManualClock) -> None:
    say(
        measured,
        KR.id,
        AdjustmentKind.OVERRIDE,
        by="Ada",
        reason="it is fine",
        since=clock.now(),
        now=clock.now(),
        until=clock.now() + timedelta(days=5),
        status=Status.ON_TRACK,
    )
    wanted = catalogue([SCAN], [replace(KR, target=Target(TargetType.AT_LEAST, goal=10.0))])

    movement = only(plan(measured, clock, wanted))

    assert movement.after is not None
    assert movement.after.status is Status.ON_TRACK
    assert movement.after.raw_status is Status.OFF_TRACK
    assert movement.later == ""


def test_before_there_is_a_store_all_is_new(clock: ManualClock) -> None:
    netbox = Upstream({"devices": judged(clock.now(), passing="1", failing="2")})

    movement = only(plan(None, clock, BEFORE, netbox=netbox))

    assert movement.before is None
    assert movement.after is not None
    assert movement.after.value == 0.5


class TestSeveralPeriods:
    def test_are_planned_together_each_under_its_own_name(
        self, measured: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        first, second = (
            catalogue([SCAN], [KR], period=period, starts=starts)
            for period, starts in (("2026-Q1", START), ("2026-Q2", START + timedelta(days=30)))
        )
        in_force(first, second)
        assess_all(measured, clock)
        edited = catalogue(
            [SCAN],
            [replace(KR, target=Target(TargetType.AT_LEAST, goal=0.8))],
            period="2026-Q2",
            starts=second.starts,
        )

        found = plan(measured, clock, first, edited)

        assert [one.key for one in found.differences] == [f"2026-Q2/{KR.id}"]
        assert only(found).key == f"2026-Q2/{KR.id}"

    def test_that_are_closed_change_by_nothing(
        self, measured: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        first = catalogue([SCAN], [KR], period="2026-Q1", starts=START)
        in_force(first)
        clock.move_to(KR.due + timedelta(days=1))
        close_period(measured, "2026-Q1", by="Ada", note=None, now=clock.now())

        assert not plan(measured, clock, replace(first, organisation="Another")).changes
