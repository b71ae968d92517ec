"""What is read from each source: when, how it went, and what it cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from syncd.store.schema import composition_parts, indicators, key_results, scopes


@dataclass(frozen=True)
class Turn:
    """The last turn of a scope, and when the next one is due.

    It serves the named `indicators`, and of the key results that read it otherwise those with these
    `keys`. `seconds`, `requests` and `size_bytes` are of the last one that was published.
    """

    source: str
    indicators: tuple[str, ...]
    keys: tuple[str, ...]
    interval_seconds: float
    last_success_at: datetime | None
    next_due_at: datetime
    failures: int
    error_type: str | None
    error_message: str | None
    failing_since: datetime | None
    seconds: float | None
    requests: int | None
    size_bytes: int | None


def turns(connection: sa.Connection) -> list[Turn]:
    """Those of every active scope, by source; what fails comes first, then what is oldest."""
    named: dict[int, list[str]] = defaultdict(list)
    unnamed: dict[int, set[str]] = defaultdict(set)
    read_by = _key_results(connection)
    for row in connection.execute(
        sa.select(indicators.c.scope_id, indicators.c.name, indicators.c.fingerprint)
        .where(indicators.c.active, indicators.c.scope_id.is_not(None))
        .order_by(indicators.c.name, indicators.c.fingerprint)
    ):
        if row.name is None:
            unnamed[row.scope_id] |= read_by[row.fingerprint]
        else:
            named[row.scope_id].append(row.name)
    found = [
        Turn(
            source=row.source,
            indicators=tuple(named[row.id]),
            keys=tuple(sorted(unnamed[row.id])),
            interval_seconds=row.interval_seconds,
            last_success_at=row.last_success_at,
            next_due_at=row.next_due_at,
            failures=row.failures,
            error_type=row.error_type,
            error_message=row.error_message,
            failing_since=row.failing_since,
            seconds=row.last_seconds,
            requests=row.last_requests,
            size_bytes=row.last_bytes,
        )
        for row in connection.execute(sa.select(scopes).where(scopes.c.active))
    ]
    return sorted(found, key=_worst_first)


def _key_results(connection: sa.Connection) -> Mapping[str, set[str]]:
    """The keys of the active key results by the indicator that they read, or that one that they
    read is made of.
    """
    wholes: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(sa.select(composition_parts)):
        wholes[row.part].append(row.indicator)
    found: dict[str, set[str]] = defaultdict(set)
    query = sa.select(key_results.c.key, key_results.c.indicator, key_results.c.baseline)
    for row in connection.execute(query.where(key_results.c.active)):
        for fingerprint in (row.indicator, row.baseline):
            found[fingerprint].add(row.key)

    def above(fingerprint: str) -> set[str]:
        return found[fingerprint].union(*(above(whole) for whole in wholes[fingerprint]))

    parts = list(wholes)
    return defaultdict(set, {**found, **{part: above(part) for part in parts}})


def _worst_first(turn: Turn) -> tuple[str, bool, float, tuple[str, ...]]:
    read = turn.last_success_at
    return (
        turn.source,
        not turn.failures,
        0.0 if read is None else read.timestamp(),
        turn.indicators,
    )
