"""Where a number leads that has moved one way only: things done, delivered, hired, retired.

Nothing of it is taken back, so it lands at today's value or beyond it. What comes is taken as
arriving by chance at a steady rate: a Poisson process whose rate is known from what came so far
(Gelman et al. (2013), "Bayesian data analysis", 2.6, with Jeffreys' prior of half an arrival), its
variance as large as that of the days seen (quasi-likelihood: McCullagh and Nelder (1989),
"Generalized linear models", 6.2). The landing is gamma distributed; its quantiles are those of
Wilson and Hilferty (1931), "The distribution of chi-square".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from syncd.assess.formula import EQUAL_WITHIN
from syncd.assess.slopes import Points
from syncd.assess.trend import Z

_PRIOR_ARRIVALS: Final = 0.5
_PRIOR_DAYS: Final = 1
"""How many days of pure chance the variance is mixed with, where single arrivals are known."""

_FROM_FEW: Final = 2.0
"""How much wider the landing is where little has arrived: the variance times 1 + this/(n + 1), with
n arrivals of even size. Found by simulation, like the prior; see the reference.
"""

_HORIZON: Final = 1000.0
"""A goal is looked for as far ahead as this many times what has been seen."""

_HALVINGS: Final = 60


@dataclass(frozen=True)
class CountedUp:
    """The rate of a number that moves one way, and how sure it is.

    `towards` is 1 where it only rises, -1 where it only falls. `rate` is what a unit of x adds,
    never negative, `variance` the variance that it adds. `seen` is for how long, in x, and
    `last` the newest point. `whole`: it counts whole things, so it lands on whole numbers.
    """

    towards: int
    rate: float
    variance: float
    seen: float
    last: tuple[float, float]
    whole: bool

    @property
    def slope(self) -> float:
        """The change for each unit of x, with its sign."""
        return self.towards * self.rate

    def crossing(self, y: float) -> float | None:
        """Where the middle of the landings has reached `y`: the newest point where that is beyond
        it already; None where that is out of sight.
        """
        x, last = self.last
        short = self.towards * (y - last) - (0.5 if self.whole else 0.0)
        if short <= 0:
            return x
        near, far = 0.0, _HORIZON * self.seen
        if self._added(far, 0.0) < short:
            return None
        for _ in range(_HALVINGS):
            middle = (near + far) / 2
            if self._added(middle, 0.0) < short:
                near = middle
            else:
                far = middle
        return x + far

    def at(self, x: float) -> tuple[float, float, float]:
        """The value at `x`, which lies after all points, between the bounds that it keeps to in
        eight of ten cases: low, middle, high.
        """
        ahead, last = x - self.last[0], self.last[1]
        added = [self._added(ahead, z) for z in (-Z, 0.0, Z)]
        if self.whole:
            added = [float(math.floor(one + 0.5)) for one in added]
        low, middle, high = sorted(last + self.towards * one for one in added)
        return low, middle, high

    def _added(self, ahead: float, z: float) -> float:
        """What comes in the time `ahead`: the quantile at which a standard normal number is z."""
        mean = self.rate * ahead
        variance = self.variance * ahead * (1 + ahead / self.seen)
        if mean <= 0.0 or variance <= 0.0:
            return mean
        shape = mean * mean / variance
        root = 1 - 1 / (9 * shape) + z / (3 * math.sqrt(shape))
        return float(mean * max(0.0, root) ** 3)


def one_way(values: Sequence[float]) -> int | None:
    """1 where values rose and never fell, -1 where they fell and never rose, 0 where nothing
    moved; None where they went both ways. A billionth is no movement.

    >>> one_way([1, 1, 2, 5]), one_way([3, 2]), one_way([3, 3]), one_way([1, 2, 1])
    (1, -1, 0, None)
    """
    sign = 0
    for before, after in pairwise(values):
        if abs(after - before) > EQUAL_WITHIN * max(abs(before), abs(after)):
            way = 1 if after > before else -1
            if sign == -way:
                return None
            sign = way
    return sign


def counted_up(points: Points, towards: int, single: float, *, whole: bool) -> CountedUp | None:
    """The rate of points (x, y) in order of x, which move `towards` 1 or -1 only; None where all
    have the same x.

    `single` is how much one arrival adds (1 of what is counted, one in n of a share of n things),
    0 where that is not known.
    """
    kept = [*(left for left, right in pairwise(points) if right[0] > left[0]), points[-1]]
    seen = kept[-1][0] - kept[0][0]
    if seen <= 0:
        return None
    steps = [(right[0] - left[0], abs(right[1] - left[1])) for left, right in pairwise(kept)]
    moved = abs(kept[-1][1] - kept[0][1])
    mean = moved / seen
    prior = _PRIOR_DAYS if single else 0
    uneven = sum((step - mean * time) ** 2 / time for time, step in steps)
    size = single
    if mean > 0:
        size = (uneven / mean + prior * single) / max(1, len(steps) - 1 + prior)
    rate = (moved + _PRIOR_ARRIVALS * size) / seen
    squares = sum(step * step for _, step in steps)
    arrivals = moved * moved / squares if squares else 0.0
    return CountedUp(
        towards=towards,
        rate=rate,
        variance=size * rate * (1 + _FROM_FEW / (arrivals + 1)),
        seen=seen,
        last=kept[-1],
        whole=whole,
    )
