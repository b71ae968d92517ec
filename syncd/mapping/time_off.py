"""Freezes and public holidays as time that does not count as time to progress."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from syncd.mapping.calendar import Calendar, public_holidays
from syncd.mapping.period import begins
from syncd.model import TimeOff

_DAY = timedelta(days=1)


def time_off(
    calendar: Calendar, team: str, first: date, last: date, timezone: ZoneInfo
) -> tuple[TimeOff, ...]:
    """The days off of a team (empty: of none, for a roll-up) from the first to the last day, both
    in, as whole days in the timezone; in order, and without overlap. A day that is off for more
    than one reason has the title of the first: freezes in the order of the files, then holidays.
    """
    titles = _titles(calendar, team, first, last)
    found: list[TimeOff] = []
    # days in a row under one title differ from their place in the row by the same day
    days = enumerate(sorted(titles))
    for _, run in groupby(days, lambda it: (it[1] - it[0] * _DAY, titles[it[1]])):
        off = [day for _, day in run]
        found.append(
            TimeOff(titles[off[0]], begins(off[0], timezone), begins(off[-1] + _DAY, timezone))
        )
    return tuple(found)


def _titles(calendar: Calendar, team: str, first: date, last: date) -> Mapping[date, str]:
    found: dict[date, str] = {}
    for freeze in calendar.freezes:
        if freeze.teams and team not in freeze.teams:
            continue
        day, end = max(first, freeze.first), min(last, freeze.last)
        while day <= end:
            found.setdefault(day, freeze.title)
            day += _DAY
    if calendar.country is not None:
        for year in range(first.year, last.year + 1):
            for day, title in public_holidays(calendar.country, year).items():
                if first <= day <= last:
                    found.setdefault(day, title)
    return found
