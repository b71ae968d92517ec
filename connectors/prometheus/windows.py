"""The window of a measure: so long before a moment, or a period as far as it has gone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from connectors.base import Json, PlanContext
from connectors.prometheus.grids import milliseconds, moment_of
from connectors.quantity import parse_duration

PERIOD = "period"
LONGEST = timedelta(days=5 * 366)


def _checked(text: str) -> str:
    if text == PERIOD:
        return text
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise ValueError(f"{error}; or {PERIOD}, for the mapping's own") from None
    if not 1 <= seconds <= LONGEST.total_seconds():
        raise ValueError(f'got "{text}"; a window is between 1 s and 5 years long')
    return text


WindowText = Annotated[str, AfterValidator(_checked)]
"""A duration ending now, such as `28 d`, or `period`."""


@dataclass(frozen=True)
class Window:
    """`length_ms` before a moment; or from `since` until the moment, at the latest `until`."""

    length_ms: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, text: str, context: PlanContext) -> Self:
        """What an author's words mean. Raises ValueError for `period` where there is none."""
        if text != PERIOD:
            return cls(length_ms=round(parse_duration(text) * 1000))
        if context.first is None or context.last is None:
            raise ValueError(
                "window: period, and the file has no period; "
                "fix: period: 2026-Q1 at its top, or a window such as 90 d"
            )
        zone = ZoneInfo(context.timezone)
        return cls(
            since=datetime.combine(context.first, time(), zone).astimezone(UTC),
            until=datetime.combine(context.last + timedelta(days=1), time(), zone).astimezone(UTC),
        )

    @classmethod
    def read(cls, definition: Mapping[str, Json]) -> Self:
        """What `definition` wrote."""
        if "ms" in definition:
            return cls(length_ms=int(definition["ms"]))
        return cls(
            since=datetime.fromisoformat(definition["since"]),
            until=datetime.fromisoformat(definition["until"]),
        )

    @property
    def definition(self) -> Json:
        """JSON that identifies the window."""
        if self.since is None or self.until is None:
            return {"ms": self.length_ms}
        return {"since": self.since.isoformat(), "until": self.until.isoformat()}

    @property
    def longest_ms(self) -> int:
        """How long it can become, in milliseconds."""
        if self.since is None or self.until is None:
            return self.length_ms or 0
        return milliseconds(self.until) - milliseconds(self.since)

    def bounds(self, now: datetime) -> tuple[int, int]:
        """From when until when, in milliseconds, as seen at `now`; before a period has begun its
        end is not after its beginning.
        """
        end = milliseconds(now)
        if self.since is None or self.until is None:
            return end - (self.length_ms or 0), end
        return milliseconds(self.since), min(end, milliseconds(self.until))


def day_and_time(time_ms: int) -> str:
    """A moment as people read it, in UTC."""
    return f"{moment_of(time_ms):%Y-%m-%d %H:%M:%S} UTC"
