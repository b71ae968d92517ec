"""Whether a number is believed beside the last one that was."""

from __future__ import annotations

import math
from typing import Final

from syncd.model import Doubt, DoubtKind, Plausible
from syncd.model.plausible import SHRINK_FROM, SHRINK_RATIO

EQUAL_WITHIN: Final = 1e-9
"""What is this close to a limit, relative to it, is not beyond it: 0.1 + 0.2 is at most 0.3."""

ROUGHLY: Final = 0.2
"""Two numbers that are not believed say the same when they differ by no more than this share of how
far the earlier one lies from the last that was believed, or from the limit."""


def doubt_of(
    value: float, limits: Plausible, good: float | None, *, outside: bool = False
) -> Doubt | None:
    """Why a number is not believed; None: it is.

    `good` is the last one that was believed (None: there is none yet). `outside`: that one is
    outside of the declared range, and is believed all the same, since runs or a person have
    confirmed it: then what lies roughly as far out is believed too.

    >>> doubt_of(130.0, Plausible(high=100.0), 90.0).kind
    <DoubtKind.RANGE: 'range'>
    """
    if not math.isfinite(value):
        return Doubt(DoubtKind.IMPOSSIBLE, value, good)
    if (limit := _beyond(value, limits.least, limits.most)) is not None:
        return Doubt(DoubtKind.IMPOSSIBLE, value, good, limit)
    limit = _beyond(value, limits.low, limits.high)
    if limit is not None and not (outside and _as_far(value, good, limit)):
        return Doubt(DoubtKind.RANGE, value, good, limit)
    if good is None:
        return None
    if limits.counter and value < good - _slack(good):
        return Doubt(DoubtKind.COUNTER, value, good, good)
    most = largest_step(limits, good)
    if most is not None and abs(value - good) > most + _slack(max(abs(good), abs(value))):
        return Doubt(DoubtKind.STEP, value, good, limits.step, limits.step_relative)
    # of a scope whose objects are read this is looked at where they are taken in
    return shrink_doubt(int(good), int(value), limits.shrink_ratio) if limits.counts else None


def largest_step(limits: Plausible, good: float) -> float | None:
    """How far the next number may lie from this one; None: any."""
    if limits.step is None or (limits.step_relative and good == 0):
        return None  # of nothing there is no share
    return limits.step * abs(good) if limits.step_relative else limits.step


def is_outside(value: float | None, limits: Plausible) -> bool:
    """Whether a number is outside of the declared range, believed or not."""
    return value is not None and _beyond(value, limits.low, limits.high) is not None


def shrink_doubt(before: int, after: int, shrink_ratio: float | None) -> Doubt | None:
    """Why it is not believed that a scope has so few objects; None: it is. `shrink_ratio` None:
    nothing is declared, and few objects may always go.

    >>> shrink_doubt(1000, 100, None).kind, shrink_doubt(1000, 500, None), shrink_doubt(19, 0, None)
    (<DoubtKind.SHRINK: 'shrink'>, None, None)
    """
    if shrink_ratio is None:
        if before < SHRINK_FROM:
            return None
        shrink_ratio = SHRINK_RATIO
    if before - after <= shrink_ratio * before * (1 + EQUAL_WITHIN):
        return None
    return Doubt(DoubtKind.SHRINK, float(after), float(before), shrink_ratio, relative=True)


def _beyond(value: float, low: float | None, high: float | None) -> float | None:
    """The limit that the value is beyond."""
    if low is not None and value < low - _slack(low):
        return low
    if high is not None and value > high + _slack(high):
        return high
    return None


def _as_far(value: float, good: float | None, limit: float) -> bool:
    if good is None or (good > limit) is not (value > limit):
        return False
    return abs(value - limit) <= (1 + ROUGHLY) * abs(good - limit) + _slack(good)


def _slack(beside: float) -> float:
    return EQUAL_WITHIN * max(1.0, abs(beside))
