"""By what a reader who keeps what was made of key results knows which of it still holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from syncd.model import Adjustment
from syncd.store.adjusting import adjustments_of
from syncd.store.schema import compactions, indicators, key_results


@dataclass(frozen=True)
class Stamp:
    """Two that are equal: of the key result nothing else is told, nothing else is said by people,
    and nothing else is rebuilt of its past (`rebuilt` are what that rests on, as far as it may
    change while nobody judges).
    """

    revision: int
    said: tuple[Adjustment, ...]
    rebuilt: tuple[Any, ...]


def stamps(connection: sa.Connection, periods: Sequence[str]) -> dict[str, Stamp]:
    """Of the active key results of some periods by their keys, in the order of the mapping files.
    Reads no definition and nothing of what is told.
    """
    own = key_results.c.period.in_(periods)
    serving, baseline = indicators.alias("serving"), indicators.alias("baseline")
    rows = connection.execute(
        sa.select(
            key_results.c.key,
            key_results.c.revision,
            serving.c.rewritten,
            serving.c.first_reading_id,
            serving.c.stale_after_seconds,
            # a number that a person gives of an earlier moment is rebuilt though it is the newest
            sa.case((serving.c.scope_id.is_(None), serving.c.reading_id)),
            baseline.c.reading_id,
        )
        .join(serving, serving.c.fingerprint == key_results.c.serving)
        .join(baseline, baseline.c.fingerprint == key_results.c.baseline, isouter=True)
        .where(key_results.c.active, own)
        .order_by(key_results.c.rank, key_results.c.key)
    ).all()
    said = adjustments_of(connection, sa.select(key_results.c.key).where(own))
    return {
        key: Stamp(revision, said.get(key, ()), tuple(rebuilt)) for key, revision, *rebuilt in rows
    }


def removed_so_far(connection: sa.Connection) -> Mapping[str, int]:
    """How many rows of each kind were removed of the past; rises with each that is."""
    query = sa.select(compactions.c.kind, compactions.c.removed)
    return {row.kind: row.removed for row in connection.execute(query)}
