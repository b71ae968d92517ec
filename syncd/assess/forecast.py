"""Where a value will be at the due date if it goes on as it did, and how sure that is.

What has moved one way only is counted on (`counted_up`); of anything else the trend is Theil's
and Sen's. Both are over the daily readings, in time that counts; the formulas with worked examples
are in `docs/reference/judgement.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import NormalDist
from typing import Final

from connectors.base import Dimension
from syncd.assess.adjusting import has_ended, pauses_of
from syncd.assess.counted_up import CountedUp, counted_up, one_way
from syncd.assess.counting import Span, after, counted, merged
from syncd.assess.formula import is_number, rises
from syncd.assess.standing import Standing
from syncd.assess.trend import Points, Trend, Z, trend_of
from syncd.model import Evidence, Forecast, Target, TargetType

LEAST_READINGS: Final = 7
LEAST_TIME: Final = timedelta(days=5)
PERIODS_AHEAD: Final = 2
"""A goal that is reached later than this many periods after the due date is out of sight."""

LEAST_CHANCE: Final = 0.01
"""While a key result is under way nothing is certain."""

_WITHOUT_PACE: Final = {
    TargetType.GUARD: "a guard holds or is breached",
    TargetType.BOOLEAN: "it is done or not done",
    TargetType.MILESTONES: "by its dates",
}


def forecast_of(
    standing: Standing, evidence: Evidence, now: datetime
) -> tuple[Forecast | None, str | None]:
    """The forecast, or None and why there is none, in words.

    Needs a target that a value moves towards, fresh data, and daily readings: seven at least, over
    five days that count.
    """
    kr, target, goal, value = standing.kr, standing.target, standing.goal, standing.value
    if lacking := _lacking(standing, now):
        return None, lacking
    off = merged([*((one.start, one.end) for one in kr.time_off), *pauses_of(evidence.adjustments)])
    history = [(at, y) for at, y in evidence.history if at <= now and is_number(y)]
    points = _in_time_that_counts(history, off)
    if lacking := _too_few(points):
        return None, lacking
    first = history[0][0]
    trend = _pace(standing, points, evidence)
    if trend is None or target is None or goal is None or value is None:
        return None, "there is no value to go on from"
    landing = trend.at(counted(first, kr.due, off).total_seconds())
    if not all(is_number(y) for y in landing):
        return None, "the readings are too far apart"
    floor, ceiling = _bounds(target, goal, [value, *(y for _, y in history)], evidence.dimension)
    low, middle, high = (min(ceiling, max(floor, y)) for y in landing)
    return (
        Forecast(
            low=low,
            middle=middle,
            high=high,
            lands_at=_lands_at(standing, goal, trend, first, off),
            chance=_chance(standing, target, _asked(goal, trend, target), landing),
            readings=len(points),
            since=first,
        ),
        None,
    )


def _lacking(standing: Standing, now: datetime) -> str | None:
    """What there is no forecast without."""
    kr, target, reading = standing.kr, standing.target, standing.reading
    if has_ended(kr, now):
        return "it has ended"
    if target is None:
        return "the target is not decided yet"
    if target.type in _WITHOUT_PACE:
        return _WITHOUT_PACE[target.type]
    if now >= kr.due:
        return "the due date has passed"
    if reading is None:
        return "no reading yet"
    if standing.lacks_start:
        return f"no reading of {target.start_period or 'the earlier period'} to start from"
    if standing.value is None or standing.goal is None:
        return "there is no value to go on from"
    if standing.stale_at is not None and now >= standing.stale_at:
        return "the data is stale"
    return None


def _too_few(points: Sequence[tuple[float, float]]) -> str | None:
    days = "1 day" if len(points) == 1 else f"{len(points)} days"
    if len(points) < LEAST_READINGS:
        return f"{days} of readings; a forecast needs {LEAST_READINGS}"
    if points[-1][0] < LEAST_TIME.total_seconds():
        return (
            f"{days} of readings, with less than {LEAST_TIME.days} days between them that count; "
            f"a forecast needs as many"
        )
    return None


def _in_time_that_counts(
    history: Sequence[tuple[datetime, float]], off: Sequence[Span]
) -> list[tuple[float, float]]:
    """Each value with the seconds that count since the first of them."""
    return [(counted(history[0][0], at, off).total_seconds(), y) for at, y in history]


def _pace(standing: Standing, points: Points, evidence: Evidence) -> Trend | CountedUp | None:
    """How the value moves: one way only, where its history says so and it is known what one step
    is or there was one, else along a trend. What has not moved at all may only move to the goal.
    """
    values = [y for _, y in points]
    towards, single = one_way(values), _single(standing, values, evidence)
    if towards == 0 and single and standing.target is not None and not standing.met:
        towards = 1 if rises(standing.target) else -1
    if not towards:
        return trend_of(points)
    whole = evidence.dimension is Dimension.COUNT and single == 1.0
    return counted_up(points, towards, single, whole=whole)


def _single(standing: Standing, values: Sequence[float], evidence: Evidence) -> float:
    """How much one thing more changes the value: one of what is counted whole, one in n of a share
    of n; 0 where nobody knows.
    """
    if evidence.dimension is Dimension.COUNT and all(y == int(y) for y in values):
        return 1.0
    whole = None if standing.reading is None else standing.reading.denominator
    if evidence.dimension is Dimension.RATIO and whole is not None and whole >= 1:
        return 1.0 / whole
    return 0.0


def _bounds(
    target: Target, goal: float, seen: Sequence[float], dimension: Dimension
) -> tuple[float, float]:
    """Between what the value is taken to stay: it stops at the goal, or where it is beyond that
    already; a share is never less than nothing or more than everything, and a number that counts
    or takes time is never less than nothing.
    """
    floor, ceiling = float("-inf"), float("inf")
    every = [goal, *seen]
    if dimension is not Dimension.OTHER and min(every) >= 0.0:
        floor = 0.0
    if dimension is Dimension.RATIO and floor == 0.0 and max(every) <= 1.0:
        ceiling = 1.0
    if rises(target):
        return floor, min(ceiling, max(goal, seen[0]))
    return max(floor, min(goal, seen[0])), ceiling


def _lands_at(
    standing: Standing,
    goal: float,
    trend: Trend | CountedUp,
    first: datetime,
    off: Sequence[Span],
) -> datetime | None:
    """When the trend reaches the goal: not before the newest reading, and None where that is not
    within two more periods.
    """
    kr, reading = standing.kr, standing.reading
    if standing.met and reading is not None:
        return reading.at
    crossing = trend.crossing(goal)
    upwards = standing.target is not None and rises(standing.target)
    if crossing is None or (trend.slope > 0) is not upwards:
        return None
    end = kr.due + PERIODS_AHEAD * (kr.due - kr.start)
    if crossing > counted(first, end, off).total_seconds():
        return None
    return after(first, timedelta(seconds=max(crossing, trend.last[0])), off)


def _asked(goal: float, trend: Trend | CountedUp, target: Target) -> float:
    """From where on a landing reaches the goal: what is counted whole is there from the half on
    that is rounded to it.
    """
    if isinstance(trend, CountedUp) and trend.whole:
        return goal - 0.5 if rises(target) else goal + 0.5
    return goal


def _chance(
    standing: Standing, target: Target, goal: float, landing: tuple[float, float, float]
) -> float:
    """The share of landings at the goal or beyond, each half of them spread as a normal
    distribution whose eighty per cent are between the bounds. A certainty only where it is met.
    """
    low, middle, high = landing
    upwards = rises(target)
    short = goal - middle if upwards else middle - goal
    towards, away = (high - middle, middle - low) if upwards else (middle - low, high - middle)
    side = towards if short > 0 else away
    share = NormalDist().cdf(-short * Z / side) if side > 0 else float(short <= 0)
    if standing.met:
        return share
    return min(1 - LEAST_CHANCE, max(LEAST_CHANCE, share))
