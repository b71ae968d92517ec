"""Many key results as one line: how many of each status, the mean of their progress, the course."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from syncd.model import UNKNOWN, Status
from syncd.store.read import KeyResultView, Point
from syncd.surfaces.page import percent
from syncd.surfaces.report.document import Bar, Course, Day
from syncd.surfaces.report.material import status_of
from syncd.surfaces.report.signs import Share, Sign
from syncd.wording import date

ORDER = (
    Status.ACHIEVED,
    Status.ON_TRACK,
    Status.AT_RISK,
    Status.OFF_TRACK,
    Status.MISSED,
    Status.STALE,
    Status.NO_DATA,
    Status.NO_TARGET,
    Status.CARRIED,
    Status.ABANDONED,
)
"""From the best to the worst, then what is unknown, then what has ended."""


def tally(views: Sequence[KeyResultView]) -> Mapping[Status, int]:
    """How many key results have each status."""
    return Counter(status_of(view.assessment) for view in views)


def shares(views: Sequence[KeyResultView]) -> list[Share]:
    """The statuses that occur, in their order, with how often."""
    found = tally(views)
    return [Share(Sign.of(status), found[status]) for status in ORDER if found.get(status)]


def course(
    views: Sequence[KeyResultView],
    past: Mapping[str, Sequence[Point]],
    *,
    timezone: str,
    now: datetime,
) -> Course | None:
    """The period so far, a column a day: how many key results had which status at its end. None
    before the first day. A day before anything was told has no column.
    """
    if not views:
        return None
    zone = ZoneInfo(timezone)
    first = min(view.key_result.start for view in views).astimezone(zone).date()
    last = max(view.key_result.due for view in views).astimezone(zone).date()
    today = min(now.astimezone(zone).date(), last)
    if today < first:
        return None
    by_day: dict[int, Counter[Status]] = {}
    for view in views:
        told = {
            (point.at.astimezone(zone).date() - first).days: Status(point.status)
            for point in past.get(view.key_result.key, ())
        }
        held: Status | None = None
        for day in range((today - first).days + 1):
            held = told.get(day, held)
            if held is not None:
                by_day.setdefault(day, Counter())[held] += 1
    used = [status for status in ORDER if any(found[status] for found in by_day.values())]
    columns = [
        Day([by_day[day][status] for status in used]) if day in by_day else None
        for day in range((today - first).days + 1)
    ]
    midnight = datetime.combine(first, datetime.min.time(), zone)
    return Course(
        signs=[Sign.of(status) for status in used],
        days=(last - first).days + 1,
        columns=columns,
        first=date(midnight + timedelta(hours=12), timezone, now),
        last=date(max(view.key_result.due for view in views), timezone, now),
    )


def is_unknown(status: Status) -> bool:
    """Whether it is neither good nor bad, because nobody can tell."""
    return status in UNKNOWN


def bar_words(bar: Bar) -> tuple[str, str]:
    """Done and expected, in words."""
    return percent(bar.done), percent(bar.expected)
