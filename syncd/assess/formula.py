"""Progress: how a value becomes a ratio, for each type of target.

With v the value, s the start and g the goal (worked examples: `docs/reference/judgement.md`):

- increase, decrease: (v - s) / (g - s), as Quantive and most OKR tools define it
- at_least: v / g; where g < 0, g / v until met (a ratio of two negatives would be upside down)
- at_most: 1 when met, else g / v; its mirror image where g < 0
- guard, boolean: 1 when met, else 0
- milestones: v, which is the share done

Wherever a formula has no meaning (g = 0, or a start that is already at the goal) progress is 1
when the goal is met and 0 when it is not.
"""

from __future__ import annotations

import math
import sys
from typing import Final, TypeGuard

from syncd.model import Target, TargetType

EQUAL_WITHIN: Final = 1e-9
"""A value this close to its goal, relative to the goal, reaches it: 0.1 + 0.2 is at most 0.3."""

_START_ERROR: Final = 1e-14
"""Rounding error of a goal that was computed from the start, relative to the start."""

_UPWARDS: Final = frozenset(
    {TargetType.INCREASE, TargetType.AT_LEAST, TargetType.BOOLEAN, TargetType.MILESTONES}
)
_OF_THE_GOAL: Final = frozenset({TargetType.AT_LEAST, TargetType.MILESTONES})
_FROM_START: Final = frozenset({TargetType.INCREASE, TargetType.DECREASE})


def is_number(value: float | None) -> TypeGuard[float]:
    """Whether there is a value at all: None, NaN and the infinities are none."""
    return value is not None and math.isfinite(value)


def needs_start(target: Target) -> bool:
    """Whether progress is counted from a start (declared, a past period's, the first reading)."""
    return target.type in _FROM_START


def goal_of(target: Target, start: float | None) -> float | None:
    """The value to reach, in base units; None where there is none (a guard) or none is known yet.

    `by` is a change of the start, in the direction of the target; a relative one is a share of
    the start's magnitude, so that a decrease goes down from a negative start too.

    >>> goal_of(Target(TargetType.DECREASE, by=0.4, by_relative=True), 50.0)
    30.0
    >>> goal_of(Target(TargetType.DECREASE, by=0.5, by_relative=True), -10.0)
    -15.0
    """
    if target.type in (TargetType.BOOLEAN, TargetType.MILESTONES):
        return 1.0
    if target.type is TargetType.GUARD:
        return None
    if target.goal is not None:
        return target.goal if is_number(target.goal) else None
    if target.by is None or not is_number(start):
        return None
    change = target.by * abs(start) if target.by_relative else target.by
    goal = start + change if target.type is TargetType.INCREASE else start - change
    return goal if is_number(goal) else None


def rises(target: Target) -> bool:
    """Whether a higher value is a better one. Not for guards, which have no direction."""
    return target.type in _UPWARDS


def reaches(target: Target, value: float, wanted: float, start: float | None) -> bool:
    """Whether the value is at `wanted` (a goal or a checkpoint) or beyond it, in the target's
    direction. Not for guards, which have no direction.
    """
    slack = EQUAL_WITHIN * abs(wanted) + _START_ERROR * abs(start or 0.0)
    return value >= wanted - slack if rises(target) else value <= wanted + slack


def is_met(target: Target, value: float, start: float | None, goal: float | None) -> bool:
    """Whether the value satisfies the target; a guard is met inside its bounds."""
    if target.type is TargetType.GUARD:
        low, high = target.low, target.high
        return (low is None or value >= low - EQUAL_WITHIN * abs(low)) and (
            high is None or value <= high + EQUAL_WITHIN * abs(high)
        )
    return goal is not None and reaches(target, value, goal, start)


def progress(target: Target, value: float | None, start: float | None) -> float | None:
    """Progress as a ratio, unbounded: below 0 before the start, above 1 beyond the goal.

    None where it cannot be told: no value, no goal, or no start where the type needs one.
    `held_for` and remembered breaches are not in it; `assess` applies them.

    >>> progress(Target(TargetType.INCREASE, goal=100), 40, start=20)
    0.25
    >>> progress(Target(TargetType.AT_MOST, goal=7), 10, start=None)
    0.7
    """
    return progress_to(target, value, start, goal_of(target, start))


def progress_to(
    target: Target, value: float | None, start: float | None, goal: float | None
) -> float | None:
    """Progress towards a goal that is already worked out; otherwise as `progress`."""
    if not is_number(value):
        return None
    if target.type in (TargetType.GUARD, TargetType.BOOLEAN):
        return float(is_met(target, value, start, goal))
    if goal is None or (needs_start(target) and not is_number(start)):
        return None
    met = is_met(target, value, start, goal)
    if needs_start(target) and start is not None:
        ratio = _from_start(target, value, start, goal, met)
    elif target.type in _OF_THE_GOAL:
        ratio = _at_least(value, goal, met)
    else:
        ratio = min(1.0, _at_least(-value, -goal, met))
    return max(1.0, ratio) if met else ratio


def bounded(ratio: float | None) -> float | None:
    """The ratio kept between 0 and 1, for scoring; None stays None.

    >>> bounded(1.4), bounded(-0.2), bounded(None)
    (1.0, 0.0, None)
    """
    return None if ratio is None else min(1.0, max(0.0, ratio))


def value_at(target: Target, ratio: float, start: float | None, goal: float | None) -> float | None:
    """The value whose progress is `ratio`: the formula read backwards, for the line in sentences
    and charts. None where no single value has it.

    >>> value_at(Target(TargetType.INCREASE, goal=100), 0.25, 20, 100)
    40.0
    """
    if goal is None:
        return None
    if needs_start(target):
        if not is_number(start) or reaches(target, start, goal, start):
            return None
        return start + ratio * (goal - start)
    if goal <= 0:
        return None
    if target.type in _OF_THE_GOAL:
        return ratio * goal
    if target.type is TargetType.AT_MOST and ratio > 0:
        return goal / ratio
    return None


def starts_at_goal(target: Target, start: float | None, goal: float | None) -> bool:
    """Whether the start had already reached the goal, so that there is no way between them."""
    return (
        needs_start(target)
        and is_number(start)
        and goal is not None
        and reaches(target, start, goal, start)
    )


def _from_start(target: Target, value: float, start: float, goal: float, met: bool) -> float:
    if starts_at_goal(target, start, goal):
        return float(met)
    now, nows = value.as_integer_ratio()
    then, thens = start.as_integer_ratio()
    last, lasts = goal.as_integer_ratio()
    return _quotient((now * thens - then * nows) * lasts, (last * thens - then * lasts) * nows)


def _at_least(value: float, goal: float, met: bool) -> float:
    if goal <= 0:
        if met:
            return 1.0
        value, goal = goal, value
    part, parts = value.as_integer_ratio()
    whole, wholes = goal.as_integer_ratio()
    return _quotient(part * wholes, whole * parts)


def _quotient(part: int, whole: int) -> float:
    """The exact quotient as the nearest float: extreme values neither overflow nor become NaN.

    Of whole numbers, because fractions that are cancelled each time take ten times as long.
    """
    if whole < 0:
        # or nothing of something negative would be -0.0
        part, whole = -part, -whole
    try:
        return part / whole
    except OverflowError:
        return sys.float_info.max if part > 0 else -sys.float_info.max
