"""How syncd itself is doing: what waits, how late it is, how large the store is, what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.store.events import FEED
from syncd.store.outbox import Depth, depths
from syncd.store.schema import (
    closings,
    compactions,
    counters,
    indicators,
    key_results,
    mapping_loads,
    scopes,
)

REMAINDER = 1_000_000_007


@dataclass(frozen=True)
class Compaction:
    """What was removed of a kind in all, how many rows were kept when it was done last (None: it
    was not yet), when that was, and how many seconds it took.
    """

    kind: str
    removed: int
    kept: int | None
    finished_at: datetime | None
    seconds: float | None


@dataclass(frozen=True)
class Vitals:
    """`due`: active scopes whose turn has come, claimed ones included. `late_seconds`: how long the
    longest of those that nobody reads has waited, 0 when there is none. `events`: how many were
    ever told. `size_bytes`: what the store takes on disk. `outbox`: what waits for each target.
    `compactions`: what was removed of the past, by kind.
    """

    due: int
    late_seconds: float
    events: int
    size_bytes: int
    outbox: Mapping[str, Depth]
    compactions: Sequence[Compaction]


def vitals(connection: sa.Connection, now: datetime) -> Vitals:
    """How it is at this moment. Costs as much whatever the store holds."""
    due = sa.and_(scopes.c.active, scopes.c.next_due_at <= now)
    free = sa.or_(scopes.c.lease_token.is_(None), scopes.c.lease_until <= now)
    moment = scopes.c.next_due_at.type
    waiting = connection.execute(
        sa.select(sa.func.min(scopes.c.next_due_at, type_=moment)).where(due, free)
    ).scalar_one()
    return Vitals(
        due=connection.execute(
            sa.select(sa.func.count()).select_from(scopes).where(due)
        ).scalar_one(),
        late_seconds=0.0 if waiting is None else (now - waiting).total_seconds(),
        events=_feed_position(connection),
        size_bytes=_size(connection),
        outbox=depths(connection),
        compactions=[
            Compaction(row.kind, row.removed, row.kept, row.finished_at, row.seconds)
            for row in connection.execute(sa.select(compactions).order_by(compactions.c.kind))
        ],
    )


def mark(connection: sa.Connection) -> tuple[Any, ...]:
    """Differs from before whenever readers may find something else than before, but for what moves
    with time alone.
    """
    told = connection.execute(
        sa.select(sa.func.count(), sa.func.sum(key_results.c.revision)).where(key_results.c.active)
    ).one()
    measured = connection.execute(
        sa.select(
            sa.func.count(),
            sa.func.max(indicators.c.observed_at),
            sa.func.sum(indicators.c.reading_id),
            sa.func.sum(indicators.c.partial_reading_id),
        ).where(indicators.c.active)
    ).one()
    tried = connection.execute(
        sa.select(
            sa.func.count(),
            sa.func.max(scopes.c.last_attempt_at),
            sa.func.max(scopes.c.last_success_at),
            sa.func.sum(scopes.c.failures),
            # a remainder: the sum of thousands of moments is no number of SQLite's any more
            sa.func.sum(sa.type_coerce(scopes.c.next_due_at, sa.BigInteger) % REMAINDER),
        ).where(scopes.c.active)
    ).one()
    loaded = connection.execute(sa.select(sa.func.max(mapping_loads.c.id))).scalar_one()
    closed = connection.execute(sa.select(sa.func.count()).select_from(closings)).scalar_one()
    return (*told, *measured, *tried, loaded, closed, _feed_position(connection))


def revisions(connection: sa.Connection) -> dict[str, int]:
    """Of each active key result by its key a number that rises whenever it is told anew."""
    query = sa.select(key_results.c.key, key_results.c.revision).where(key_results.c.active)
    return {row.key: row.revision for row in connection.execute(query)}


def _feed_position(connection: sa.Connection) -> int:
    query = sa.select(counters.c.value).where(counters.c.name == FEED)
    return int(connection.execute(query).scalar_one_or_none() or 0)


def _size(connection: sa.Connection) -> int:
    if connection.dialect.name == "sqlite":
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())
    size = sa.func.pg_database_size(sa.func.current_database())
    return int(connection.execute(sa.select(size)).scalar_one())
