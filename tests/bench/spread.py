"""Figures that were taken several times, and how they grow."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FEWEST_SIZES = 2


@dataclass(frozen=True)
class Figure:
    """What was found at each repeat, at least once; `unit` is one of `WRITTEN`, or a word."""

    values: Sequence[float]
    unit: str

    @property
    def median(self) -> float:
        """The one in the middle."""
        return statistics.median(self.values)

    def __str__(self) -> str:
        """The median, with the least and the most where they differ from it."""
        middle, *ends = map(self._written, (self.median, min(self.values), max(self.values)))
        return middle if set(ends) == {middle} else f"{middle} ({ends[0]}–{ends[1]})"

    def _written(self, value: float) -> str:
        if self.unit in _WRITTEN:
            return _WRITTEN[self.unit](value)
        return f"{_short(value)} {self.unit}".strip()

    def to_json(self) -> Mapping[str, object]:
        """Everything that was found."""
        return {"values": list(self.values), "unit": self.unit, "median": self.median}


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """By which power of the size a value grows: the slope of the line through the logarithms that
    has the least squares. 0: flat, 1: in proportion. ValueError for fewer than two sizes, or where
    something is not more than 0.
    """
    if len(set(sizes)) < FEWEST_SIZES or min(*sizes, *values) <= 0:
        raise ValueError(f"got sizes {sizes} and values {values}; expected two sizes, all above 0")
    slope, _ = statistics.linear_regression(
        [math.log(size) for size in sizes], [math.log(value) for value in values]
    )
    return slope


def _short(value: float) -> str:
    """Three digits that count."""
    if value == 0:
        return "0"
    if abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def _seconds(value: float) -> str:
    return f"{_short(value)} s" if value >= 1 else f"{_short(value * 1000)} ms"


def _bytes(value: float) -> str:
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if value >= size:
            return f"{_short(value / size)} {unit}"
    return f"{value:.0f} B"


_WRITTEN = {"s": _seconds, "B": _bytes}
