"""Marking what must be made again because a reading came: composed indicators and key results."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from syncd.store.schema import composition_parts, indicators, key_results


def mark_readers(connection: sa.Connection, fingerprints: Sequence[str]) -> None:
    """Marks what is made directly of these indicators, within the caller's transaction.

    Rows are locked in the order of their keys, composed indicators before key results, as the
    composing and the assessing transactions lock them, so that nobody waits in a circle.
    """
    if not fingerprints:
        return
    composed = (
        sa.select(indicators.c.fingerprint)
        .join(composition_parts, composition_parts.c.indicator == indicators.c.fingerprint)
        .where(indicators.c.active, composition_parts.c.part.in_(fingerprints))
    )
    wholes = _locked(connection, indicators, indicators.c.fingerprint, composed)
    if wholes:
        connection.execute(
            sa.update(indicators).where(indicators.c.fingerprint.in_(wholes)).values(dirty=True)
        )
    mark_key_results(connection, fingerprints)


def mark_key_results(connection: sa.Connection, fingerprints: Sequence[str]) -> None:
    """Marks the key results that read these indicators, or start from them."""
    reading = sa.select(key_results.c.key).where(
        key_results.c.active,
        sa.or_(
            key_results.c.serving.in_(fingerprints),
            key_results.c.indicator.in_(fingerprints),
            key_results.c.baseline.in_(fingerprints),
        ),
    )
    found = _locked(connection, key_results, key_results.c.key, reading)
    if found:
        connection.execute(
            sa.update(key_results).where(key_results.c.key.in_(found)).values(dirty=True)
        )


def _locked(
    connection: sa.Connection, table: sa.Table, key: sa.Column[str], wanted: sa.Select[tuple[str]]
) -> Sequence[str]:
    """The keys that `wanted` selects, their rows locked in order. SQLite's writer already has the
    whole store to itself.
    """
    query = sa.select(key).where(key.in_(wanted)).order_by(key)
    if connection.dialect.name != "sqlite":
        query = query.with_for_update(of=table, key_share=True)
    return connection.execute(query).scalars().all()
