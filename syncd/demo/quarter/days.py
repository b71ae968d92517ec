"""The quarter's days, moments in it, and shares that move from day to day."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Los_Angeles")
FIRST_DAY, LAST_DAY = date(2026, 1, 1), date(2026, 3, 31)
START = datetime(2026, 1, 1, tzinfo=ZONE)
END = datetime(2026, 4, 1, tzinfo=ZONE)
DAYS = (LAST_DAY - FIRST_DAY).days + 1

Curve = Sequence[tuple[date, float]]
"""Values at the beginning of days, the days rising; between them the value moves in a straight
line, before the first and after the last it stays.
"""


def theme(rng_seed: int, name: str) -> random.Random:
    """Chance for one theme of the story: what is added to one theme changes no other."""
    return random.Random(f"{rng_seed}/{name}")  # noqa: S311 - a story, not a secret


def at(day: date, hour: float = 0.0) -> datetime:
    """An hour of a day by the organisation's clocks, in UTC, to the second."""
    moment = datetime.combine(day, time(), ZONE) + timedelta(seconds=round(hour * 3600))
    return moment.astimezone(UTC)


def days(first: date = FIRST_DAY, last: date = LAST_DAY) -> list[date]:
    """Every day from the first to the last, both in it."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def value(curve: Curve, moment: date) -> float:
    """The curve's value on a day."""
    if moment <= curve[0][0]:
        return curve[0][1]
    for (start, low), (end, high) in pairwise(curve):
        if moment < end:
            return low + (high - low) * ((moment - start).days / (end - start).days)
    return curve[-1][1]


def day_when(curve: Curve, level: float) -> date | None:
    """The first day on which the curve is at a level; None when it never is."""
    day, last = curve[0][0], curve[-1][0]
    while day <= last:
        if value(curve, day) >= level:
            return day
        day += timedelta(days=1)
    return None


def rolled_out(
    rng: random.Random, possible: Sequence[datetime | None], curve: Curve
) -> list[datetime | None]:
    """For each thing the moment at which something reached it, so that the share of all that it
    has reached follows the curve, in work hours.

    `possible`: when each could be reached at the earliest (None: never). None in what comes
    back: not in the quarter.
    """
    order = list(range(len(possible)))
    rng.shuffle(order)
    found: list[datetime | None] = [None] * len(order)
    for rank, index in enumerate(order):
        first, day = possible[index], day_when(curve, (rank + 0.5) / len(order))
        if first is None or day is None:
            continue
        moment = max(at(day, rng.uniform(9, 17)), first + timedelta(hours=rng.randint(2, 48)))
        if moment < END:
            found[index] = moment
    return found
