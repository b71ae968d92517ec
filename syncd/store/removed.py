"""What became of key results that no mapping file names any more. Never writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from syncd.model import Assessment, KeyResult
from syncd.store.codec import KEY_RESULT, from_json
from syncd.store.lately import told_with_readings
from syncd.store.schema import key_result_versions, key_results


@dataclass(frozen=True)
class Removed:
    """A key result that was taken out of the mapping files `at` that moment, as it was defined
    last, and what was told of it last (None: nothing had been).
    """

    at: datetime
    key_result: KeyResult
    told: Assessment | None


def removed_by(connection: sa.Connection, word: str, now: datetime) -> Removed | None:
    """The key result with this id or key that was taken out by `now`, the newest of them; None: it
    was not, or there never was one.
    """
    meant = sa.select(key_results.c.key).where(
        sa.or_(key_results.c.key == word, key_results.c.id == word)
    )
    row = connection.execute(
        sa.select(key_result_versions)
        .where(
            key_result_versions.c.key_result.in_(meant), key_result_versions.c.recorded_at <= now
        )
        .order_by(key_result_versions.c.id.desc())
        .limit(1)
    ).first()
    if row is None or row.active:
        return None
    told = told_with_readings(connection, row.recorded_at, [row.key_result]).get(row.key_result)
    return Removed(
        row.recorded_at,
        from_json(KEY_RESULT, row.definition),
        None if told is None else told.assessment,
    )
