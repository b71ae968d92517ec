"""Numbers as Prometheus 2.42 computes and writes them: Go's floats, compensated sums, operators."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from decimal import Decimal


def written(value: float) -> str:
    """The value as the API writes it: shortest digits, never an exponent."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def divided(a: float, b: float) -> float:
    """A / b by IEEE 754, zero divisors included."""
    if b:
        return a / b
    if a == 0 or math.isnan(a) or math.isnan(b):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1, b)


def remainder(a: float, b: float) -> float:
    """Go's math.Mod: the sign of `a`, NaN where there is none."""
    if math.isinf(a) or b == 0 or math.isnan(a) or math.isnan(b):
        return math.nan
    return math.fmod(a, b)


def power(a: float, b: float) -> float:
    """Go's math.Pow."""
    odd = b == math.floor(b) and math.fmod(b, 2) != 0 if math.isfinite(b) else False
    try:
        return math.pow(a, b)
    except OverflowError:
        return -math.inf if a < 0 and odd else math.inf
    except ValueError:
        if a == 0:  # to a negative power
            return math.copysign(math.inf, a) if odd else math.inf
        return math.nan


ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": divided,
    "%": remainder,
    "^": power,
}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}


def _compensated(increment: float, total: float, lost: float) -> tuple[float, float]:
    """One step of Neumaier's summation, as Prometheus's kahanSumInc."""
    new = total + increment
    if abs(total) >= abs(increment):
        return new, lost + ((total - new) + increment)
    return new, lost + ((increment - new) + total)


def sum_over_time(values: Iterable[float]) -> float:
    """The compensated sum."""
    total = lost = 0.0
    for value in values:
        total, lost = _compensated(value, total, lost)
    return total if math.isinf(total) else total + lost


def avg_over_time(values: Iterable[float]) -> float:
    """The compensated running mean."""
    mean = lost = 0.0
    for count, value in enumerate(values, 1):
        if math.isinf(mean) and _keeps_infinity(mean, value):
            continue
        mean, lost = _compensated(value / count - mean / count, mean, lost)
    return mean if math.isinf(mean) else mean + lost


def average(values: Iterable[float]) -> float:
    """The running mean that the aggregation `avg` keeps."""
    mean = math.nan
    for count, value in enumerate(values, 1):
        if count == 1:
            mean = value
        elif not (math.isinf(mean) and _keeps_infinity(mean, value)):
            mean += value / count - mean / count
    return mean


def _keeps_infinity(mean: float, value: float) -> bool:
    if math.isinf(value):
        return (mean > 0) == (value > 0)
    return not math.isnan(value)


def largest(values: Iterable[float]) -> float:
    """The largest value; NaN only where there is nothing else."""
    found = math.nan
    for value in values:
        if value > found or math.isnan(found):
            found = value
    return found


def smallest(values: Iterable[float]) -> float:
    """The smallest value; NaN only where there is nothing else."""
    found = math.nan
    for value in values:
        if value < found or math.isnan(found):
            found = value
    return found


def quantile(rank: float, values: Iterable[float]) -> float:
    """The quantile between the two nearest values, as Prometheus takes it; NaN is the smallest.

    >>> quantile(0.25, [4.0, 2.0, 8.0])
    3.0
    """
    ordered = sorted(values, key=lambda value: (not math.isnan(value), value))
    if not ordered or math.isnan(rank):
        return math.nan
    if not 0 <= rank <= 1:
        return math.inf if rank > 1 else -math.inf
    place = rank * (len(ordered) - 1)
    lower = max(0, math.floor(place))
    upper = min(len(ordered) - 1, lower + 1)
    weight = place - math.floor(place)
    return ordered[lower] * (1 - weight) + ordered[upper] * weight


def extrapolated(
    points: list[tuple[int, float]], start: int, end: int, seconds: float | None
) -> float | None:
    """The increase of a counter from `start` to `end` (milliseconds), extrapolated to the edges;
    the rate per second over `seconds` where they are given. None for fewer than two samples.

    Prometheus 2.42, promql/functions.go, extrapolatedRate.
    """
    if len(points) < 2:  # one sample has no slope
        return None
    (first_time, first), (last_time, last) = points[0], points[-1]
    result = last - first
    previous = first
    for _, value in points[1:]:
        if value < previous:  # the counter began anew
            result += previous
        previous = value
    to_start = (first_time - start) / 1000
    to_end = (end - last_time) / 1000
    sampled = (last_time - first_time) / 1000
    between = sampled / (len(points) - 1)
    if result > 0 and first >= 0:
        to_start = min(to_start, sampled * (first / result))  # a counter is never below zero
    threshold = between * 1.1
    reach = sampled
    reach += to_start if to_start < threshold else between / 2
    reach += to_end if to_end < threshold else between / 2
    factor = reach / sampled
    if seconds is not None:
        factor /= seconds
    return result * factor
