"""Which key result a word means: its key, or its id, which more than one period may use."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.store.codec import KEY_RESULT, from_json
from syncd.store.periods import PERIOD, Period
from syncd.store.schema import composition_parts, key_results, periods
from syncd.store.shown import shown


@dataclass(frozen=True)
class Named:
    """A key result by its key, its id, and its period."""

    key: str
    id: str
    period: Period


def key_meant(connection: sa.Connection, word: str, now: datetime) -> str | None:
    """The key of the key result that a word means: one with this key, else the one with this id in
    the newest period that has begun by `now` (else in the newest); None: there is none.
    """
    found = _named(connection, sa.or_(key_results.c.key == word, key_results.c.id == word))
    if any(one.key == word for one in found):
        return word
    return max(found, key=lambda one: one.period.seniority(now)).key if found else None


def indicator_title(connection: sa.Connection, row: Any) -> str:
    """What people know an indicator by (its row): its name, else the title of a key result that it
    was written in, as a part of something composed or by itself, else its measure.
    """
    if row.name is not None:
        return str(row.name)
    made_of_it = sa.select(sa.literal(row.fingerprint).label("it")).cte(
        "made_of_it", recursive=True
    )
    made_of_it = made_of_it.union(
        sa.select(composition_parts.c.indicator).join(
            made_of_it, composition_parts.c.part == made_of_it.c.it
        )
    )
    definition = connection.execute(
        sa.select(key_results.c.definition)
        .where(key_results.c.indicator.in_(sa.select(made_of_it.c.it)), key_results.c.active)
        .order_by(key_results.c.key)
        .limit(1)
    ).scalar_one_or_none()
    return str(row.measure) if definition is None else from_json(KEY_RESULT, definition).title


def short_names(connection: sa.Connection, now: datetime) -> dict[str, str]:
    """What each key result may be called for short, by its key: its id where that means it, else
    its key.
    """
    meant: dict[str, list[Named]] = defaultdict(list)
    for one in _named(connection):
        meant[one.id].append(one)
    names: dict[str, str] = {}
    for same in meant.values():
        first = max(same, key=lambda one: one.period.seniority(now))
        names |= {one.key: one.id if one is first else one.key for one in same}
    return names


def words(connection: sa.Connection) -> list[str]:
    """The ids of key results, for who typed one that there is not."""
    query = sa.select(key_results.c.id).where(shown()).distinct()
    return sorted(connection.execute(query).scalars())


def _named(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> list[Named]:
    days = {
        row.id: from_json(PERIOD, row.definition)
        for row in connection.execute(sa.select(periods.c.id, periods.c.definition))
    }
    query = sa.select(key_results.c.key, key_results.c.id, key_results.c.period)
    return [
        Named(row.key, row.id, days[row.period])
        for row in connection.execute(query.where(shown(), *which))
    ]
