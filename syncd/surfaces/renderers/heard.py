"""The clock of a process that answers for another one."""

from __future__ import annotations

import time
from datetime import datetime, timedelta


class Heard:
    """The clock of the process that serves, as it was last heard of: it goes on from there."""

    def __init__(self, now: datetime) -> None:
        self.take(now)

    def take(self, now: datetime) -> None:
        """It is this moment (aware UTC)."""
        self._heard = now, time.monotonic()

    def now(self) -> datetime:
        """This moment, aware UTC."""
        moment, at = self._heard
        return moment + timedelta(seconds=time.monotonic() - at)
