"""What a reason says of the forecast."""

from __future__ import annotations

import math
from datetime import datetime

from connectors.base import Dimension
from syncd.assess.formula import EQUAL_WITHIN, rises
from syncd.assess.standing import Standing
from syncd.model import Evidence, Forecast, Target
from syncd.wording import date, last_day, quantity


def pace_words(forecast: Forecast, standing: Standing, evidence: Evidence, now: datetime) -> str:
    """When the goal is reached at this pace, where that is on a day before the due one, or else
    where the value will be by then.
    """
    kr, lands_at = standing.kr, forecast.lands_at
    due = last_day(kr.due, kr.timezone, now)
    if lands_at is not None and now < lands_at < kr.due:
        day = date(lands_at, kr.timezone, now)
        if day != due:
            return f"reached about {day} at this pace"
    value = forecast.middle
    if standing.target is not None and _counts_whole(evidence):
        value = _whole(value, standing.target)
    shown = quantity(value, evidence.dimension, evidence.unit, beside=standing.goal)
    return f"at this pace {shown} on {due}"


def _counts_whole(evidence: Evidence) -> bool:
    return evidence.dimension is Dimension.COUNT and all(y == int(y) for _, y in evidence.history)


def _whole(value: float, target: Target) -> float:
    """What is counted is there or not: the whole number before the value, never beyond it."""
    if rises(target):
        return math.floor(value + EQUAL_WITHIN)
    return math.ceil(value - EQUAL_WITHIN)
