"""How a key result ends before its due day: given up, or carried into another period."""

from __future__ import annotations

import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from syncd.mapping.checking import check
from syncd.mapping.document import Document
from syncd.mapping.fault import Location, excerpt
from syncd.mapping.period import Period, begins, period
from syncd.mapping.shape import AbandonedShape, CarriedShape
from syncd.mapping.shape.words import ID_PATTERN
from syncd.mapping.values import read_day
from syncd.model import Ending

_ID = re.compile(ID_PATTERN)


def read_ending(
    document: Document,
    where: Location,
    days: tuple[date, date] | None,
    own: Period | None,
    timezone: ZoneInfo | None,
) -> Ending | None:
    """How the key result at the location ends, from the beginning of a day on; None where it does
    not, or with faults noted. `days`: its first and its due day; `own`: its period.
    """
    abandoned, carried = (*where, "abandoned"), (*where, "carried")
    if document.node(abandoned) is not None and document.node(carried) is not None:
        document.fault(
            carried,
            "carried beside abandoned",
            "one of the two, because a key result ends once",
            "take abandoned out if it goes on in another period, else carried",
        )
        return None
    if document.node(abandoned) is not None:
        model = check(document, abandoned, AbandonedShape, noun="how it ends").model
        at = _day(document, (*abandoned, "from"), days)
        if model is None or at is None or timezone is None:
            return None
        return Ending(begins(at, timezone), model.reason)
    if document.node(carried) is not None:
        on = check(document, carried, CarriedShape, noun="how it goes on").model
        at = _day(document, (*carried, "from"), days)
        into = _into(document, (*carried, "into"), own)
        if on is None or at is None or into is None or timezone is None:
            return None
        return Ending(begins(at, timezone), on.reason, into)
    return None


def _day(document: Document, where: Location, days: tuple[date, date] | None) -> date | None:
    at = read_day(document, where)
    if at is not None and days is not None and not days[0] <= at <= days[1]:
        document.fault(
            where,
            document.got(where),
            f"a day from the start, {days[0]}, to the due day, {days[1]}",
            "the first day on which it is no longer pursued",
        )
        return None
    return at


def _into(document: Document, where: Location, own: Period | None) -> str | None:
    if document.node(where) is None or document.refused(where):
        return None
    text = document.text(where)
    fix = f"into: {_after(own)}"
    found = period(text) if text is not None else None
    slip = text is not None and found is None and period(text.upper()) is not None  # 2026-q2
    if text is None or slip or (found is None and not _ID.fullmatch(text)):
        document.fault(
            where,
            document.got(where),
            "a period: YYYY-Qn, YYYY, DATE/DATE or its id",
            f"into: {text.upper()}" if slip and text is not None else fix,
        )
        return None
    if own is not None and text == own.title:
        document.fault(where, f'"{excerpt(text)}", its own period', "a later period", fix)
        return None
    if own is not None and found is not None and found.last <= own.last:
        document.fault(
            where,
            f'"{excerpt(text)}", which is over when {own.title} is',
            "a later period",
            fix,
        )
        return None
    return text


def _after(own: Period | None) -> str:
    """The quarter after the period, or something like it."""
    if own is None:
        return "2026-Q2"
    first = own.last + timedelta(days=1)
    return f"{first.year}-Q{(first.month + 2) // 3}"
