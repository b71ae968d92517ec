"""Roll-ups of the periods in force, from what is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from syncd.assess import RollUps, roll_up
from syncd.store.periods import Period, periods_in_force
from syncd.store.read import KeyResultView, key_result_views


@dataclass(frozen=True)
class RolledUp:
    """A period, its key results as told, and what they come to."""

    period: Period
    views: tuple[KeyResultView, ...]
    rollups: RollUps


def rollups(connection: sa.Connection) -> list[RolledUp]:
    """The roll-ups of each period in force, the earliest first."""
    return rolled_up(periods_in_force(connection), key_result_views(connection))


def rolled_up(periods: Sequence[Period], views: Sequence[KeyResultView]) -> list[RolledUp]:
    """The same of key results that were read already."""
    found = []
    for period in periods:
        own = tuple(view for view in views if view.key_result.period == period.id)
        told = {v.key_result.id: v.assessment for v in own if v.assessment is not None}
        objectives = {objective.id: objective for objective in period.objectives}
        summed = roll_up([view.key_result for view in own], objectives, told)
        found.append(RolledUp(period, own, summed))
    return found
