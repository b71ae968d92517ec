"""The rates of sources that all who share a store ask together: which moment is the next one's.

A row for each source holds the first moment that is nobody's. Turns are handed out in batches, in
one short statement, by the server's clock; who dies with some in hand has wasted these moments, and
never makes others ask faster.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from connectors.base import Turn
from syncd.store.columns import EPOCH
from syncd.store.engine import Store
from syncd.store.schema import source_turns

PASSES_SECONDS = 1.0
"""A turn passes so long after it has come."""

CAUGHT_UP_SECONDS = 0.5
"""So much that nobody took may be caught up with. What is left until such turns pass is for whoever
took several to make use of them: else who asks far below the rate would fetch each by itself.
"""

_MICROSECONDS = 1_000_000

_LOCK = (
    sa.select(source_turns.c.source)
    .where(source_turns.c.source.in_(sa.bindparam("sources", expanding=True)))
    .order_by(source_turns.c.source)
    .with_for_update(key_share=True)  # which SQLite is not told of
)


class SharedRates:
    """The connectors' `SharedRate`, kept in a store of PostgreSQL."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def reserve(self, source: str, rate_per_second: float, count: int) -> Sequence[Turn]:
        """As the protocol says. Raises sqlalchemy's DBAPIError."""
        step = _MICROSECONDS / rate_per_second
        now = sa.cast(
            sa.func.extract("epoch", sa.func.clock_timestamp()) * _MICROSECONDS, sa.BigInteger
        )
        free = sa.type_coerce(source_turns.c.free_from, sa.BigInteger)
        caught_up = int(CAUGHT_UP_SECONDS * _MICROSECONDS)
        taking = (
            sa.update(source_turns)
            .where(source_turns.c.source == source)
            .values(free_from=sa.func.greatest(free, now - caught_up) + round(step * count))
            .returning(free, now)
        )
        with self._store.write() as connection:
            connection.execute(sa.select(sa.literal(1)))
            before = time.monotonic()
            row = connection.execute(taking).first()
            if row is None:
                _add(self._store, connection, [source])
                before = time.monotonic()
                row = connection.execute(taking).one()
            after = time.monotonic()
        free_from, told = (int(value) for value in row)
        turns = []
        for left in range(count, 0, -1):
            in_seconds = (free_from - step * left - told) / _MICROSECONDS
            # The server's moment lies between the two: neither too early nor too late by it.
            turns.append(Turn(after + in_seconds, before + in_seconds + PASSES_SECONDS))
        return turns


def lock_sources(store: Store, connection: sa.Connection, sources: Collection[str]) -> None:
    """Locks the rows of these sources, until the transaction ends, in the order of their names."""
    if not sources:
        return
    said = {"sources": list(sources)}
    found = set(connection.execute(_LOCK, said).scalars())
    if missing := sorted(set(sources) - found):
        _add(store, connection, missing)
        connection.execute(_LOCK, said).all()


def _add(store: Store, connection: sa.Connection, sources: Collection[str]) -> None:
    rows: list[dict[str, Any]] = [{"source": source, "free_from": EPOCH} for source in sources]
    connection.execute(
        store.insert(source_turns).on_conflict_do_nothing(index_elements=["source"]), rows
    )
