"""A copy of the present: what is needed to judge and measure on, apart from the store it is of.

Of the past only what judgement looks back at is copied; what was told, the feed and staged runs
are left. Reads the source in one transaction and writes nothing to it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from syncd.store.bulk import partitions
from syncd.store.codec import KEY_RESULT, from_json
from syncd.store.engine import Store
from syncd.store.schema import (
    assessments,
    backfills,
    circuits,
    events,
    indicators,
    key_results,
    metadata,
    outbox,
    outbox_targets,
    readings,
    scopes,
    staged_timelines,
    tallies,
    verdicts,
)

NEVER = timedelta(days=3650)
_LEFT = frozenset(
    {
        assessments.name,
        backfills.name,
        # What is tried on a copy is asked anew.
        circuits.name,
        events.name,
        # What is tried on a copy is sent to nobody.
        outbox.name,
        outbox_targets.name,
        staged_timelines.name,
        # Verdicts that have ended are left, so they are not what was counted.
        tallies.name,
    }
)


def copy_present(source: Store, target: Store, *, now: datetime) -> None:
    """Copies what `source` holds at `now` to `target`, which is migrated and empty. No scope is due
    and none is claimed there, and every key result is to be assessed.
    """
    with source.read() as read, target.write() as written:
        for table in metadata.sorted_tables:
            if table.name in _LEFT:
                continue
            written.execute(sa.delete(table))
            query = sa.select(table)
            condition = _present(table, read, now)
            if condition is not None:
                query = query.where(condition)
            for some in partitions(read, query):
                written.execute(sa.insert(table), [_free(table, row) for row in some])
        written.execute(sa.update(scopes).values(next_due_at=now + NEVER))
        written.execute(sa.update(key_results).values(dirty=True))


def make_only_due(store: Store, fingerprints: Collection[str], *, now: datetime) -> None:
    """Makes the active scopes of these fingerprints due at `now`, and no other."""
    with store.write() as connection:
        connection.execute(sa.update(scopes).values(next_due_at=now + NEVER))
        connection.execute(
            sa.update(scopes)
            .where(scopes.c.active, scopes.c.fingerprint.in_(fingerprints))
            .values(next_due_at=now)
        )


def _free(table: sa.Table, row: sa.RowMapping) -> dict[str, Any]:
    """The row as nobody holds it."""
    if table.name != scopes.name:
        return {**row}
    return {
        **row,
        "lease_token": None,
        "lease_until": None,
        "again": False,
        "staged_full": None,
        "staged_resume": None,
    }


def _present(
    table: sa.Table, connection: sa.Connection, now: datetime
) -> sa.ColumnElement[bool] | None:
    """Which rows of a table are of the present; None: all."""
    if table.name == verdicts.name:
        return sa.or_(verdicts.c.valid_to.is_(None), verdicts.c.valid_to > now)
    if table.name == readings.name:
        told = sa.union(
            *(
                sa.select(indicators.c[name]).where(indicators.c[name].is_not(None))
                for name in ("first_reading_id", "reading_id", "partial_reading_id")
            )
        )
        return sa.or_(
            readings.c.at >= now - timedelta(seconds=_looked_back(connection)),
            readings.c.id.in_(told),
        )
    return None


def _looked_back(connection: sa.Connection) -> float:
    """How far back judgement looks, in seconds."""
    rows = connection.execute(sa.select(key_results.c.definition).where(key_results.c.active))
    return max(
        (from_json(KEY_RESULT, row.definition).judgement.history_seconds for row in rows),
        default=0.0,
    )
