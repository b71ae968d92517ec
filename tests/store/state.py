"""Looking at a store from outside, and assessing in it, for tests."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from syncd.assess import assess
from syncd.clock import Clock
from syncd.model import dependants_in_order
from syncd.store.assessing import assessing
from syncd.store.engine import Store
from syncd.store.schema import scopes
from syncd.telling import changes
from tests.store.catalogues import START


def assess_all(store: Store, clock: Clock) -> list[str]:
    """One assessing transaction; the ids in the order they were assessed."""
    with assessing(store, now=clock.now()) as work:
        order = dependants_in_order({k: c.key_result for k, c in work.candidates.items()})
        for key in order:
            candidate = work.candidates[key]
            needs = {need: work.told(need) for need in candidate.key_result.needs}
            assessment, memory = assess(
                candidate.key_result, candidate.evidence, candidate.memory, needs, clock.now()
            )
            events = changes(candidate.key_result, candidate.current, assessment)
            work.save(assessment, memory, events)
    return list(order)


def newest_moment(store: Store) -> datetime:
    """When a scope was last claimed, or the start of the quarter."""
    with store.read() as connection:
        newest: datetime | None = connection.execute(
            sa.select(sa.func.max(scopes.c.last_attempt_at, type_=scopes.c.last_attempt_at.type))
        ).scalar_one()
    return newest or START
