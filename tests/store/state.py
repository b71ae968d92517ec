"""Looking at a store from outside, and assessing in it, for tests."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from syncd.clock import Clock
from syncd.judging import judge
from syncd.model import ExternalState
from syncd.store.assessing import assessing
from syncd.store.engine import Store
from syncd.store.externals import record_state
from tests.waiting import until


def assess_all(store: Store, clock: Clock) -> list[str]:
    """One assessing transaction; the keys in the order they were assessed."""
    with assessing(store, now=clock.now()) as work:
        return judge(work, clock.now())


def say_state(
    store: Store,
    name: str,
    state: ExternalState,
    now: datetime,
    *,
    note: str = "customs",
    by: str = "Ada",
    timezone: str = "UTC",
) -> None:
    """Somebody says now how a dependency outside stands, since now."""
    record_state(store, name, state, note=note, by=by, at=now, now=now, timezone=timezone)


def waits_for_a_lock(store: Store, many: int = 1) -> None:
    """Returns once some transaction of PostgreSQL waits for another, or so many do."""
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")

    def wait() -> bool:
        with store.read() as connection:
            return bool(connection.execute(waiting).scalar_one() >= many)

    until(wait, "nobody waits for a lock", every=0.001)
