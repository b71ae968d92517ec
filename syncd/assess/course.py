"""The shape of an expected line: straight in the time that counts, from one corner to the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from syncd.assess.counting import Span, counted, merged, within

Corner = tuple[datetime, float]
Line = Sequence[Corner]
"""Moments in order with the ratio expected then; straight in between. Of two corners at the same
moment, which are a step, the later one holds from then on.
"""


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


def aimed(
    first: Corner, anchors: Line, off: Sequence[Span], pauses: Sequence[Span]
) -> list[Corner]:
    """The line from a corner on through the anchors ahead of it; the last anchor is its end.

    `off` is time off; `pauses` are merged. A pause that begins later does not bend the line before:
    declaring one must not ask for more of the time that has passed already. Anchors within a pause
    are passed over.
    """
    idle = [*off, *(pause for pause in pauses if pause[0] <= first[0])]
    line = _through(first, anchors, pauses, merged(idle))
    for pause in pauses:
        if first[0] < pause[0] < anchors[-1][0]:
            idle.append(pause)
            line = up_to(line, pause[0])
            line += _through(line[-1], anchors, pauses, merged(idle))[1:]
    return line


def up_to(line: Line, moment: datetime) -> list[Corner]:
    """The corners up to a moment, and the height of the line there."""
    kept = [corner for corner in line if corner[0] <= moment]
    height = expected_on(line, moment)
    if height is not None and (not kept or kept[-1][0] < moment):
        kept.append((moment, height))
    return kept


def from_on(line: Line, moment: datetime) -> list[Corner]:
    """The height of the line at a moment, and the corners after it."""
    height = expected_on(line, moment)
    later = [corner for corner in line if corner[0] > moment]
    return later if height is None else [(moment, height), *later]


def without_repetition(line: Line) -> list[Corner]:
    """The line without corners that say the same as the one before."""
    return [one for place, one in enumerate(line) if place == 0 or one != line[place - 1]]


def _through(
    first: Corner, anchors: Line, pauses: Sequence[Span], off: Sequence[Span]
) -> list[Corner]:
    """Straight in the time that counts from a corner through the anchors ahead; the last of them
    is always one of those. Where no time counts on the way there is a step.
    """
    resumed = next((until for since, until in pauses if since <= first[0] < until), first[0])
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
        line.append((right, high))
    return without_repetition(line)
