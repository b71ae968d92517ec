"""The one clock. Everything that needs the time is given one of these, so a quarter can be
replayed and no test sleeps.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol


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
