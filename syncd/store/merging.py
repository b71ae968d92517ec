"""What a run judged, merged into the serving sets; or taken back, where too many objects went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.base import Batch, Timeline
from syncd.store.claims import Claim
from syncd.store.engine import Store
from syncd.store.quarantines import (
    Counted,
    Held,
    hold_scope,
    limits_of_scope,
    readers_of_scope,
)
from syncd.store.schema import objects
from syncd.store.timelines import Moved, apply_stage, clear_stage, stage


def addressed(claim: Claim, judges: Sequence[str], batch: Batch) -> Iterable[tuple[int, Timeline]]:
    """The timelines of a batch, each with the set it belongs to. `judges` are the fingerprints of
    the job's judges, in its order.
    """
    for fingerprint, timelines in zip(judges, batch.timelines, strict=True):
        for timeline in timelines:
            yield claim.sets[fingerprint], timeline


def present(scope_id: int) -> sa.ColumnElement[bool]:
    """The condition under which a row of `objects` is in the scope as far as is known."""
    return sa.and_(objects.c.scope_id == scope_id, objects.c.present)


def take_in(
    store: Store,
    connection: sa.Connection,
    claim: Claim,
    scope: Any,
    judges: Sequence[str],
    last: Batch,
    *,
    observed_at: datetime,
    now: datetime,
) -> Held:
    """Merges what the run of a claim on a scope (its row) has staged, and its last batch, into the
    serving sets; says whether that is held back, and then nothing of it is left.

    How many objects are left is known when all is merged, so it is merged first; all of them are
    counted only where more have left than have come.
    """

    def merge() -> Moved:
        stage(store, connection, claim.scope_id, addressed(claim, judges, last))
        sets, full = list(claim.sets.values()), claim.cursor is None
        return apply_stage(store, connection, scope, sets, full=full, now=now)

    tried = connection.begin_nested()
    moved = merge()
    lost = moved.gone - moved.came
    if lost <= 0 and scope.quarantine is None:
        tried.commit()
        return Held(back=False)
    rows = readers_of_scope(connection, claim.scope_id)
    left = _present_now(connection, claim.scope_id)
    counted = Counted(left + lost, left, last.vouched)
    is_doubted = counted.doubt(limits_of_scope(rows)) is not None
    if is_doubted:
        tried.rollback()
    else:
        tried.commit()
    held = hold_scope(connection, scope, rows, counted, observed_at=observed_at, now=now)
    if held.back:
        clear_stage(connection, claim.scope_id)
    elif is_doubted:  # runs or a person have confirmed it
        merge()
    return held


def _present_now(connection: sa.Connection, scope_id: int) -> int:
    query = sa.select(sa.func.count()).select_from(objects).where(present(scope_id))
    return int(connection.execute(query).scalar_one())
