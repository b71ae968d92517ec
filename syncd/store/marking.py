"""Marking what must be made again because a reading came: composed indicators and key results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from syncd.store.schema import IS_ACTIVE, composition_parts, indicators, key_results

_FINGERPRINTS: sa.BindParameter[Any] = sa.bindparam("fingerprints", expanding=True)


def _locked(table: sa.Table, key: sa.Column[str], wanted: sa.SelectBase) -> sa.Select[Any]:
    """The keys that `wanted` selects, their rows locked in order. SQLite's writer already has the
    whole store to itself, and is told nothing of locks.
    """
    query = sa.select(key).where(key.in_(wanted)).order_by(key)
    return query.with_for_update(of=table, key_share=True)


# Made once: to make a statement anew costs more than to run it, and these are run for each reading.
_WHOLES = _locked(
    indicators,
    indicators.c.fingerprint,
    sa.select(indicators.c.fingerprint)
    .join(composition_parts, composition_parts.c.indicator == indicators.c.fingerprint)
    .where(indicators.c.active, composition_parts.c.part.in_(_FINGERPRINTS)),
)
_KEY_RESULTS = _locked(
    key_results,
    key_results.c.key,
    # each by its own index; of an OR SQLite looks at all that are active
    sa.union(
        *(
            sa.select(key_results.c.key).where(IS_ACTIVE, column.in_(_FINGERPRINTS))
            for column in (key_results.c.serving, key_results.c.indicator, key_results.c.baseline)
        )
    ),
)
_KEYS: sa.BindParameter[Any] = sa.bindparam("keys", expanding=True)
_MARK_WHOLES = sa.update(indicators).where(indicators.c.fingerprint.in_(_KEYS)).values(dirty=True)
_MARK_KEY_RESULTS = sa.update(key_results).where(key_results.c.key.in_(_KEYS)).values(dirty=True)


def mark_readers(connection: sa.Connection, fingerprints: Sequence[str]) -> None:
    """Marks what is made directly of these indicators, within the caller's transaction.

    Rows are locked in the order of their keys, composed indicators before key results, as the
    composing and the assessing transactions lock them, so that nobody waits in a circle.
    """
    if not fingerprints:
        return
    said = {"fingerprints": list(fingerprints)}
    wholes = connection.execute(_WHOLES, said).scalars().all()
    if wholes:
        connection.execute(_MARK_WHOLES, {"keys": wholes})
    mark_key_results(connection, fingerprints)


def mark_key_results(connection: sa.Connection, fingerprints: Sequence[str]) -> None:
    """Marks the key results that read these indicators, or start from them."""
    said = {"fingerprints": list(fingerprints)}
    found = connection.execute(_KEY_RESULTS, said).scalars().all()
    if found:
        connection.execute(_MARK_KEY_RESULTS, {"keys": found})
