"""The calendar: holidays and business hours, for durations in business time, and freezes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from functools import cache
from typing import Final

from connectors.base import BusinessHours
from syncd.mapping.checking import check
from syncd.mapping.document import Document
from syncd.mapping.fault import Location, excerpt, listed
from syncd.mapping.period import Period
from syncd.mapping.shape import BusinessHoursShape, CalendarShape, FreezeShape
from syncd.mapping.spelling import length_at
from syncd.mapping.values import read_day
from syncd.wording import nearest

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Days of the week as authors write them; Monday is 0."""

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_SOME = (frozenset(range(5)), time(9), time(17))
"""Hours that stand for refused ones, so that nothing else looks wrong because of them."""

_YEARS_BEFORE = 2
"""How far before its period the days off are known: issues are older than quarters."""


@dataclass(frozen=True)
class Hours:
    """When work is done on a working day."""

    days: frozenset[int]
    opens: time
    closes: time


@dataclass(frozen=True)
class Freeze:
    """Days on which no progress can be made, both ends in. `teams` empty: whoever reads it."""

    title: str
    first: date
    last: date
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Calendar:
    """What files say of days off and hours. `country` is a name of the `holidays` package, with a
    subdivision after a dash where one is given (``US-CA``).
    """

    country: str | None = None
    hours: Hours | None = None
    freezes: tuple[Freeze, ...] = ()

    def business_hours(self, timezone: str, period: Period | None) -> BusinessHours | None:
        """The hours with the days off of two years before the period, and of the period."""
        if self.hours is None:
            return None
        years: Iterable[int] = ()
        if period is not None:
            years = range(period.first.year - _YEARS_BEFORE, period.last.year + 2)
        closed: frozenset[date] = frozenset()
        if self.country is not None:
            closed = closed.union(*(public_holidays(self.country, year) for year in years))
        return BusinessHours(
            days=self.hours.days,
            opens=self.hours.opens,
            closes=self.hours.closes,
            timezone=timezone,
            closed=closed,
        )


@cache
def public_holidays(country: str, year: int) -> Mapping[date, str]:
    """The public holidays of a country in a year, with their English names."""
    import holidays  # slow to import, and few mappings need it

    name, _, part = country.partition("-")
    found: Mapping[date, str] = holidays.country_holidays(
        name, subdiv=part or None, years=year, language="en_US"
    )
    return dict(found)


def read_calendar(document: Document, where: Location, above: Calendar) -> Calendar:
    """The calendar at the location over the one above it, key by key, freezes together; faults are
    noted.
    """
    good = check(document, where, CalendarShape, noun="a calendar").good
    found = above
    if "holidays" in good:
        country = str(good["holidays"])
        if _is_country(country):
            found = replace(found, country=country)
        else:
            close = _nearest_country(country)
            document.fault(
                (*where, "holidays"),
                f'"{country}"',
                "a country of the holidays package, such as US, GB or DE, or US-CA for a part of "
                "one",
                f"holidays: {close or 'US'}",
            )
    if document.node((*where, "business_hours")) is not None:
        hours = _hours(document, (*where, "business_hours"))
        found = replace(found, hours=hours or Hours(*_SOME))
    return replace(found, freezes=(*above.freezes, *_freezes(document, (*where, "freezes"))))


def check_freeze_teams(organisation: Document, teams: Collection[str]) -> None:
    """Notes teams of the organisation's freezes that have no file."""
    freezes = ("calendar", "freezes")
    for i in range(length_at(organisation, freezes)):
        for j in range(length_at(organisation, (*freezes, i, "teams"))):
            place = (*freezes, i, "teams", j)
            team = organisation.text(place)
            if team is None or team in teams or organisation.refused(place):
                continue
            organisation.fault(
                place,
                f'"{excerpt(team)}", a team without a file',
                f"the id of a team: {listed(sorted(teams))}",
                nearest(team, teams) or "take it out",
            )


def _freezes(document: Document, where: Location) -> Iterator[Freeze]:
    of_organisation = document.node(("organisation",)) is not None
    for i in range(length_at(document, where)):
        place = (*where, i)
        if document.node((*place, "teams")) is not None and not of_organisation:
            document.fault(
                (*place, "teams"),
                "teams in the file of a team",
                "teams in the organisation file only, because a team's freezes are its own",
                "take teams out, or move the freeze to the organisation file",
            )
        model = check(document, place, FreezeShape, noun="a freeze").model
        first = read_day(document, (*place, "from"))
        last = read_day(document, (*place, "to"))
        if model is None or first is None or last is None:
            continue
        if first > last:
            document.fault(
                place, "a freeze that ends before it begins", "from before to", "swap the two"
            )
            continue
        yield Freeze(model.title, first, last, frozenset(model.teams or ()))


def _countries() -> Mapping[str, list[str]]:
    import holidays

    return holidays.list_supported_countries(include_aliases=True)


def _nearest_country(word: str) -> str | None:
    """The code of the country that was most likely meant, by its code or its English name."""
    from holidays.registry import COUNTRIES

    names = {name.replace("_", " "): codes[1] for name, codes in COUNTRIES.items()}
    codes = {code.lower(): code for code in _countries()}
    exact = codes.get(word.partition("-")[0].lower())
    if exact is not None:
        return exact
    close = nearest(word.lower(), names)
    return names[close] if close is not None else codes.get(nearest(word.lower(), codes) or "")


def _is_country(word: str) -> bool:
    name, dash, part = word.partition("-")
    known = _countries()
    return name in known and (not dash or part in known[name])


def _hours(document: Document, where: Location) -> Hours | None:
    good = check(document, where, BusinessHoursShape, noun="business hours").good
    days: set[int] = set()
    for i, word in enumerate(good.get("days") or ()):
        if word in DAYS:
            days.add(DAYS.index(word))
            continue
        close = nearest(str(word).lower()[:3], DAYS)
        document.fault(
            (*where, "days", i), f'"{word}"', f"a day: {', '.join(DAYS)}", close or "mon"
        )
    ends: dict[str, time] = {}
    for key in ("from", "to"):
        text = document.text((*where, key))
        if text is None or document.refused((*where, key)):
            continue
        match = _TIME.fullmatch(text)
        if match is None:
            document.fault(
                (*where, key),
                document.got((*where, key)),
                "a time of day, HH:MM",
                f'{key}: "{"09:00" if key == "from" else "17:00"}"',
            )
            continue
        ends[key] = time(int(match[1]), int(match[2]))
    if not document.sound(where) or len(ends) < 2:
        return None
    if ends["from"] >= ends["to"]:
        document.fault(where, "hours that end before they begin", "from before to", "swap the two")
        return None
    return Hours(frozenset(days), ends["from"], ends["to"])
