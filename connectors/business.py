"""Business time: seconds that pass only while work is done. Pure arithmetic over the windows that
`BusinessHours` opens.

Windows are made in wall time, so one that holds a change of the clocks is an hour longer or
shorter; seconds in it are counted as they pass. A window that would close at or before it opens
(`22:00` to `06:00`, `00:00` to `00:00`) closes on the following day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from connectors.base import BusinessHours

_DAY = timedelta(days=1)
_MOST_SHUT = 4000
"""Days without a window after which there will be none any more."""


class BusinessClock:
    """Counts the seconds of some business hours. Moments are aware; what comes back is UTC."""

    def __init__(self, hours: BusinessHours) -> None:
        self._hours = hours
        self._zone = ZoneInfo(hours.timezone)
        self._known: dict[date, tuple[datetime, datetime] | None] = {}

    def elapsed(self, start: datetime, end: datetime) -> float:
        """Business seconds from `start` to `end`; 0 when `end` is not later."""
        seconds = 0.0
        for opens, closes in self._windows(start):
            if opens >= end:
                break
            overlap = min(closes, end) - max(opens, start)
            seconds += max(0.0, overlap.total_seconds())
        return seconds

    def deadline(self, start: datetime, seconds: float) -> datetime | None:
        """The last moment by which no more than `seconds` of business time have passed since
        `start`: where they are over at a closing, that is the next opening, because until then no
        more of them pass. None when they are never over.
        """
        left = seconds
        for opens, closes in self._windows(start):
            begins = max(opens, start)
            available = (closes - begins).total_seconds()
            if left < available:
                return begins + timedelta(seconds=left)
            left -= max(0.0, available)
        return None

    def closings(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """The closings after `start` and before `end`, ascending."""
        for _, closes in self._windows(start):
            if closes >= end:
                return
            if closes > start:
                yield closes

    def is_open(self, moment: datetime) -> bool:
        """Whether business seconds pass at this moment."""
        for opens, closes in self._windows(moment):
            if opens > moment:
                return False
            if moment < closes:
                return True
        return False

    def _windows(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The windows, ascending, from the first that may not be over at `start`."""
        try:
            day = start.astimezone(self._zone).date() - _DAY
            shut = 0
            while shut < _MOST_SHUT:
                window = self._window(day)
                if window is None:
                    shut += 1
                else:
                    shut = 0
                    yield window
                day += _DAY
        except OverflowError:
            return  # the calendar has ended

    def _window(self, day: date) -> tuple[datetime, datetime] | None:
        if day not in self._known:
            self._known[day] = self._made(day)
        return self._known[day]

    def _made(self, day: date) -> tuple[datetime, datetime] | None:
        hours = self._hours
        if day.weekday() not in hours.days or day in hours.closed:
            return None
        last = day if hours.closes > hours.opens else day + _DAY
        opens = datetime.combine(day, hours.opens, self._zone).astimezone(UTC)
        closes = datetime.combine(last, hours.closes, self._zone).astimezone(UTC)
        # Both may fall into the hour that the clocks leave out.
        return (opens, closes) if opens < closes else None


@lru_cache(maxsize=64)
def business_clock(hours: BusinessHours) -> BusinessClock:
    """The clock of these hours; the same one each time, as it remembers windows."""
    return BusinessClock(hours)
