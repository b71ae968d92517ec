"""What a reason says of the forecast."""

from __future__ import annotations

from datetime import datetime

from syncd.assess.standing import Standing
from syncd.assess.whole_counts import counts_whole, whole_before
from syncd.model import Evidence, Forecast
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
    if standing.target is not None and counts_whole(evidence):
        value = whole_before(value, standing.target)
    shown = quantity(value, evidence.dimension, evidence.unit, beside=standing.goal)
    return f"at this pace {shown} on {due}"
