"""Moments at which a server is asked: a grid over a window, cut into requests. Pure.

Times are milliseconds since 1970, as the API knows them. A grid's moments are multiples of its
step, whenever one asks: a maximum does not move because the clock did, and the caches of Mimir,
Thanos and VictoriaMetrics hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MOST_POINTS = 11_000
"""What Prometheus gives of one series at once; more is refused with 400."""

MOST_REQUESTS = 12
"""How many requests one reading may be cut into."""

_LOOKBACK_MS = 300_000
"""For how long a sample stays valid by default: a coarser grid would miss series between steps."""

_STEPS_MS = tuple(
    1000 * seconds
    for seconds in (1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400)
)


def milliseconds(moment: datetime) -> int:
    """An aware moment, exactly to the millisecond below.

    >>> milliseconds(datetime(1970, 1, 1, 0, 0, 1, 999_999, tzinfo=UTC))
    1999
    """
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def moment_of(time: int) -> datetime:
    """The aware UTC moment of these milliseconds."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=time)


@dataclass(frozen=True, slots=True)
class Grid:
    """The moments `first`, `first + step`, … up to `last`; none when `last` is before `first`."""

    first: int
    last: int
    step: int

    def __len__(self) -> int:
        return max(0, (self.last - self.first) // self.step + 1)

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.last + 1, self.step))

    def pieces(self, most: int = MOST_POINTS) -> Iterator[Grid]:
        """The same moments in grids of at most so many."""
        for first in range(self.first, self.last + 1, self.step * most):
            yield Grid(first, min(self.last, first + self.step * (most - 1)), self.step)


def grid(start: int, end: int, step: int) -> Grid:
    """The multiples of `step` after `start` up to and with `end`: each stands for the step before
    it, so that together they are the window.
    """
    return Grid((start // step + 1) * step, end // step * step, step)


def default_step(window: int) -> int:
    """A step for a window of this length: a minute where one request can hold that, less where
    there would be few moments, and past a week at most the look-back, in several requests; a day
    where nothing is coarse enough.
    """
    if window < 60 * 60_000:
        fine = [step for step in _STEPS_MS if step * 60 <= window]
        return fine[-1] if fine else _STEPS_MS[0]
    coarse_enough = (
        step
        for step in _STEPS_MS
        if (step >= 60_000 and window <= step * MOST_POINTS)
        or (step >= _LOOKBACK_MS and window <= step * MOST_POINTS * MOST_REQUESTS)
    )
    return next(coarse_enough, _STEPS_MS[-1])


def coarse_step(window: int, least: int) -> int:
    """The finest step, `least` or more, with which one request can hold the window."""
    for step in _STEPS_MS:
        if step >= least and window <= step * MOST_POINTS:
            return step
    return -(-window // MOST_POINTS)


def runs(moments: Iterable[int]) -> Iterator[Grid]:
    """Ascending moments as few grids, each at most MOST_POINTS long: daily ones fall in two where
    the clocks change.
    """
    waiting: list[int] = []
    for moment in moments:
        if waiting and moment == waiting[-1]:
            continue
        uneven = len(waiting) > 1 and moment - waiting[-1] != waiting[1] - waiting[0]
        if uneven or len(waiting) == MOST_POINTS:
            yield _run(waiting)
            waiting = []
        waiting.append(moment)
    if waiting:
        yield _run(waiting)


def _run(moments: Sequence[int]) -> Grid:
    step = moments[1] - moments[0] if len(moments) > 1 else 1000
    return Grid(moments[0], moments[-1], step)


def joined(grids: Iterable[Grid], most_between: int) -> Iterator[Grid]:
    """Grids of one step, by their beginnings, as fewer that cover them: two that are at most so
    many moments apart become one, for a request costs more than some points.
    """
    waiting: Grid | None = None
    for each in sorted(grids, key=lambda one: one.first):
        if not len(each):
            continue
        if waiting is None:
            waiting = each
        elif each.first - waiting.last <= each.step * (most_between + 1):
            waiting = Grid(waiting.first, max(waiting.last, each.last), waiting.step)
        else:
            yield waiting
            waiting = each
    if waiting is not None:
        yield waiting
