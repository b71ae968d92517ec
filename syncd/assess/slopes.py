"""Slopes between points by their rank, without all of them being made and sorted.

Seen along a line of slope a, the points of a pair change places just where the pair's own slope
is a. So by how many have changed places it is known how many slopes are below a, and the pairs
whose order differs between two lines are those whose slopes lie between them: Matoušek (1991),
"Randomized optimal algorithm for slope selection", Information Processing Letters 39. Two lines
close around the ranks wanted are found by a few of the pairs; where they do not enclose these
ranks, or where rounding might tell the order of two points wrongly, all slopes are made and
sorted. What is found is what sorting all of them would find, to the last bit.
"""

from __future__ import annotations

import math
import sys
from bisect import bisect_right, insort
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from operator import sub
from random import Random
from typing import Final

Points = Sequence[tuple[float, float]]

FEW: Final = 45
"""Of fewer points all slopes are faster made than avoided."""

_LOOKED_AT: Final = 3
"""So many pairs for each point are looked at first."""

_MARGIN: Final = 1.3
"""By how much the rank of a slope among those may mislead, in roots of their number: 2.6 standard
deviations where that is most.
"""

_ROUNDED: Final = 32 * 2.0**-53
"""How far apart two points must be, for the largest number in them, to be in the order told: four
roundings of it for each of both, and twice that to be sure.
"""


def all_slopes(points: Points) -> list[float]:
    """The slopes of all pairs of points in order of x that differ in x, in order.

    >>> all_slopes([(0.0, 1.0), (1.0, 3.0), (1.0, 0.0)])
    [-1.0, 2.0]
    """
    return sorted(
        (right[1] - left[1]) / (right[0] - left[0])
        for left, right in combinations(points, 2)
        if right[0] > left[0]
    )


def slopes_at(points: Points, count: int, ranks: Sequence[int]) -> list[float]:
    """Those of `all_slopes(points)`, of which there are `count`, at these places, in order."""
    found = None if len(points) < FEW else _enclosed(sorted(points), count, ranks)
    first, near = found or (0, all_slopes(points))
    return [near[rank - first] for rank in ranks]


def _enclosed(points: Points, count: int, ranks: Sequence[int]) -> tuple[int, list[float]] | None:
    """Slopes in order that lie between two lines, `ranks` among them, and how many are below."""
    xs, ys = zip(*points, strict=True)
    few = sorted(
        [(ys[j] - ys[i]) / (xs[j] - xs[i]) for i, j in _pairs(len(points)) if xs[j] > xs[i]]
    )
    if not few:
        return None
    last = len(few) - 1
    margin = _MARGIN / math.sqrt(len(few))
    low = few[max(0, math.floor((ranks[0] / count - margin) * last))]
    high = few[min(last, math.ceil((ranks[-1] / count + margin) * last))]
    # a line between slopes: many pairs may have the very slope that was met
    aside = (high - low) * 1e-3
    largest = max(map(abs, ys))
    distinct = len(set(points))
    before, after = (
        _along(points, slope, largest, distinct) for slope in (low - aside, high + aside)
    )
    if before is None or after is None:
        return None
    below = _fallen(before)
    near = _changed(points, before, after)
    if below <= ranks[0] and ranks[-1] < below + len(near):
        return below, sorted(near)
    return None


@lru_cache(maxsize=128)
def _pairs(points: int) -> list[tuple[int, int]]:
    """Some of all pairs, by chance, and the same ones each time."""
    every = list(combinations(range(points), 2))
    chance = Random(points)  # noqa: S311 - which pairs, no secret
    return chance.sample(every, _LOOKED_AT * points)


def _along(points: Points, slope: float, largest: float, distinct: int) -> list[float] | None:
    """The height of each point over the line of this slope; None where two are too close."""
    heights = [y - slope * x for x, y in points]
    ordered = sorted(set(heights))
    if len(ordered) < distinct:
        return None
    largest = max(largest, abs(slope * points[0][0]), abs(slope * points[-1][0]))
    least = min(map(sub, ordered[1:], ordered))
    return heights if least > largest * _ROUNDED + sys.float_info.min else None


def _fallen(heights: Sequence[float]) -> int:
    """How many pairs are lower on the right than on the left."""
    seen: list[float] = []
    fallen = 0
    for height in heights:
        fallen += len(seen) - bisect_right(seen, height)
        insort(seen, height)
    return fallen


def _changed(points: Points, before: Sequence[float], after: Sequence[float]) -> list[float]:
    """The slopes of the pairs that rise before and fall after."""
    seen: list[float] = []
    held: list[tuple[float, float]] = []
    found: list[float] = []
    for _, height, (x, y) in sorted(zip(before, after, points, strict=True)):
        place = bisect_right(seen, height)
        found += [(y - lower) / (x - left) for left, lower in held[place:]]
        seen.insert(place, height)
        held.insert(place, (x, y))
    return found
