"""A straight trend that a few odd values do not bend: the estimator of Theil and Sen.

Theil (1950), "A rank-invariant method of linear and polynomial regression analysis"; Sen (1968),
"Estimates of the regression coefficient based on Kendall's tau", from which the interval of the
slope is. How far a value wanders is told by how its changes grow with the time between them (the
structure function of a local level, as in Harvey (1989), "Forecasting, structural time series
models and the Kalman filter").
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import NormalDist, fmean, median
from typing import Final

from syncd.assess.slopes import Points, slopes_at

Z: Final = NormalDist().inv_cdf(0.9)
"""Eight of ten values of a normal distribution are within this many standard deviations."""

_DEVIATIONS_PER_MAD: Final = 1.4826
"""What the median absolute deviation of normal values is multiplied by to be their deviation."""

_DOUBTED: Final = 2.0
"""How much a value wanders is told badly by few points, and what is overlooked costs more than what
is imagined: the variance is taken twice. Found by simulation; see the reference.
"""

_PARTS: Final = 4
"""Wandering is looked for over a quarter of the points: further apart too few pairs are left."""


@dataclass(frozen=True)
class Trend:
    """A line through points (x, y), which are in order of x.

    `slope` is the change of y for each unit of x, in eight of ten cases between `slope_low` and
    `slope_high`, and `intercept` is its y at x = 0. `spread` is the standard deviation of the
    points around the line; `wander` the variance that a unit of x adds, where the points do not
    scatter around a line but drift from it.
    """

    points: tuple[tuple[float, float], ...]
    slope: float
    slope_low: float
    slope_high: float
    intercept: float
    spread: float
    wander: float

    @property
    def last(self) -> tuple[float, float]:
        """The newest point."""
        return self.points[-1]

    def crossing(self, y: float) -> float | None:
        """Where the line has the height `y`; None where it is level."""
        return None if self.slope == 0 else (y - self.intercept) / self.slope

    def at(self, x: float) -> tuple[float, float, float]:
        """The height of the line at `x`, which lies after all points, between the bounds that it
        keeps to in eight of ten cases: low, middle, high.
        """
        low, high = (
            _intercept(self.points, slope) + slope * x
            for slope in (self.slope_low, self.slope_high)
        )
        middle = self.intercept + self.slope * x
        span, ahead = self.points[-1][0] - self.points[0][0], x - self.points[-1][0]
        wandered = _DOUBTED * self.wander * ahead * (1 + ahead / span)
        around = Z * math.sqrt(self.spread * self.spread + wandered)
        return (
            middle - math.hypot(middle - low, around),
            middle,
            middle + math.hypot(high - middle, around),
        )


def trend_of(points: Points) -> Trend | None:
    """The trend of points in order of x; None where all have the same x.

    The slope is the median of the slopes of all pairs. Its interval is made of the two of them
    that lie as far from the middle as Kendall's tau may (with ties in x and y counted, as
    `scipy.stats.theilslopes` does).

    >>> trend = trend_of([(0.0, 1.0), (1.0, 3.0), (2.0, 5.0), (3.0, 70.0), (4.0, 9.0), (5.0, 11.0)])
    >>> trend.slope, trend.crossing(21.0)
    (2.0, 10.0)
    """
    n = len(points)
    alike = [_alike([x for x, _ in points]), _alike([y for _, y in points])]
    count = _pairs(n) - sum(map(_pairs, alike[0]))
    if not count:
        return None
    reach = Z * math.sqrt(_variance(n, chain(*alike)))
    low = max(0, round((count - reach) / 2) - 1)
    high = min(count - 1, round((count + reach) / 2))
    ranks = (low, (count - 1) // 2, count // 2, high)
    slope_low, *middles, slope_high = slopes_at(points, count, ranks)
    slope = median(middles)
    # in order, so that the medians of these and of their distances find them nearly sorted
    heights = sorted([y - slope * x for x, y in points])
    intercept = median(heights)
    return Trend(
        points=tuple(points),
        slope=slope,
        slope_low=slope_low,
        slope_high=slope_high,
        intercept=intercept,
        spread=_DEVIATIONS_PER_MAD * median([abs(height - intercept) for height in heights]),
        wander=_wander(points, slope),
    )


def _intercept(points: Points, slope: float) -> float:
    """Where a line of this slope through the middle of the points has y at x = 0."""
    return median([y - slope * x for x, y in points])


def _alike(numbers: Sequence[float]) -> list[int]:
    """How many are the same, of each that is there more than once."""
    if len(set(numbers)) == len(numbers):
        return []
    return [count for count in Counter(numbers).values() if count > 1]


def _variance(count: int, ties: Iterable[int]) -> float:
    """Of the number of pairs that rise less those that fall, were there no trend."""
    return max(0.0, (_moment(count) - sum(map(_moment, ties))) / 18)


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _moment(count: int) -> int:
    return count * (count - 1) * (2 * count + 5)


def _wander(points: Points, slope: float) -> float:
    """By how much the squares of changes grow with the time between points. They do not where the
    points scatter around the line, and in proportion where each goes on from the one before.
    """
    near, far = (_changes(points, slope, lag) for lag in (1, max(2, len(points) // _PARTS)))
    time = far[1] - near[1]
    return max(0.0, (far[0] - near[0]) / time) if time > 0 else 0.0


def _changes(points: Points, slope: float, lag: int) -> tuple[float, float]:
    """Of points that are `lag` apart the mean square of their change less the trend's, and the mean
    time in which that may come about: less than the time between them, because the slope was
    fitted to these very changes.
    """
    whole = points[-1][0] - points[0][0]
    squares, times = [], []
    for (left, lower), (x, y) in zip(points, points[lag:], strict=False):
        time = x - left
        rest = y - lower - slope * time
        squares.append(rest * rest)
        times.append(time * (1 - time / whole))
    return (fmean(squares), fmean(times)) if times else (0.0, 0.0)
