"""Roll-ups of the periods in force, from what is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from syncd.assess import RollUps, roll_up
from syncd.store.codec import ROLLUPS, from_json
from syncd.store.periods import Closed, Period, PeriodView
from syncd.store.read import KeyResultView
from syncd.store.schema import closings
from syncd.store.told import key_results_known


@dataclass(frozen=True)
class RolledUp:
    """A period, its key results as told, and what they come to; `closed`: for good."""

    period: Period
    closed: Closed | None
    views: tuple[KeyResultView, ...]
    rollups: RollUps


def rollups(
    connection: sa.Connection, shown: Sequence[PeriodView], at: datetime | None = None
) -> list[RolledUp]:
    """The roll-ups of some periods as they were told at `at` (None: as they are now); those of a
    closed one as they were when it was closed.
    """
    views = key_results_known(connection, at, periods=[one.period.id for one in shown])
    frozen = {
        row.period: from_json(ROLLUPS, row.rollups)
        for row in connection.execute(sa.select(closings.c.period, closings.c.rollups))
    }
    return [
        one if one.closed is None else replace(one, rollups=frozen[one.period.id])
        for one in rolled_up(shown, views)
    ]


def rolled_up(shown: Sequence[PeriodView], views: Sequence[KeyResultView]) -> list[RolledUp]:
    """What key results come to as they are told, period by period."""
    found = []
    for one in shown:
        period = one.period
        own = tuple(view for view in views if view.key_result.period == period.id)
        told = {v.key_result.id: v.assessment for v in own if v.assessment is not None}
        objectives = {objective.id: objective for objective in period.objectives}
        summed = roll_up([view.key_result for view in own], objectives, told)
        found.append(RolledUp(period, one.closed, own, summed))
    return found
