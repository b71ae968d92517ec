"""What the tests of this folder are given."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.backfill import Backfilled, backfill
from syncd.clock import ManualClock
from syncd.model import Catalogue
from syncd.store.engine import Store
from tests.store.backfill.world import ALL, DAY, NOW, InForce, Rebuild
from tests.store.catalogues import START, holds
from tests.store.upstream import Upstream


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def upstream() -> Upstream:
    """Each day a cluster came, and two days later its ticket; the number grew with the days."""
    days = [START + n * DAY for n in range(30)]
    return Upstream(
        timelines={
            "clusters": [holds(f"c{n}", f"k{n}", since=day) for n, day in enumerate(days)],
            "tickets": [
                holds(f"t{n}", f"k{n}", since=day + 2 * DAY) for n, day in enumerate(days[:-2])
            ],
        },
        number=lambda at: (at - START) / DAY,
    )


@pytest.fixture
def rebuild(store: Store, clock: ManualClock, upstream: Upstream, in_force: InForce) -> Rebuild:
    """Backfills a catalogue (by default all of the above) since the quarter's start."""

    def do(what: Catalogue = ALL, **options: Any) -> dict[str, Backfilled]:
        in_force(what)
        sessions = dict.fromkeys(("netbox", "jira", "prometheus"), upstream)
        done = backfill(store, clock, sessions, what, **{"since": START, **options})
        return {one.name: one for one in done}

    return do
