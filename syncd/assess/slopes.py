"""Slopes between points by their rank, without all of them being made and sorted.

Seen along a line of slope a, the points of a pair change places just where the pair's own slope
is a. So by how many have changed places it is known how many slopes are below a, and the pairs
whose order differs between two lines are those whose slopes lie between them: Matoušek (1991),
"Randomized optimal algorithm for slope selection", Information Processing Letters 39. A few of the
pairs tell two lines near the ranks wanted; how many slopes are below those tells two that lie close
around these ranks. Where those do not enclose them, or where rounding might tell the order of two
points wrongly, all slopes are made and sorted. What is found is what sorting all of them would
find, to the last bit.
"""

from __future__ import annotations

import math
import sys
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from operator import sub
from random import Random
from typing import Final

Points = Sequence[tuple[float, float]]

FEW: Final = 36
"""Of fewer points all slopes are faster made than avoided."""

_LOOKED_AT: Final = 45
"""So many pairs are looked at first."""

_BESIDE: Final = 0.035
"""How far from the ranks wanted, as a share of all, slopes are counted first: about as far as the
pairs looked at mislead. Further away it is told less well where the ranks are.
"""

_MARGIN: Final = 0.018
"""By how much, as a share of all, the rank of a slope between those may be guessed wrongly: less in
nineteen of twenty cases.
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
        [
            (y - lower) / (x - left)
            for place, (left, lower) in enumerate(points, 1)
            for x, y in points[place:]
            if x > left
        ]
    )


def slopes_at(points: Points, count: int, ranks: Sequence[int]) -> list[float]:
    """Those of `all_slopes(points)`, of which there are `count`, at these places, in order."""
    found = None if len(points) < FEW else _enclosed(points, count, ranks)
    first, near = found or (0, all_slopes(points))
    return [near[rank - first] for rank in ranks]


def _enclosed(points: Points, count: int, ranks: Sequence[int]) -> tuple[int, list[float]] | None:
    """How many slopes are below two lines around `ranks`, and those between them, in order."""
    distinct = len(points)
    if count < math.comb(distinct, 2):
        # of points at the same x the lower one comes first, so that they never change places
        points, distinct = sorted(points), len(set(points))
    few = _of_few(points)
    if not few:
        return None
    last = len(few) - 1
    left = few[max(0, math.floor((ranks[0] / count - _BESIDE) * last))]
    right = few[min(last, math.ceil((ranks[-1] / count + _BESIDE) * last))]
    if left == right == 0.0 and _are_level(points, count, ranks):
        return ranks[0], [0.0] * (ranks[-1] - ranks[0] + 1)
    under, over = _below(points, left), _below(points, right)
    # where all of these have the very slope that was met, the few tell how far off others are
    each = (right - left) / (over - under) if over > under else (few[-1] - few[0]) / count
    low = left + (ranks[0] - under) * each
    high = left + (ranks[-1] - under) * each
    aside = _MARGIN * count * each
    for lines in (
        (low - aside, high + aside),
        (min(low - aside, left) - 2 * aside, max(high + aside, right) + 2 * aside),
    ):
        found = _between(points, *lines, distinct)
        if found is None:
            return None
        below, near = found
        if below <= ranks[0] and ranks[-1] < below + len(near):
            return below, sorted(near)
    return None


def _of_few(points: Points) -> list[float]:
    """The slopes of some of the pairs, in order."""
    met = [(points[left], points[right]) for left, right in _pairs(len(points))]
    return sorted([(y - lower) / (x - left) for (left, lower), (x, y) in met if x > left])


@lru_cache(maxsize=128)
def _pairs(points: int) -> list[tuple[int, int]]:
    """Some of all pairs, by chance, and the same ones each time."""
    every = list(combinations(range(points), 2))
    chance = Random(points)  # noqa: S311 - which pairs, no secret
    return chance.sample(every, _LOOKED_AT)


def _are_level(points: Points, count: int, ranks: Sequence[int]) -> bool:
    """Whether fewer pairs fall than there are ranks below those wanted, and fewer rise than above:
    where a value mostly stays, or comes back.
    """
    mirrored = sorted([(x, -y) for x, y in points])
    return _below(points, 0.0) <= ranks[0] and ranks[-1] < count - _below(mirrored, 0.0)


def _below(points: Points, slope: float) -> int:
    """How many slopes are below this one, as far as rounding lets it be told: so many pairs are
    lower on the right than on the left, seen along a line of this slope.
    """
    heights: list[float] = []
    risen = 0
    for x, y in points:
        height = y - slope * x
        place = bisect_right(heights, height)
        heights.insert(place, height)
        risen += place
    return math.comb(len(points), 2) - risen


def _between(
    points: Points, low: float, high: float, distinct: int
) -> tuple[int, list[float]] | None:
    """How many slopes are below the line of slope `low`, and those between it and the other; None
    where two of the points, of which so many are distinct, are too close to tell.
    """
    heights: list[float] = []
    ordered: list[tuple[float, float]] = []
    risen = 0
    for point in points:
        height = point[1] - low * point[0]
        place = bisect_right(heights, height)
        heights.insert(place, height)
        ordered.insert(place, point)
        risen += place
    later: list[float] = []
    seen: list[tuple[float, float]] = []
    passed: list[tuple[float, float, list[tuple[float, float]]]] = []
    for point in ordered:
        x, y = point
        height = y - high * x
        place = bisect_right(later, height)
        passed.append((x, y, seen[place:]))
        later.insert(place, height)
        seen.insert(place, point)
    furthest = max(abs(points[0][0]), abs(points[-1][0]))
    if not (
        _are_apart(heights, low * furthest, distinct)
        and _are_apart(later, high * furthest, distinct)
    ):
        return None
    slopes = [(y - lower) / (x - left) for x, y, others in passed for left, lower in others]
    return math.comb(len(points), 2) - risen, slopes


def _are_apart(heights: Sequence[float], along: float, distinct: int) -> bool:
    """Whether the order of points by their height over a line is sure, which comes as far as
    `along` from zero among them.
    """
    if distinct < len(heights):
        heights = sorted(set(heights))
        if len(heights) < distinct:
            return False
    # no number that a height was made from is larger
    largest = max(abs(heights[0]), abs(heights[-1])) + abs(along)
    least: float = min(map(sub, heights[1:], heights))
    return least > largest * _ROUNDED + sys.float_info.min
