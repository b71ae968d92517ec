"""The one clock. Everything that needs the time is given one of these, so a quarter can be
replayed and no test sleeps.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

MOST_OFF = timedelta(hours=6)
"""A clock that is set by no more than this is followed step by step."""

MADE_UP = 0.5
"""So much of the time that passes is made up for: an hour takes two."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """This moment, aware UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """This moment, aware UTC."""
        return datetime.now(UTC)


class SteadyClock:
    """A clock that is never set while it is worked by: it counts on by one that only runs, and
    where the calendar of its machine or server (`calendar`) says something else, runs faster or
    slower until both agree. So nobody's age is below 0, no order is turned around, and no
    reading grows an hour older in a moment.

    It begins with what the calendar says, but `not_before` what was told already (aware UTC). Both
    hold up to a difference of `MOST_OFF`: beyond that the calendar is taken at its word, because it
    was never right before, or nobody ran for so long. `ticks` gives seconds that only run. Safe to
    read from several threads.
    """

    def __init__(
        self,
        calendar: Callable[[], datetime],
        *,
        not_before: datetime | None = None,
        ticks: Callable[[], float] | None = None,
    ) -> None:
        self._calendar = calendar
        self._ticks = ticks or running_seconds
        self._lock = threading.Lock()
        self._at = self._ticks()
        self._told = calendar()
        if not_before is not None and self._told < not_before <= self._told + MOST_OFF:
            self._told = not_before

    def now(self) -> datetime:
        """This moment, aware UTC; never before one that it has told, within what it may be off."""
        with self._lock:
            at = self._ticks()
            ran = timedelta(seconds=max(0.0, at - self._at))
            self._at = at
            calendar = self._calendar()
            self._told += ran
            off = calendar - self._told
            if abs(off) > MOST_OFF:
                self._told = calendar
            else:
                most = ran * MADE_UP
                self._told += max(-most, min(most, off))
            return self._told


def running_seconds() -> float:
    """Seconds of a clock that nobody sets; where the system has one, it runs on while a machine
    sleeps, so that what is old then is seen to be old.
    """
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class ManualClock:
    """A clock that stands still until it is moved. Safe to read from several threads."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The moment it was last moved to, aware UTC."""
        with self._lock:
            return self._now

    def move_to(self, moment: datetime) -> None:
        """Moves the clock; backwards is refused with ValueError."""
        moment = moment.astimezone(UTC)
        with self._lock:
            if moment < self._now:
                raise ValueError(f"the clock shows {self._now}; it cannot go back to {moment}")
            self._now = moment

    def advance(self, **step: float) -> None:
        """Moves the clock by a `timedelta(**step)`."""
        self.move_to(self.now() + timedelta(**step))
