"""Quantities as authors write them, ``NUMBER UNIT``, and their values in base units.

Shares are 0..1 and written with ``%`` or ``x``; durations are seconds and written with ``s``,
``min``, ``h``, ``d`` (24 h) or ``w``; everything else is bare or has its indicator's own unit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from connectors import quantity
from connectors.base import Dimension
from syncd.mapping import units

PATTERN: Final = r"^-?[0-9]+(\.[0-9]+)?( [A-Za-z%][A-Za-z0-9%/]*)?$"
"""What a quantity looks like, as a regular expression that JSON Schema reads too."""

SECONDS: Final[Mapping[str, int]] = {unit: int(length) for unit, length in quantity.SECONDS.items()}
"""Units of time and their length in seconds."""

SHARES: Final[Mapping[str, Decimal]] = {"%": Decimal(100), "x": Decimal(1)}
"""Units of shares and how many of them are the whole."""

POINTS: Final = "pp"
"""Percentage points, for `increase_by` and `decrease_by`."""

_WRITTEN = re.compile(r"(-?[0-9]{1,30}(?:\.[0-9]{1,30})?)(?: ([A-Za-z%][A-Za-z0-9%/]*))?")
_SLOPPY = re.compile(r"\s*([-+]?[0-9][0-9 ,_']*(?:\.[0-9]+)?)\s*([^\s0-9].*?)?\s*")
_OTHER_WORDS: Final[Mapping[str, str]] = {
    "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "m": "min", "mins": "min", "minute": "min", "minutes": "min",
    "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "day": "d", "days": "d", "week": "w", "weeks": "w",
    "percent": "%", "per cent": "%", "pct": "%", "times": "x",
    "points": POINTS, "percentage points": POINTS,
}  # fmt: skip


@dataclass(frozen=True)
class Quantity:
    """A number and its unit (None: bare)."""

    number: Decimal
    unit: str | None = None

    def __str__(self) -> str:
        number = f"{self.number:f}"
        return number if self.unit is None else f"{number} {self.unit}"


def parse(text: str) -> Quantity | None:
    """The quantity that the text is, or None when it is not written as one.

    >>> parse("7 d"), parse("80%")
    (Quantity(number=Decimal('7'), unit='d'), None)
    """
    match = _WRITTEN.fullmatch(text)
    return Quantity(Decimal(match[1]), match[2]) if match else None


def guess(text: str) -> Quantity | None:
    """What somebody who wrote this most likely meant, or None: ``5m`` is 5 min, ``80%`` is 80 %."""
    match = _SLOPPY.fullmatch(text[:60])
    if match is None:
        return None
    try:
        number = Decimal(re.sub(r"[ ,_']", "", match[1]).lstrip("+"))
    except InvalidOperation:
        return None
    word = match[2]
    if word is not None:
        word = _OTHER_WORDS.get(word.lower(), word)
        if parse(f"1 {word}") is None:
            return None
    return Quantity(number, word)


def base(written_as: Quantity, dimension: Dimension, unit: str | None = None) -> float | None:
    """The quantity in the dimension's base unit, or None when its unit is not one of that
    dimension. `unit` is the indicator's own word, which counts and other values may carry;
    another unit of the same kind is converted.

    >>> base(Quantity(Decimal(80), "%"), Dimension.RATIO)
    0.8
    """
    if dimension is Dimension.RATIO:
        whole = SHARES.get(written_as.unit or "")
        value = None if whole is None else written_as.number / whole
    elif dimension is Dimension.DURATION:
        length = SECONDS.get(written_as.unit or "")
        value = None if length is None else written_as.number * length
    else:
        factor = 1.0 if written_as.unit is None else units.factor(written_as.unit, unit)
        value = None if factor is None else written_as.number * Decimal(repr(factor))
    return float(value) if value is not None and math.isfinite(float(value)) else None


def written(value: float, dimension: Dimension, unit: str | None = None) -> str:
    """A value in base units as an author would write it, exactly (`base` gives it back)."""
    exact = Decimal(repr(value))
    if dimension is Dimension.RATIO:
        return str(Quantity(_short(exact * 100), "%"))
    if dimension is Dimension.DURATION:
        for word in ("w", "d", "h", "min"):
            if exact and exact % SECONDS[word] == 0:
                return str(Quantity(_short(exact / SECONDS[word]), word))
        return str(Quantity(_short(exact), "s"))
    return str(Quantity(_short(exact), unit))


def _short(number: Decimal) -> Decimal:
    whole = number.to_integral_value()
    return whole if number == whole else number.normalize()


def corrected(text: str, dimension: Dimension, unit: str | None = None) -> str:
    """How to write what the text most likely means in this dimension; an example where nothing
    can be guessed.

    >>> corrected("0.8", Dimension.RATIO), corrected("5m", Dimension.DURATION)
    ('80 %', '5 min')
    """
    meant = guess(text)
    if meant is None:
        return _EXAMPLES[dimension]
    if base(meant, dimension, unit) is not None:
        return str(meant)
    if dimension is Dimension.RATIO:
        if meant.unit is not None:
            return _EXAMPLES[dimension]
        share = meant.number * 100 if abs(meant.number) <= 1 else meant.number
        return str(Quantity(_short(share), "%"))
    if dimension is Dimension.DURATION:
        return f"{meant.number:f} d" if meant.unit is None else _EXAMPLES[dimension]
    return str(Quantity(meant.number, unit))


_EXAMPLES: Final[Mapping[Dimension, str]] = {
    Dimension.RATIO: "80 %",
    Dimension.DURATION: "7 d",
    Dimension.COUNT: "3",
    Dimension.OTHER: "3",
}

KINDS: Final[Mapping[Dimension, str]] = {
    Dimension.RATIO: "a share with its unit",
    Dimension.DURATION: "a duration",
    Dimension.COUNT: "a bare number",
    Dimension.OTHER: "a number",
}
"""What a quantity of each dimension is called in faults."""

UNITS: Final[Mapping[Dimension, str]] = {
    Dimension.RATIO: f"   (units: {', '.join(SHARES)})",
    Dimension.DURATION: f"   (units: {', '.join(SECONDS)})",
    Dimension.COUNT: "",
    Dimension.OTHER: "",
}
"""The units of each dimension, as faults end."""


def seconds(text: str) -> float | None:
    """The length in seconds of a duration such as ``14 d``, or None when it is none."""
    found = parse(text)
    return None if found is None else base(found, Dimension.DURATION)
