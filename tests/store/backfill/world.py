"""What the tests of this folder share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from connectors.base import Aggregation
from syncd.backfill import Backfilled
from syncd.clock import ManualClock
from syncd.model import Catalogue, Combining, Indicator, Target, TargetType
from syncd.run import Work, run
from syncd.store.claims import claim_whole
from syncd.store.engine import Store
from syncd.store.schema import readings
from tests.store.catalogues import (
    START,
    catalogue,
    combined,
    covering,
    key_result,
    keyed,
    numbered,
    scanned,
)
from tests.store.upstream import Upstream

InForce = Callable[[Catalogue], None]
DAY = timedelta(days=1)
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
Rebuild = Callable[..., dict[str, Backfilled]]


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
