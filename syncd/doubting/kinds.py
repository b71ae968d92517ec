"""What an indicator's numbers can be by their kind, before its author says anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from connectors.base import Aggregation, Dimension, NumberPlan, ScanPlan
from syncd.model import Combination, Combining, Coverage, Indicator, Manual, Plausible

_SHARES: Final = frozenset({Aggregation.SHARE, Aggregation.WEIGHTED_SHARE, Aggregation.MILESTONES})
_COUNTS: Final = frozenset({Aggregation.COUNT, Aggregation.KEYS})


def limits_of(indicator: Indicator) -> Plausible:
    """What the indicator's author declares, with what its kind adds.

    A share of things is within 0..1 and a number of things at least 0, whatever anybody says
    (`least`, `most`). A share that an upstream computes may be more than the whole, and a number
    that is called a count may be a difference: of counts and durations what is below 0 is only
    doubted, and not at all where the author allows it.
    """
    said, plan = indicator.plausible, indicator.plan
    if isinstance(plan, Manual):
        return said
    if isinstance(plan, Coverage) or (isinstance(plan, ScanPlan) and plan.aggregate.how in _SHARES):
        return replace(said, least=0.0, most=1.0)
    if isinstance(plan, NumberPlan) and plan.counts:
        return replace(said, least=0.0, counts=True)
    if isinstance(plan, ScanPlan) and plan.aggregate.how in _COUNTS:
        return replace(said, least=0.0)
    differs = isinstance(plan, Combination) and plan.how is Combining.DIFFERENCE
    if said.low is None and not differs and _starts_at_nothing(indicator):
        return replace(said, low=0.0)
    return said


def _starts_at_nothing(indicator: Indicator) -> bool:
    if indicator.dimension is Dimension.COUNT:
        return indicator.unit is None
    return indicator.dimension is Dimension.DURATION
