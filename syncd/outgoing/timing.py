"""When a notification may go: gathering, digests, quiet hours. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Rhythm(StrEnum):
    """How often a route tells."""

    IMMEDIATELY = "immediately"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True)
class Quiet:
    """Hours of every day in which nothing is told; over midnight where `end` is before `begin`."""

    begin: time
    end: time


@dataclass(frozen=True)
class Timing:
    """When a route tells, in `timezone` (an IANA name). `gather_seconds`: how long what follows the
    first event is waited for; `at`: the time of a digest; `weekday`: 0 for Monday.
    """

    timezone: str = "UTC"
    rhythm: Rhythm = Rhythm.IMMEDIATELY
    gather_seconds: float = 120.0
    at: time = time(8)
    weekday: int = 0
    quiet: Quiet | None = None

    def opens_at(self, oldest: datetime, now: datetime) -> datetime:
        """From when on what waits, the oldest of it from `oldest`, may be told; `now`: at once."""
        zone = ZoneInfo(self.timezone)
        if self.rhythm is Rhythm.IMMEDIATELY:
            opens = oldest + timedelta(seconds=self.gather_seconds)
        else:
            opens = self._digest(oldest.astimezone(zone), zone)
        return self._after_quiet(max(opens, now), zone)

    def _digest(self, oldest: datetime, zone: ZoneInfo) -> datetime:
        """The first digest after the oldest event."""
        day = oldest.date()
        while True:
            slot = _moment(day, self.at, zone)
            if slot > oldest and (self.rhythm is Rhythm.DAILY or day.weekday() == self.weekday):
                return slot
            day += timedelta(days=1)

    def _after_quiet(self, moment: datetime, zone: ZoneInfo) -> datetime:
        if self.quiet is None or self.quiet.begin == self.quiet.end:
            return moment
        local = moment.astimezone(zone)
        begin, end, clock = self.quiet.begin, self.quiet.end, local.time()
        if begin < end:
            return _moment(local.date(), end, zone) if begin <= clock < end else moment
        if clock >= begin:
            return _moment(local.date() + timedelta(days=1), end, zone)
        return _moment(local.date(), end, zone) if clock < end else moment


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
