"""Single values at a place in a file: quantities, durations, days; faults noted in words."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from connectors.base import Dimension
from syncd.mapping import quantity
from syncd.mapping.document import Document
from syncd.mapping.fault import Location
from syncd.mapping.indicators import described
from syncd.mapping.period import day
from syncd.model import Indicator

TBD: Final = "tbd"
"""What an author writes for a goal that is not decided."""

PLACEHOLDER: Final = re.compile(
    r"tbd|tba|tbc|todo|n/?a|none|null|open|unknown|-+|\?+|x+\s*%?|y+\s*%?|\[.*\]|\.{2,}|…",
    re.IGNORECASE,
)
"""What people write for a number that they do not have."""


def read_quantity(
    document: Document, place: Location, indicator: Indicator | None, *, goal: bool = False
) -> float | None:
    """The quantity at the location in the indicator's base unit, or None with a fault noted.

    `indicator` None: its dimension is not known, so only the form is looked at. `goal`: where
    ``tbd`` may stand (it is accepted by the caller; here other placeholders are pointed to it).
    """
    if document.refused(place):
        return None
    key = place[-1]
    text = document.text(place)
    if (
        text is None
        or PLACEHOLDER.fullmatch(text.strip())
        or isinstance(document.value(place), bool)
    ):
        document.fault(
            place,
            document.got(place),
            "a quantity, or tbd where the goal is not decided" if goal else "a quantity",
            f"{key}: {TBD}" if goal else f"take {key} out until it is known",
        )
        return None
    written = quantity.parse(text)
    if indicator is None:
        if written is None:
            document.fault(
                place,
                document.got(place),
                "a number, one space and a unit",
                f"{key}: {quantity.guess(text) or '80 %'}",
            )
        return None
    dimension, unit = indicator.dimension, indicator.unit
    value = None if written is None else quantity.base(written, dimension, unit)
    if value is None:
        expected = quantity.KINDS[dimension]
        because = f"because the indicator is one ({described(indicator)})"
        if dimension is Dimension.COUNT:
            because = f"because the indicator counts ({described(indicator)})"
        elif dimension is Dimension.OTHER:
            because = f"because the indicator is in that unit ({indicator.measure})"
            expected = f"a number, bare or in {unit}"
        fix = f"{key}: {quantity.corrected(text, dimension, unit)}{quantity.UNITS[dimension]}"
        document.fault(
            place, document.got(place), f"{expected}, {because}", fix + _or_unit(indicator, text)
        )
    return value


def read_duration(document: Document, place: Location) -> float | None:
    """The duration at the location in seconds, more than zero, or None with a fault noted."""
    if document.refused(place):
        return None
    text = document.text(place)
    seconds = None if text is None else quantity.seconds(text)
    if seconds is None or seconds <= 0:
        fixed = quantity.corrected(text or "", Dimension.DURATION)
        if seconds is not None or fixed.startswith("-"):
            fixed = "1 h"
        document.fault(
            place,
            document.got(place),
            "a duration, more than zero",
            f"{place[-1]}: {fixed}{quantity.UNITS[Dimension.DURATION]}",
        )
        return None
    return seconds


def read_day(document: Document, where: Location) -> date | None:
    """The date at the location, or None with a fault noted (a missing one is its shape's)."""
    if document.node(where) is None or document.refused(where):
        return None
    text = document.text(where)
    found = day(text) if text is not None else None
    if found is None:
        document.fault(
            where,
            document.got(where),
            "a date that exists, YYYY-MM-DD",
            f"{where[-1]}: 2026-03-31",
        )
    return found


def _or_unit(indicator: Indicator, text: str) -> str:
    """The other way to mend it, where the indicator may only lack the unit of its query."""
    meant = quantity.guess(text)
    if meant is None or indicator.unit is not None or "query" not in indicator.definition:
        return ""
    if meant.unit in quantity.SHARES:
        return ", or unit: ratio (or percent) on the indicator if its query gives a share"
    if meant.unit in quantity.SECONDS:
        return ", or unit: s on the indicator if its query gives seconds"
    return ""
