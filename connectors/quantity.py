"""Durations as authors write them: a number, one space, a unit (`24 h`, `5 min`, `1.5 d`)."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
"""Seconds in each unit; a day is 24 hours, whatever the calendar says."""

_QUANTITY = re.compile(r"(\d+(?:\.\d+)?) ([A-Za-z]+)", re.ASCII)
_LOOSE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", re.ASCII)
_MEANT = {
    "m": "min",
    "mins": "min",
    "minute": "min",
    "minutes": "min",
    "sec": "s",
    "secs": "s",
    "second": "s",
    "seconds": "s",
    "hr": "h",
    "hrs": "h",
    "hour": "h",
    "hours": "h",
    "day": "d",
    "days": "d",
    "week": "w",
    "weeks": "w",
}


def parse_duration(text: str) -> float:
    """Seconds, more than zero. Raises ValueError that says what to write instead.

    >>> parse_duration("24 h")
    86400.0
    """
    match = _QUANTITY.fullmatch(text)
    if match and match[2] in SECONDS:
        seconds = float(match[1]) * SECONDS[match[2]]
        if seconds > 0:
            return seconds
        raise ValueError(f'got "{text}"; a duration is more than zero, for example 24 h')
    raise ValueError(
        f'got "{text}"; a duration is a number, one space and a unit (s, min, h, d, w), '
        f"for example {_suggestion(text)}"
    )


def _suggestion(text: str) -> str:
    loose = _LOOSE.fullmatch(text)
    if loose is None or loose[1].startswith("-"):
        return "24 h"
    unit = loose[2].lower()
    unit = _MEANT.get(unit, unit)
    return f"{loose[1]} {unit}" if unit in SECONDS else f"{loose[1]} h"


def _checked(text: str) -> str:
    parse_duration(text)
    return text


Duration = Annotated[str, AfterValidator(_checked)]
"""Text that `parse_duration` takes, kept as its author wrote it."""
