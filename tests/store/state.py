"""Looking at a store from outside, and assessing in it, for tests."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from syncd.clock import Clock
from syncd.judging import judge
from syncd.store.assessing import assessing
from syncd.store.engine import Store
from syncd.store.schema import scopes
from tests.store.catalogues import START


def assess_all(store: Store, clock: Clock) -> list[str]:
    """One assessing transaction; the keys in the order they were assessed."""
    with assessing(store, now=clock.now()) as work:
        return judge(work, clock.now())


def newest_moment(store: Store) -> datetime:
    """When a scope was last claimed, or the start of the quarter."""
    with store.read() as connection:
        newest: datetime | None = connection.execute(
            sa.select(sa.func.max(scopes.c.last_attempt_at, type_=scopes.c.last_attempt_at.type))
        ).scalar_one()
    return newest or START
