"""Readings made of the verdicts that hold at a moment."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from connectors.base import Aggregation, Outcome
from syncd.store.schema import to_microseconds, verdicts


@dataclass(frozen=True)
class Aggregated:
    """A value and what it was made of. `objects` counts all that hold a verdict at the moment."""

    value: float | None
    numerator: float | None
    denominator: float | None
    pending: int
    objects: int
    lower_bound: bool = False


def holding(set_id: int, at: datetime) -> sa.ColumnElement[bool]:
    """The condition under which a row of `verdicts` is in the set and holds at `at`."""
    return sa.and_(
        verdicts.c.set_id == set_id,
        verdicts.c.valid_from <= at,
        sa.or_(verdicts.c.valid_to.is_(None), verdicts.c.valid_to > at),
    )


def aggregate(
    connection: sa.Connection,
    set_id: int,
    how: Aggregation,
    percentile: float | None,
    at: datetime,
) -> Aggregated:
    """The aggregate of a set at `at`; its value is None where there is nothing to say.

    A share is passed/(passed + failed); a count is of objects that pass; a mean is over the
    numbers of finished objects; a percentile is nearest-rank and takes an open object at its age
    so far: when the rank falls on one, the value is a lower bound.
    """
    tally = {
        row.outcome: (int(row.number_of), row.total)
        for row in connection.execute(
            sa.select(
                verdicts.c.outcome,
                sa.func.count().label("number_of"),
                sa.func.sum(verdicts.c.number).label("total"),
            )
            .where(holding(set_id, at))
            .group_by(verdicts.c.outcome)
        )
    }
    passed, failed, pending = (
        tally.get(outcome.value, (0, None))[0]
        for outcome in (Outcome.PASS, Outcome.FAIL, Outcome.PENDING)
    )
    finished, objects = passed + failed, passed + failed + pending
    if how is Aggregation.COUNT:
        return Aggregated(float(passed), float(passed), None, pending, objects)
    if how is Aggregation.SHARE:
        share = passed / finished if finished else None
        return Aggregated(share, float(passed), float(finished), pending, objects)
    if how is Aggregation.MEAN:
        total = sum(tally[o][1] or 0.0 for o in (Outcome.PASS, Outcome.FAIL) if o in tally)
        mean = total / finished if finished else None
        return Aggregated(mean, total, float(finished), pending, objects)
    if percentile is None:
        raise ValueError("a percentile needs its rank, in 0..100")
    return _percentile(connection, set_id, percentile, at, pending, objects)


def _percentile(
    connection: sa.Connection,
    set_id: int,
    percentile: float,
    at: datetime,
    pending: int,
    objects: int,
) -> Aggregated:
    if not objects:
        return Aggregated(None, None, 0.0, 0, 0)
    age_seconds = (to_microseconds(at) - sa.type_coerce(verdicts.c.valid_from, sa.BigInteger)) / 1e6
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
        pending,
        objects,
        lower_bound=row.outcome == Outcome.PENDING.value,
    )
