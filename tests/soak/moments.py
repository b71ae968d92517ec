"""When a soak's clock stops: moments of the quarter at random, and quiet ones before each look."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

QUARTER_DAYS = 90.0
_QUARTER = datetime(2026, 1, 1, 1, tzinfo=UTC)

QUIET = (timedelta(minutes=35),) * 5
"""From one quiet moment to the next. Longer than a circuit stays open and than the longest
`Retry-After` of a fault, so that by the last of them all has been tried again.
"""

_GAPS = (
    (0.25, 60.0, 120.0),
    (0.25, 240.0, 360.0),
    (0.35, 1_200.0, 3_600.0),
    (0.15, 3_600.0, 10_800.0),
)
"""How likely, and from how many seconds to how many: turns that meet a lease that still holds, usual
ones, and some that come late.
"""


@dataclass(frozen=True)
class Moment:
    """A stop of the clock. `quiet`: nothing changes upstream before it and nothing breaks at it;
    `look`: the last quiet one, at which the store must tell the truth.
    """

    at: datetime
    quiet: bool = False
    look: bool = False


def moments_of(seed: int, days: float, turns: int, looks: int) -> Sequence[Moment]:
    """About so many moments over so many days in the middle of the quarter, the same for the same
    seed; `looks` of them are looks, evenly spread, the last at the end.
    """
    chance = random.Random(f"moments {seed}")
    busy = max(turns - looks * len(QUIET), looks)
    gaps = [_gap(chance) for _ in range(busy)]
    stretch = (days * 86_400.0 - looks * sum(one.total_seconds() for one in QUIET)) / sum(gaps)
    at = _QUARTER + timedelta(days=round((QUARTER_DAYS - days) / 2))
    found: list[Moment] = [Moment(at)]
    for number, gap in enumerate(gaps, 1):
        # short ones stay short: what they are for is that leases outlive them
        at += timedelta(seconds=round(gap if gap < 200.0 else max(gap * stretch, 240.0)))
        found.append(Moment(at))
        if number * looks // busy > (number - 1) * looks // busy:
            for place, pause in enumerate(QUIET, 1):
                at += pause
                found.append(Moment(at, quiet=True, look=place == len(QUIET)))
    return found


def _gap(chance: random.Random) -> float:
    (kind,) = chance.choices(_GAPS, [weight for weight, *_ in _GAPS])
    _, least, most = kind
    return chance.uniform(least, most)
