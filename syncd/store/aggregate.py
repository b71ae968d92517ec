"""Readings made of the verdicts that hold at a moment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.base import Aggregate, Aggregation, Outcome
from syncd.store.columns import to_microseconds
from syncd.store.schema import verdicts

Json = Any


@dataclass(frozen=True)
class Aggregated:
    """A value and what it was made of. `objects` counts all that hold a verdict at the moment."""

    value: float | None
    numerator: float | None
    denominator: float | None
    pending: int
    objects: int
    lower_bound: bool = False
    details: Json = None


@dataclass(frozen=True)
class Counts:
    """How many objects of a set pass, fail and wait at a moment."""

    passed: int = 0
    failed: int = 0
    pending: int = 0

    @classmethod
    def of(cls, found: Mapping[Outcome, int]) -> Counts:
        """Of so many of each outcome."""
        return cls(*(found.get(one, 0) for one in _IN_ORDER))

    def by_outcome(self) -> dict[Outcome, int]:
        """So many of each."""
        return dict(zip(_IN_ORDER, (self.passed, self.failed, self.pending), strict=True))

    @property
    def finished(self) -> int:
        """Those that pass or fail."""
        return self.passed + self.failed

    @property
    def objects(self) -> int:
        """All that hold a verdict."""
        return self.finished + self.pending


@dataclass(frozen=True)
class _Tally:
    """The objects of one outcome: how many, how many of them have a number, and its sum."""

    objects: int = 0
    numbers: int = 0
    total: float = 0.0


_IN_ORDER = (Outcome.PASS, Outcome.FAIL, Outcome.PENDING)
"""As `Counts` has them."""

_OF_NUMBERS = frozenset(
    {Aggregation.MEAN, Aggregation.SUM, Aggregation.WEIGHTED_SHARE, Aggregation.ONLY}
)


def is_of_counts(wanted: Aggregate) -> bool:
    """Whether it takes `Counts` that are known; else it counts while it adds up."""
    return wanted.how not in _OF_NUMBERS


def holding(set_id: int, at: datetime) -> sa.ColumnElement[bool]:
    """The condition under which a row of `verdicts` is in the set and holds at `at`."""
    return sa.and_(
        verdicts.c.set_id == set_id,
        verdicts.c.valid_from <= at,
        sa.or_(verdicts.c.valid_to.is_(None), verdicts.c.valid_to > at),
    )


def aggregate_of(definition: Mapping[str, Json]) -> Aggregate:
    """The aggregate that a `connectors.base.Aggregate.definition` identifies; one written before
    there was a scale has none.
    """
    return Aggregate(
        Aggregation(definition["how"]), definition["percentile"], definition.get("scale", 1.0)
    )


def aggregate(
    connection: sa.Connection,
    set_id: int,
    wanted: Aggregate,
    at: datetime,
    counts: Counts | None = None,
) -> Aggregated:
    """The aggregate of a set at `at`; its value is None where there is nothing to say. `counts`:
    what `counts_at` would say, where that is known.

    What each means stands at `connectors.base.Aggregation`. A percentile is nearest-rank and takes
    an open object at its age so far, or at the number its row carries (time that does not run by
    the wall clock is written ahead so): when the rank falls on one, the value is a lower bound.
    Only the value is scaled, not what it was made of.
    """
    found = _aggregated(connection, set_id, wanted, at, counts)
    if found.value is None or wanted.scale == 1.0:
        return found
    return replace(found, value=found.value * wanted.scale)


def counts_at(connection: sa.Connection, set_id: int, at: datetime) -> Counts:
    """How many objects of a set pass, fail and wait at `at`, counted one by one."""
    query = sa.select(verdicts.c.outcome, sa.func.count().label("objects"))
    rows = connection.execute(query.where(holding(set_id, at)).group_by(verdicts.c.outcome))
    return Counts.of({Outcome(row.outcome): int(row.objects) for row in rows})


def _aggregated(
    connection: sa.Connection,
    set_id: int,
    wanted: Aggregate,
    at: datetime,
    known: Counts | None,
) -> Aggregated:
    passed, failed, pending = _Tally(), _Tally(), _Tally()
    if not is_of_counts(wanted):
        passed, failed, pending = _tallies(connection, set_id, at)
        counts = Counts(passed.objects, failed.objects, pending.objects)
    else:
        counts = counts_at(connection, set_id, at) if known is None else known

    def made(
        value: float | None,
        numerator: float | None,
        denominator: float | None = None,
        details: Json = None,
    ) -> Aggregated:
        beside = counts.pending, counts.objects
        return Aggregated(value, numerator, denominator, *beside, details=details)

    match wanted.how:
        case Aggregation.COUNT:
            return made(float(counts.passed), float(counts.passed))
        case Aggregation.SHARE:
            return made(*_share(counts.passed, counts.finished))
        case Aggregation.MILESTONES:
            details = {"milestones": _milestones(connection, set_id, at)}
            return made(*_share(counts.passed, counts.finished), details)
        case Aggregation.MEAN:
            return made(*_share(passed.total + failed.total, passed.numbers + failed.numbers))
        case Aggregation.SUM:
            return made(passed.total, passed.total)
        case Aggregation.WEIGHTED_SHARE:
            return made(*_share(passed.total, passed.total + failed.total))
        case Aggregation.ONLY:
            is_one = (counts.passed, passed.numbers) == (1, 1)
            return made(passed.total if is_one else None, None)
        case Aggregation.KEYS:
            keys = _distinct_keys(connection, set_id, at)
            return made(float(keys), float(keys))
        case Aggregation.PERCENTILE:
            return _percentile(connection, set_id, wanted.percentile, at, counts)


def _tallies(connection: sa.Connection, set_id: int, at: datetime) -> list[_Tally]:
    """As `_IN_ORDER`."""
    number = verdicts.c.number
    query = sa.select(
        verdicts.c.outcome,
        sa.func.count().label("objects"),
        sa.func.count(number).label("numbers"),
        sa.func.sum(number).label("total"),
    )
    rows = connection.execute(query.where(holding(set_id, at)).group_by(verdicts.c.outcome))
    found = {
        row.outcome: _Tally(int(row.objects), int(row.numbers), float(row.total or 0.0))
        for row in rows
    }
    return [found.get(one.value, _Tally()) for one in _IN_ORDER]


def _share(part: float, whole: float) -> tuple[float | None, float, float]:
    return (part / whole if whole else None), float(part), float(whole)


def _distinct_keys(connection: sa.Connection, set_id: int, at: datetime) -> int:
    """How many different keys the passing objects hold. An object without keys has none."""
    unpack = sa.func.json_each
    if connection.dialect.name != "sqlite":
        unpack = sa.func.json_array_elements_text
    key = unpack(verdicts.c["keys"]).table_valued("value")
    return int(
        connection.execute(
            sa.select(sa.func.count(key.c.value.distinct()))
            .select_from(verdicts.join(key, sa.true()))
            .where(holding(set_id, at), verdicts.c.outcome == Outcome.PASS.value)
        ).scalar_one()
    )


def _milestones(connection: sa.Connection, set_id: int, at: datetime) -> dict[str, Json]:
    """By key: whether it is done, since when it is (ISO 8601), and by which object."""
    found: dict[str, Json] = {}
    for row in connection.execute(
        sa.select(verdicts).where(holding(set_id, at)).order_by(verdicts.c.object_id)
    ):
        done = row.outcome == Outcome.PASS.value
        for key in row.keys or ():
            found[key] = {
                "done": done,
                "since": row.valid_from.isoformat() if done else None,
                "object": row.object_id,
            }
    return dict(sorted(found.items()))


def _percentile(
    connection: sa.Connection,
    set_id: int,
    percentile: float | None,
    at: datetime,
    counts: Counts,
) -> Aggregated:
    if percentile is None:
        raise ValueError("a percentile needs its rank, in 0..100")
    objects = counts.objects
    if not objects:
        return Aggregated(None, None, 0.0, 0, 0)
    since = sa.type_coerce(sa.func.coalesce(verdicts.c.began, verdicts.c.valid_from), sa.BigInteger)
    age_seconds = (to_microseconds(at) - since) / 1e6
    number = sa.func.coalesce(verdicts.c.number, age_seconds)
    rank = max(1, math.ceil(percentile / 100 * objects))
    row = connection.execute(
        sa.select(number.label("number"), verdicts.c.outcome)
        .where(holding(set_id, at))
        .order_by(number)
        .offset(rank - 1)
        .limit(1)
    ).one()
    return Aggregated(
        float(row.number),
        None,
        float(objects),
        counts.pending,
        objects,
        lower_bound=row.outcome == Outcome.PENDING.value,
    )
