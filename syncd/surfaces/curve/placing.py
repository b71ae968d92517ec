"""Where a moment is drawn: days are those of a place, and each is as wide as any other."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


def placed(moment: datetime, zone: ZoneInfo) -> float:
    """Milliseconds, in whole seconds, on a scale on which every local day begins a day after the
    one before. A later moment is never drawn before an earlier one: on a day of 23, 23.5 or 25
    hours the clock on the wall is passed over by a bit, and not set back.

    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> noon = datetime(2026, 3, 28, 11, tzinfo=UTC)
    >>> datetime.fromtimestamp(placed(noon, berlin) / 1000, UTC).isoformat()
    '2026-03-28T12:00:00+00:00'
    """
    day = moment.astimezone(zone).date()
    begins, ends = (
        datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + _DAY)
    )
    since_midnight = (moment - begins) * 86_400 // (ends - begins)
    return float((int(datetime.combine(day, time(), UTC).timestamp()) + since_midnight) * 1000)
