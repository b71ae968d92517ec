"""Moments as people write them: a day, or a day and a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EXPECTED = "a day (2026-02-15) or a moment (2026-02-15T09:00, 2026-02-15T17:00Z)"


def past_moment(text: str, timezone: str, now: datetime) -> datetime:
    """The moment, aware UTC. A day is its end, or `now` if it has not ended yet; a time without an
    offset is `timezone`'s (an IANA name). Raises ValueError, in words, for what is no moment or
    has not come yet.

    >>> now = datetime(2026, 2, 20, 12, tzinfo=UTC)
    >>> past_moment("2026-02-15", "Europe/Berlin", now).isoformat()
    '2026-02-15T23:00:00+00:00'
    >>> past_moment("2026-02-20", "Europe/Berlin", now) == now
    True
    """
    try:
        begins, ends = _span(text, ZoneInfo(timezone))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"got {text[:40]!r}; expected {EXPECTED}") from error
    if begins > now:
        raise ValueError(f"got {text}, which has not come yet; expected {EXPECTED} of the past")
    return min(ends, now)


def told_moment(text: str, timezone: str, now: datetime) -> datetime:
    """The moment up to which a reader asks what was told: of a day its last, so that nothing of the
    next day is in it. Otherwise as `past_moment`.

    >>> now = datetime(2026, 2, 20, 12, tzinfo=UTC)
    >>> told_moment("2026-02-15", "Europe/Berlin", now).isoformat()
    '2026-02-15T22:59:59.999999+00:00'
    """
    found = past_moment(text, timezone, now)
    begins, ends = _span(text, ZoneInfo(timezone))
    return found if begins == ends else min(ends - timedelta(microseconds=1), now)


def coming_moment(text: str, timezone: str, now: datetime) -> datetime:
    """The moment at which it is over, aware UTC: of a day the midnight after it. Raises ValueError,
    in words, for what is no moment or has passed.

    >>> now = datetime(2026, 2, 20, 12, tzinfo=UTC)
    >>> coming_moment("2026-02-20", "Europe/Berlin", now).isoformat()
    '2026-02-20T23:00:00+00:00'
    """
    try:
        _, ends = _span(text, ZoneInfo(timezone))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"got {text[:40]!r}; expected {EXPECTED}") from error
    if ends <= now:
        raise ValueError(f"got {text}, which has passed; expected {EXPECTED} to come")
    return ends


def day_begins(text: str, timezone: str) -> datetime:
    """The first moment of a day, aware UTC. Raises ValueError, in words, for what is no day."""
    try:
        day = date.fromisoformat(text)
        return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"got {text[:40]!r}; expected a day such as 2026-01-01") from error


def _span(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When it begins and ends: a day's midnights, or one moment twice."""
    if len(text) == len("2026-02-15"):
        day = date.fromisoformat(text)
        midnights = (datetime.combine(d, time(), zone) for d in (day, day + timedelta(days=1)))
        begins, ends = (midnight.astimezone(UTC) for midnight in midnights)
        return begins, ends
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    moment = moment.astimezone(UTC)
    return moment, moment
