"""From when on the past is kept as it came: what the periods that run, and those just over, ask of.

Never writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from syncd.model import KeyResult
from syncd.store.codec import KEY_RESULT, from_json
from syncd.store.columns import EPOCH
from syncd.store.periods import PERIOD
from syncd.store.schema import closings, composition_parts, key_result_versions, key_results
from syncd.store.schema import indicators as indicators_table
from syncd.store.schema import periods as periods_table

MARGIN = timedelta(days=2)
"""Judgement looks back to the beginning of a day, whatever its timezone."""


@dataclass(frozen=True)
class Horizon:
    """What is of `fine_since` (aware UTC) or later is kept as it came; of what is earlier the last
    of each day in each of these timezones. The verdicts of `indicators` (fingerprints) are kept.
    """

    fine_since: datetime
    zones: tuple[ZoneInfo, ...]
    indicators: frozenset[str]


def horizon(connection: sa.Connection, now: datetime, fine: timedelta) -> Horizon:
    """What is kept at `now`, when a period is kept whole until `fine` after its end, or after it
    was closed, whichever is later.
    """
    zones = {"UTC"}
    spans = [earlier(now, fine)]
    closed = {
        row.period: row.at
        for row in connection.execute(sa.select(closings.c.period, closings.c.at))
    }
    recent: set[str] = set()
    for row in connection.execute(sa.select(periods_table)):
        period = from_json(PERIOD, row.definition)
        zones.add(period.timezone)
        over = max(
            (one for one in (period.ends, closed.get(row.id)) if one is not None), default=None
        )
        if over is not None and over + fine > now:
            recent.add(row.id)
            if period.starts is not None:
                spans.append(period.starts)
    wanted: set[str] = set()
    versions = _versions(connection)
    for row in connection.execute(sa.select(key_results)):
        ever = [from_json(KEY_RESULT, row.definition), *versions.get(row.key, ())]
        if row.active:
            looked = max(kr.judgement.history_seconds for kr in ever)
            spans.append(earlier(now, timedelta(seconds=looked) + MARGIN))
        if row.period not in recent and max(kr.due for kr in ever) + fine <= now:
            continue
        spans += [kr.start for kr in ever]
        wanted.update(kr.indicator for kr in ever)
        wanted.update(one for one in (row.indicator, row.serving, row.baseline) if one)
    return Horizon(
        fine_since=min(spans),
        zones=tuple(ZoneInfo(zone) for zone in sorted(zones)),
        indicators=frozenset(_with_parts(connection, wanted)),
    )


def earlier(now: datetime, by: timedelta) -> datetime:
    """`now` less so much, and never before 1970."""
    return now - min(by, now - EPOCH)


def _versions(connection: sa.Connection) -> dict[str, list[KeyResult]]:
    found: dict[str, list[KeyResult]] = {}
    rows: Sequence[Any] = connection.execute(
        sa.select(key_result_versions.c.key_result, key_result_versions.c.definition)
    ).all()
    for row in rows:
        found.setdefault(row.key_result, []).append(from_json(KEY_RESULT, row.definition))
    return found


def _with_parts(connection: sa.Connection, wanted: set[str]) -> set[str]:
    """These indicators, all that are in force, and all that any of them are made of."""
    parts: dict[str, list[str]] = {}
    for row in connection.execute(sa.select(composition_parts)):
        parts.setdefault(row.indicator, []).append(row.part)
    active = sa.select(indicators_table.c.fingerprint).where(indicators_table.c.active)
    found: set[str] = set()
    frontier = [*wanted, *connection.execute(active).scalars()]
    while frontier:
        one = frontier.pop()
        if one not in found:
            found.add(one)
            frontier += parts.get(one, [])
    return found
