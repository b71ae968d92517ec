"""What the tests of this folder share."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connectors.base import Number, ScanPlan, judge_fingerprint
from syncd.clock import ManualClock
from syncd.intake.adjusting import GivenAdjustment, adjust
from syncd.intake.closing import close_period
from syncd.judging import judge_due
from syncd.model import Beside, Catalogue, Combining, Objective, Target, TargetType
from syncd.store.catalogue import put_in_force
from syncd.store.claims import claim_due, claim_whole
from syncd.store.composing import compose
from syncd.store.engine import Store
from syncd.store.exporting import export_period
from syncd.store.importing import Taken, import_period
from syncd.store.manual import record_manual
from syncd.store.publish import begin, publish_number, publish_scan
from syncd.store.schema import metadata
from tests.store.catalogues import (
    START,
    Answer,
    by_hand,
    catalogue,
    combined,
    covering,
    judged,
    key_result,
    keyed,
    numbered,
    scanned,
)

DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
SECOND = datetime(2026, 4, 1, 7, tzinfo=UTC)
PERIOD = "2026-Q1"
DEVICES = scanned("completeness")
GOODS = numbered("goods")
ONLY = numbered("only", query="once")
GIVEN = by_hand("given")
BOTH = combined("both", Combining.SUM, GOODS, ONLY)
LISTED = keyed("listed", scope="listed")
COVERED = covering("covered", LISTED, keyed("known", scope="known"))
FIRST = catalogue(
    [DEVICES, GOODS, ONLY, GIVEN, BOTH, LISTED, keyed("known", scope="known"), COVERED],
    [
        key_result("a-1", GOODS, due=SECOND - INSTANT, needs=("b-1",)),
        key_result(
            "a-2", DEVICES, due=SECOND - INSTANT, beside=(Beside("Only", ONLY.fingerprint),)
        ),
        key_result("a-3", COVERED, due=SECOND - INSTANT),
        key_result("b-1", BOTH, due=SECOND - INSTANT, target=Target(TargetType.AT_LEAST, goal=9.0)),
        key_result("b-2", GIVEN, due=SECOND - 9 * DAY),
    ],
    period=PERIOD,
    starts=START,
    ends=SECOND - INSTANT,
    objectives=[Objective("a", "First", "a"), Objective("b", "Second", "b")],
)
NEXT = catalogue(
    [GOODS],
    [key_result("a-1", GOODS, start=SECOND, due=SECOND + 90 * DAY, title="secret-of-the-next")],
    period="2026-Q2",
    starts=SECOND,
    ends=SECOND + 90 * DAY,
)


def live(store: Store, clock: ManualClock) -> None:
    """Two quarters; the first is closed after edits, pauses and many readings, and the second has
    gone on with an indicator of the first.
    """

    def say(value: float) -> None:
        for one in claim_due(
            store, now=clock.now(), room={"prometheus": 9}, lease_seconds=60, full_every_seconds=1e5
        ):
            begin(store, one)
            publish_number(store, one, Number(value, clock.now()), now=clock.now())
        compose(store, now=clock.now())
        while judge_due(store, now=clock.now()):
            pass

    def fill(*, passing: list[str], failing: list[str]) -> None:
        assert isinstance(DEVICES.plan, ScanPlan)
        one = claim_whole(store, DEVICES.plan.scope.fingerprint, now=clock.now(), lease_seconds=60)
        assert one is not None
        begin(store, one)
        batch = Answer(judged(clock.now(), passing=passing, failing=failing)).last()
        judges = (judge_fingerprint(DEVICES.plan.judge),)
        publish_scan(store, one, judges, batch, observed_at=clock.now(), now=clock.now())

    put(store, clock, FIRST, NEXT)
    fill(passing=["1"], failing=["2", "3"])
    say(1.0)
    clock.move_to(START + 20 * DAY)
    edited = replace(FIRST.key_results["b-1"], title="As it was edited", weight=2.0)
    put(store, clock, replace(FIRST, key_results={**FIRST.key_results, "b-1": edited}), NEXT)
    for days, value in ((10, 2.0), (0, 7.0)):
        then = clock.now() - days * DAY
        record_manual(store, "given", value, note="told", by="Bob", at=then, now=clock.now())
    for key, given in (
        ("a-1", GivenAdjustment("note", "it was late", by="Bob")),
        ("a-2", GivenAdjustment("pause", "frozen", by="Bob", until="2026-02-01")),
    ):
        adjust(store, key, given, now=clock.now())
    say(3.0)
    clock.move_to(START + 60 * DAY)
    fill(passing=["1", "2"], failing=["3"])
    say(4.0)
    clock.move_to(SECOND + DAY)
    say(5.0)
    close_period(store, PERIOD, by="Ada", note="as read out", now=clock.now())
    clock.advance(days=3)
    say(77.0)


def put(store: Store, clock: ManualClock, *wanted: Catalogue) -> None:
    put_in_force(
        store, *wanted, interval_of=lambda _: 300.0, link_of=lambda _: None, now=clock.now()
    )


def write(store: Store, file: Path, clock: ManualClock, **more: Any) -> None:
    export_period(store, PERIOD, file, by="Ada", now=clock.now(), version="1.2.3", **more)


def take(store: Store, file: Path, clock: ManualClock) -> Taken:
    return import_period(store, file, by="Eve", now=clock.now())


def content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store.read() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(sa.select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
        }
