"""What the dates of JQL mean: absolute ones in the account's timezone, relative ones, functions.

https://support.atlassian.com/jira-software-cloud/docs/jql-functions/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

_ABSOLUTE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T](\d{1,2}):(\d{2}))?")
_PERIOD = re.compile(r"\s*([-+]?)((?:\s*\d+\s*[wdhm])+)\s*", re.IGNORECASE)
_PART = re.compile(r"(\d+)\s*([wdhm])", re.IGNORECASE)
_SECONDS = {"w": 604800, "d": 86400, "h": 3600, "m": 60}
_DIGITS = 9
_INCREMENT = re.compile(r"([-+]?\d+)([yMwdhm]?)")
_UNITS: Mapping[str, str] = {
    "y": "years", "M": "months", "w": "weeks", "d": "days", "h": "hours", "m": "minutes"
}  # fmt: skip
_FUNCTIONS: Mapping[str, str] = {
    f"{edge}of{name}": unit
    for edge in ("start", "end")
    for name, unit in (("day", "d"), ("week", "w"), ("month", "M"), ("year", "y"))
}


def literal(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment, aware UTC, that a date in a query means; None when Jira would not read it.

    ``2026-01-05``, ``2026/01/05 09:30`` (to the minute, in `zone`), ``-7d``, ``4w 2d`` (from
    `now`), and milliseconds since 1970.
    """
    try:
        return _read(text, now, zone)
    except (ValueError, OverflowError, OSError):
        return None  # no such day, or one beyond the calendar


def _read(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    match = _ABSOLUTE.fullmatch(text.strip())
    if match is not None:
        year, month, day, hour, minute = (int(each or 0) for each in match.groups())
        return datetime(year, month, day, hour, minute, tzinfo=zone).astimezone(UTC)
    match = _PERIOD.fullmatch(text)
    if match is not None:
        seconds = sum(int(n) * _SECONDS[u.lower()] for n, u in _PART.findall(match[2]))
        return now + timedelta(seconds=-seconds if match[1] == "-" else seconds)
    if text.isdecimal():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    return None


def is_absolute(text: str) -> bool:
    """True when the date means the same whenever it is asked."""
    return _ABSOLUTE.fullmatch(text.strip()) is not None


def called(name: str, arguments: tuple[str, ...], now: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment, aware UTC, that a date function gives; None when there is no such function.

    ValueError with Jira's words when its argument is wrong.
    """
    word = name.casefold()
    if word == "now" and not arguments:
        return now
    unit = _FUNCTIONS.get(word)
    if unit is None or len(arguments) > 1:
        return None
    moment = now.astimezone(zone)
    if arguments:
        match = _INCREMENT.fullmatch(arguments[0])
        if match is None or len(match[1]) > _DIGITS:
            raise ValueError(
                f"Duration for function '{name}' should have the format (+/-)n(yMwdhm), e.g -1M "
                "for 1 month earlier."
            )
        amount, given = int(match[1]), match[2] or unit
        try:
            moment = moment + relativedelta(**{_UNITS[given]: amount})  # type: ignore[arg-type]
        except (ValueError, OverflowError) as error:
            raise ValueError(f"The date that '{name}' would give does not exist.") from error
    start = _first_day(moment.date(), unit)
    if word.startswith("end"):
        # The last second: dates are kept in whole seconds.
        following = start + relativedelta(**{_UNITS[unit]: 1})  # type: ignore[arg-type]
        return _midnight(following, zone) - timedelta(seconds=1)
    return _midnight(start, zone)


def _first_day(day: date, unit: str) -> date:
    if unit == "w":
        return day - timedelta(days=(day.weekday() + 1) % 7)  # weeks begin on Sunday
    if unit == "M":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if unit == "y" else day


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
