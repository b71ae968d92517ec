"""The expected line: how far a key result should be at a moment.

Straight in the time that counts, from 0 at the start to 1 at the due date (as Viva Goals counts
it), or through the checkpoints, whose values become progress by the formula of the target's type.
It is flat in time off and while it is paused. A guard is expected whole from its first day;
milestones are expected on their dates, in steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from syncd.assess.counting import Span, counted, merged, within
from syncd.assess.formula import bounded, progress_to
from syncd.assess.milestones import corners_by_dates
from syncd.model import Adjustment, AdjustmentKind, KeyResult, TargetType

Corner = tuple[datetime, float]
Line = Sequence[Corner]
"""Moments in order with the ratio expected then; straight in between. Of two corners at the same
moment, which are a step, the later one holds from then on.
"""


def expected_line(
    kr: KeyResult,
    start_value: float | None,
    goal: float | None,
    adjustments: Sequence[Adjustment] = (),
) -> list[Corner]:
    """Corners of the expected line, from `kr.start` to `kr.due`; ratios 0..1 that never fall.

    `start_value` and `goal` are those of the assessment; of the adjustments only pauses count.
    Empty where nothing can be expected: no target, no goal, or checkpoints that cannot be converted
    because the start is not known.
    """
    target = kr.target
    if target is None or not target.is_decided:
        return []
    if target.type is TargetType.GUARD:
        return [(kr.start, 1.0), (kr.due, 1.0)]
    if target.type is TargetType.MILESTONES:
        return corners_by_dates(kr, target)
    anchors = _anchors(kr, start_value, goal)
    return _aimed(kr, (kr.start, 0.0), anchors, _pauses(adjustments)) if anchors else []


def expected(
    kr: KeyResult, start_value: float | None, goal: float | None, now: datetime
) -> float | None:
    """The ratio expected at `now`, 0..1: 0 before the start, 1 from the due date on; None where
    there is no line.
    """
    return expected_on(expected_line(kr, start_value, goal), now)


def expected_on(line: Line, now: datetime) -> float | None:
    """The height of the line at `now`; None where there is no line."""
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


def _aimed(
    kr: KeyResult, first: Corner, anchors: Sequence[Corner], pauses: Sequence[Span]
) -> list[Corner]:
    """The line from a corner on through the anchors ahead of it, with its pauses.

    A pause that begins later does not bend the line before: declaring one must not ask for more of
    the time that has passed already. Checkpoints within a pause are passed over.
    """
    off = [(one.start, one.end) for one in kr.time_off]
    off += [pause for pause in pauses if pause[0] <= first[0]]
    line = _through(first, anchors, pauses, merged(off))
    for pause in pauses:
        if first[0] < pause[0] < kr.due:
            off.append(pause)
            line = _until(line, pause[0])
            line += _through(line[-1], anchors, pauses, merged(off))[1:]
    return line


def _through(
    first: Corner, anchors: Sequence[Corner], pauses: Sequence[Span], off: Sequence[Span]
) -> list[Corner]:
    """Straight in the time that counts from a corner through the anchors ahead; the last of them,
    the due date, is always one of those. Where no time counts on the way there is a step.
    """
    begun = [until for since, until in pauses if since <= first[0] < until]
    resumed = max(begun, default=first[0])
    line = [first]
    for place, (at, ratio) in enumerate(anchors):
        if at <= resumed and place < len(anchors) - 1:
            continue
        (left, low), high = line[-1], max(ratio, line[-1][1])
        right = max(at, left)
        whole = counted(left, right, off)
        for since, until in within(off, left, right):
            part = counted(left, since, off) / whole if whole else 0.0
            height = high if part == 1.0 else min(high, low + (high - low) * part)
            line += [(since, height), (until, height)]
        if not whole:
            line.append((right, low))
        line.append((right, high))
    return _without_repetition(line)


def _until(line: Line, moment: datetime) -> list[Corner]:
    """The corners up to a moment, and the height of the line there."""
    kept = [corner for corner in line if corner[0] <= moment]
    height = expected_on(line, moment)
    if height is not None and (not kept or kept[-1][0] < moment):
        kept.append((moment, height))
    return kept


def _without_repetition(line: list[Corner]) -> list[Corner]:
    return [one for place, one in enumerate(line) if place == 0 or one != line[place - 1]]


def _pauses(adjustments: Sequence[Adjustment]) -> tuple[Span, ...]:
    return merged(
        (one.since, one.until)
        for one in adjustments
        if one.kind is AdjustmentKind.PAUSE and one.until is not None
    )
