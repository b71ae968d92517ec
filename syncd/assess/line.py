"""The expected line: how far a key result should be at a moment.

Straight in the time that counts, from 0 at the start to 1 at the due date (as Viva Goals counts
it), or through the checkpoints, whose values become progress by the formula of the target's type.
It is flat in time off and while it is paused. A guard is expected whole from its first day;
milestones are expected on their dates, in steps. An edited target goes on from where the old line
stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.assess.adjusting import pauses_of
from syncd.assess.counting import Span
from syncd.assess.course import (
    Corner,
    Line,
    aimed,
    expected_on,
    from_on,
    up_to,
    without_repetition,
)
from syncd.assess.edits import bending, carried_over, start_before
from syncd.assess.formula import bounded, goal_of, progress_to
from syncd.assess.milestones import corners_by_dates
from syncd.model import Adjustment, Former, KeyResult, TargetType

__all__ = ["Corner", "Line", "expected", "expected_line", "expected_on"]


def expected_line(
    kr: KeyResult,
    start_value: float | None,
    goal: float | None,
    adjustments: Sequence[Adjustment] = (),
    former: Sequence[Former] = (),
) -> list[Corner]:
    """Corners of the expected line up to `kr.due`; ratios 0..1. From the day of the last edit on
    they never fall; those before it are ratios of the definition that held then.

    `start_value` and `goal` are those of the assessment; of the adjustments only pauses count.
    Empty where nothing can be expected: no target, no goal, or checkpoints that cannot be converted
    because the start is not known.
    """
    pauses = pauses_of(adjustments)
    own = _own_line(kr, start_value, goal, pauses)
    edits = bending(kr, former)
    if not own or not edits:
        return own
    was, until = edits[-1].key_result, edits[-1].until
    was_start = start_before(was, kr, start_value)
    was_goal = None if was.target is None else goal_of(was.target, was_start)
    before = expected_line(was, was_start, was_goal, adjustments, edits[:-1])
    after = from_on(own, until)
    stood = expected_on(before, until)
    if stood is not None and was.target is not None and kr.target is not None and kr.start < until:
        ratio = carried_over(stood, was.target, was_start, kr.target, start_value)
        if ratio is not None:
            anchors = _anchors(kr, start_value, goal)
            after = aimed((until, ratio), anchors, _off(kr), pauses)
    return without_repetition([*up_to(before, until), *after])


def expected(
    kr: KeyResult, start_value: float | None, goal: float | None, now: datetime
) -> float | None:
    """The ratio expected at `now`, 0..1, of a key result that was never edited or paused: 0 before
    the start, 1 from the due date on; None where there is no line.
    """
    return expected_on(expected_line(kr, start_value, goal), now)


def _own_line(
    kr: KeyResult, start_value: float | None, goal: float | None, pauses: Sequence[Span]
) -> list[Corner]:
    """The line as if there had never been another definition."""
    target = kr.target
    if target is None or not target.is_decided:
        return []
    if target.type is TargetType.GUARD:
        return [(kr.start, 1.0), (kr.due, 1.0)]
    if target.type is TargetType.MILESTONES:
        return corners_by_dates(kr, target)
    if target.type is TargetType.BOOLEAN:
        return [(kr.start, 0.0), (kr.due, 0.0), (kr.due, 1.0)]
    anchors = _anchors(kr, start_value, goal)
    return aimed((kr.start, 0.0), anchors, _off(kr), pauses) if anchors else []


def _anchors(kr: KeyResult, start_value: float | None, goal: float | None) -> list[Corner]:
    """What the line leads through: the checkpoints, never falling, and the whole at the due date.
    Empty where a checkpoint cannot be converted, or there is no goal.
    """
    if kr.target is None or goal is None:
        return []
    anchors: list[Corner] = []
    for checkpoint in sorted(kr.checkpoints, key=lambda one: one.at):
        ratio = bounded(progress_to(kr.target, checkpoint.value, start_value, goal))
        if ratio is None:
            return []
        if kr.start < checkpoint.at < kr.due:
            anchors.append((checkpoint.at, max(ratio, anchors[-1][1] if anchors else 0.0)))
    return [*anchors, (kr.due, 1.0)]


def _off(kr: KeyResult) -> list[Span]:
    return [(one.start, one.end) for one in kr.time_off]
