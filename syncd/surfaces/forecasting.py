"""A forecast as a lead says it: where the value lands, when it is there, how likely that is."""

from __future__ import annotations

from datetime import datetime

from connectors.base import Dimension
from syncd.model import ENDED, Assessment, KeyResult, Status
from syncd.wording import NOTHING, date, quantity

SURE = 0.01


def forecast_words(
    kr: KeyResult,
    told: Assessment | None,
    dimension: Dimension,
    unit: str | None,
    now: datetime,
) -> str:
    """The landing value with its interval, the day the goal is reached, and the chance to be there
    in time; or why there is no forecast. A dash where nothing is left to forecast.
    """
    settled = {Status.ACHIEVED, Status.MISSED, *ENDED}
    if told is None or told.status in settled:
        return NOTHING
    found = told.forecast
    if found is None:
        return (told.no_forecast or "").rstrip(".") or NOTHING

    def said(value: float) -> str:
        return quantity(value, dimension, unit, beside=told.goal)

    low, high = sorted((found.low, found.high))
    interval = f" ({said(low)} to {said(high)})" if said(low) != said(high) else ""
    lands = (
        "the goal is not in sight"
        if found.lands_at is None
        else f"the goal on {date(found.lands_at, kr.timezone, now)}"
    )
    due = date(kr.due, kr.timezone, now)
    return f"{said(found.middle)}{interval} on {due}; {lands}; {chance_words(found.chance)}"


def chance_words(chance: float) -> str:
    """How likely it is to be there in time; never certain, because it is a forecast.

    >>> chance_words(0.42), chance_words(0.9999), chance_words(0.0)
    ('a chance of 42 %', 'a chance of over 99 %', 'a chance of under 1 %')
    """
    if chance > 1 - SURE:
        return "a chance of over 99 %"
    if chance < SURE:
        return "a chance of under 1 %"
    return f"a chance of {chance * 100:.0f} %"
