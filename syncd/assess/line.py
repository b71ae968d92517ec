"""The expected line: how far a key result should be at a moment.

Straight from 0 at the start to 1 at the due date (as Viva Goals counts it), or through the
checkpoints, whose values become progress by the formula of the target's type. A guard is
expected whole from its first day; milestones are expected on their dates, in steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from syncd.assess.formula import bounded, progress_to
from syncd.assess.milestones import corners_by_dates
from syncd.model import KeyResult, TargetType

Line = Sequence[tuple[datetime, float]]
"""Moments in order with the ratio expected then, never falling; straight in between. Of two corners
at the same moment, which are a step, the later one holds from then on.
"""


def expected_line(
    kr: KeyResult, start_value: float | None, goal: float | None
) -> list[tuple[datetime, float]]:
    """Corners of the expected line, from `kr.start` to `kr.due`; ratios 0..1 that never fall.

    `start_value` and `goal` are those of the assessment. Empty where nothing can be expected:
    no target, no goal, or checkpoints that cannot be converted because the start is not known.
    """
    target = kr.target
    if target is None or not target.is_decided:
        return []
    if target.type is TargetType.GUARD:
        return [(kr.start, 1.0), (kr.due, 1.0)]
    if target.type is TargetType.MILESTONES:
        return corners_by_dates(kr, target)
    if goal is None:
        return []
    line = [(kr.start, 0.0)]
    for checkpoint in sorted(kr.checkpoints, key=lambda one: one.at):
        ratio = bounded(progress_to(target, checkpoint.value, start_value, goal))
        if ratio is None:
            return []
        if kr.start < checkpoint.at < kr.due:
            line.append((checkpoint.at, max(ratio, line[-1][1])))
    return [*line, (kr.due, 1.0)]


def expected(
    kr: KeyResult, start_value: float | None, goal: float | None, now: datetime
) -> float | None:
    """The ratio expected at `now`, 0..1: 0 before the start, 1 from the due date on; None where
    there is no line.
    """
    return expected_on(expected_line(kr, start_value, goal), now)


def expected_on(line: Line, now: datetime) -> float | None:
    """The height of the line at `now`; None where there is no line. Never falls with time."""
    if not line:
        return None
    if now >= line[-1][0]:
        return line[-1][1]
    height = 0.0
    for (left, low), (right, high) in pairwise(line):
        if left <= now < right:
            # Rounding must not lift the end of a piece above the beginning of the next.
            return min(high, low + (high - low) * ((now - left) / (right - left)))
    return height
