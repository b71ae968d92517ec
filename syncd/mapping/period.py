"""Days, periods and timezones: when things begin and end, as aware UTC moments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

DATE_PATTERN: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
"""What a date looks like; `day` says whether there is such a day."""

_FIRST_YEAR, _LAST_YEAR = 2000, 2199
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")


@dataclass(frozen=True)
class Period:
    """The days a set of key results is for, both ends in. `title` is what people call it."""

    title: str
    first: date
    last: date


def day(text: str) -> date | None:
    """The date written as ``YYYY-MM-DD``, or None when there is no such day (2000 to 2199)."""
    if re.fullmatch(DATE_PATTERN.strip("^$"), text) is None:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None


def period(text: str) -> Period | None:
    """The period written as ``YYYY-Qn``, ``YYYY`` or ``DATE/DATE``, or None when it is none."""
    quarter = _QUARTER.fullmatch(text)
    if quarter is not None:
        year, number = int(quarter[1]), int(quarter[2])
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            return None
        after = date(year + 1, 1, 1) if number == 4 else date(year, 3 * number + 1, 1)
        return Period(text, date(year, 3 * number - 2, 1), after - timedelta(days=1))
    if re.fullmatch("[0-9]{4}", text) and _FIRST_YEAR <= int(text) <= _LAST_YEAR:
        return Period(text, date(int(text), 1, 1), date(int(text), 12, 31))
    first, slash, last = text.partition("/")
    begin, end = day(first), day(last)
    if slash and begin is not None and end is not None and begin <= end:
        return Period(text, begin, end)
    return None


def zone(name: str) -> ZoneInfo | None:
    """The timezone of this IANA name, or None when there is none."""
    return ZoneInfo(name) if name in available_timezones() else None


def begins(first: date, timezone: ZoneInfo) -> datetime:
    """The first moment of the day in the timezone, aware UTC.

    Where clocks skip midnight, that is the moment of the change; where they repeat it, the
    first of the two.
    """
    return datetime(first.year, first.month, first.day, tzinfo=timezone).astimezone(UTC)


def ends(last: date, timezone: ZoneInfo) -> datetime:
    """The last moment (microsecond) of the day in the timezone, aware UTC."""
    return begins(last + timedelta(days=1), timezone) - timedelta(microseconds=1)
