"""How long and how bad something must be before an alert fires: the parameters of the rules."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

_UNITS = (
    ("w", timedelta(weeks=1)),
    ("d", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("m", timedelta(minutes=1)),
    ("s", timedelta(seconds=1)),
    ("ms", timedelta(milliseconds=1)),
)


@dataclass(frozen=True)
class Windows:
    """Time spans, and the shares and ratios (0 to 1) that are compared within them.

    A key result that is off track is told in two ways, as the burn of an error budget is: by a fast
    window for a sudden fall, and by a slow one for a steady slip.

    - Fast: off track, and its pace (progress less expected) is `fall_ratio` below its best within
      `fall_within`, and has been for `fall_for`.
    - Slow: off track for `slow_share` of `slow_long` and of `slow_short`; the short window ends the
      alert soon after the slip does.

    Source of the two windows: Google, The Site Reliability Workbook, chapter 5.
    """

    fall_within: timedelta = timedelta(days=1)
    fall_ratio: float = 0.1
    fall_for: timedelta = timedelta(minutes=15)
    slow_long: timedelta = timedelta(days=2)
    slow_short: timedelta = timedelta(hours=6)
    slow_share: float = 0.9
    slow_for: timedelta = timedelta(hours=1)
    risk_within: timedelta = timedelta(days=7)
    risk_share: float = 0.9
    risk_for: timedelta = timedelta(days=1)
    checkpoint_within: timedelta = timedelta(days=3)
    checkpoint_for: timedelta = timedelta(hours=1)
    forecast_chance: float = 0.2
    forecast_for: timedelta = timedelta(days=1)
    guard_for: timedelta = timedelta(0)
    stale_for: timedelta = timedelta(minutes=15)
    source_for: timedelta = timedelta(minutes=15)
    budget_left: float = 0.1
    budget_for: timedelta = timedelta(minutes=10)
    mapping_for: timedelta = timedelta(minutes=5)
    outbox_overdue: timedelta = timedelta(minutes=15)
    outbox_for: timedelta = timedelta(minutes=30)
    absent_for: timedelta = timedelta(minutes=5)
    late: timedelta = timedelta(minutes=15)
    late_for: timedelta = timedelta(minutes=5)
    disagree_for: timedelta = timedelta(minutes=5)

    def faster(self, times: float) -> Windows:
        """The same with every time span so many times shorter: for a replay, or a test. Raises
        ValueError unless `times` is above 0.
        """
        if not times > 0:
            raise ValueError(f"got {times}; expected a number above 0")
        spans: dict[str, Any] = {
            each.name: value / times
            for each in fields(self)
            if isinstance(value := getattr(self, each.name), timedelta)
        }
        return replace(self, **spans)


SHIPPED = Windows()


def promql(span: timedelta) -> str:
    """A duration in the largest unit of Prometheus that fits, to the millisecond: ``6h``."""
    whole = max(span, timedelta(0))
    for unit, size in _UNITS:
        if whole >= size and not whole % size:
            return f"{whole // size}{unit}"
    if whole < timedelta(milliseconds=1):
        return "0s"
    return f"{round(whole / timedelta(milliseconds=1))}ms"
