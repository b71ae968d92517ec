"""Where a value will be at the due date if it goes on as it did, and how sure that is.

What has moved one way only is counted on (`counted_up`); of anything else the trend is Theil's
and Sen's. Both are over the daily readings, in time that counts; the formulas with worked examples
are in `docs/reference/judgement.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import isfinite
from statistics import NormalDist
from typing import Final, NamedTuple

from connectors.base import Dimension
from syncd.assess.adjusting import has_ended, pauses_of
from syncd.assess.counted_up import CountedUp, counted_up, one_way
from syncd.assess.counting import Span, after, counted, merged, passed
from syncd.assess.formula import is_number, rises
from syncd.assess.slopes import Points
from syncd.assess.standing import Standing
from syncd.assess.trend import Trend, Z, trend_of
from syncd.model import Evidence, Forecast, Target, TargetType

LEAST_READINGS: Final = 7
LEAST_TIME: Final = timedelta(days=5)
PERIODS_AHEAD: Final = 2
"""A goal that is reached later than this many periods after the due date is out of sight."""

LEAST_CHANCE: Final = 0.01
"""While a key result is under way nothing is certain."""

MOST_KEPT: Final = 20_000
"""Of so many key results the last forecast is kept."""

NO_VALUE: Final = "there is no value to go on from"

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
    history = tuple([one for one in evidence.history if one[0] <= now and isfinite(one[1])])
    if history == evidence.history:
        # which is kept by others too, and this one by `_made`
        history = evidence.history
    if target is None or goal is None or value is None:
        return None, NO_VALUE
    reading = standing.reading
    given = _Given(
        history=history,
        off=tuple(off),
        target=target,
        goal=goal,
        value=value,
        met_at=reading.at if standing.met and reading is not None else None,
        met=standing.met,
        denominator=None if reading is None else reading.denominator,
        dimension=evidence.dimension,
        start=kr.start,
        due=kr.due,
    )
    # most key results are judged again with what they were judged by before
    before = _made.get(kr.key)
    if before is not None and before[0] == given:
        return before[1]
    if len(_made) >= MOST_KEPT:
        _made.clear()
    found = _forecast(given)
    _made[kr.key] = given, found
    return found


class _Given(NamedTuple):
    """All that a forecast is made from. `met_at`: of the reading by which the goal is met."""

    history: tuple[tuple[datetime, float], ...]
    off: tuple[Span, ...]
    target: Target
    goal: float
    value: float
    met: bool
    met_at: datetime | None
    denominator: float | None
    dimension: Dimension
    start: datetime
    due: datetime


Found = tuple[Forecast | None, str | None]

_made: dict[str, tuple[_Given, Found]] = {}
"""The last forecast of each key result, with what it was made from: it holds for that only."""


def _forecast(given: _Given) -> Found:
    points = _in_time_that_counts(given.history, given.off)
    if lacking := _too_few(points):
        return None, lacking
    first = given.history[0][0]
    trend = _pace(given, points)
    if trend is None:
        return None, NO_VALUE
    landing = trend.at(counted(first, given.due, given.off).total_seconds())
    if not all(is_number(y) for y in landing):
        return None, "the readings are too far apart"
    floor, ceiling = _bounds(given)
    low, middle, high = (min(ceiling, max(floor, y)) for y in landing)
    return (
        Forecast(
            low=low,
            middle=middle,
            high=high,
            lands_at=_lands_at(given, trend, first),
            chance=_chance(given, _asked(given.goal, trend, given.target), landing),
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
        return NO_VALUE
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
    seconds = passed([at for at, _ in history], off)
    return list(zip(seconds, [y for _, y in history], strict=True))


def _pace(given: _Given, points: Points) -> Trend | CountedUp | None:
    """How the value moves: one way only, where its history says so and it is known what one step
    is or there was one, else along a trend. What has not moved at all may only move to the goal.
    """
    values = [y for _, y in points]
    towards, single = one_way(values), _single(given, values)
    if towards == 0 and single and not given.met:
        towards = 1 if rises(given.target) else -1
    if not towards:
        return trend_of(points)
    whole = given.dimension is Dimension.COUNT and single == 1.0
    return counted_up(points, towards, single, whole=whole)


def _single(given: _Given, values: Sequence[float]) -> float:
    """How much one thing more changes the value: one of what is counted whole, one in n of a share
    of n; 0 where nobody knows.
    """
    if given.dimension is Dimension.COUNT and all(y == int(y) for y in values):
        return 1.0
    whole = given.denominator
    if given.dimension is Dimension.RATIO and whole is not None and whole >= 1:
        return 1.0 / whole
    return 0.0


def _bounds(given: _Given) -> tuple[float, float]:
    """Between what the value is taken to stay: it stops at the goal, or where it is beyond that
    already; a share is never less than nothing or more than everything, and a number that counts
    or takes time is never less than nothing.
    """
    floor, ceiling = float("-inf"), float("inf")
    goal, value, dimension = given.goal, given.value, given.dimension
    every = [goal, value, *(y for _, y in given.history)]
    if dimension is not Dimension.OTHER and min(every) >= 0.0:
        floor = 0.0
    if dimension is Dimension.RATIO and floor == 0.0 and max(every) <= 1.0:
        ceiling = 1.0
    if rises(given.target):
        return floor, min(ceiling, max(goal, value))
    return max(floor, min(goal, value)), ceiling


def _lands_at(given: _Given, trend: Trend | CountedUp, first: datetime) -> datetime | None:
    """When the trend reaches the goal: not before the newest reading, and None where that is not
    within two more periods.
    """
    if given.met_at is not None:
        return given.met_at
    crossing = trend.crossing(given.goal)
    if crossing is None or (trend.slope > 0) is not rises(given.target):
        return None
    end = given.due + PERIODS_AHEAD * (given.due - given.start)
    if crossing > counted(first, end, given.off).total_seconds():
        return None
    return after(first, timedelta(seconds=max(crossing, trend.last[0])), given.off)


def _asked(goal: float, trend: Trend | CountedUp, target: Target) -> float:
    """From where on a landing reaches the goal: what is counted whole is there from the half on
    that is rounded to it.
    """
    if isinstance(trend, CountedUp) and trend.whole:
        return goal - 0.5 if rises(target) else goal + 0.5
    return goal


def _chance(given: _Given, goal: float, landing: tuple[float, float, float]) -> float:
    """The share of landings at the goal or beyond, each half of them spread as a normal
    distribution whose eighty per cent are between the bounds. A certainty only where it is met.
    """
    low, middle, high = landing
    upwards = rises(given.target)
    short = goal - middle if upwards else middle - goal
    towards, away = (high - middle, middle - low) if upwards else (middle - low, high - middle)
    side = towards if short > 0 else away
    share = NormalDist().cdf(-short * Z / side) if side > 0 else float(short <= 0)
    if given.met:
        return share
    return min(1 - LEAST_CHANCE, max(LEAST_CHANCE, share))
