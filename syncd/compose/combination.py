"""Combination: a number made of other indicators' values.

What is not known of a part is not known of the whole: a part without a value leaves it without
one, a partial part makes it partial. Where a part is a lower bound the whole is one too if it can
only grow with it; if it could shrink (a difference or a ratio whose second part is a lower bound)
nothing can be said of it, and it is partial: shown, never assessed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncd.compose.composed import Composed
from syncd.model import Combination, Combining, Part, Reading

Json = Any


@dataclass(frozen=True)
class PartReadings:
    """What is known of a part: its newest complete reading (None: it has none yet, and nothing can
    be combined), and whether a partial one is newer. `name` is what people call it.
    """

    name: str
    reading: Reading | None
    complete: bool = True


@dataclass(frozen=True)
class _Term:
    """A part's value in the combination's own unit."""

    name: str
    value: float
    weight: float
    lower_bound: bool


@dataclass(frozen=True)
class _Result:
    """`bounded_below`: it can only be larger; `unclear`: it may be larger or smaller."""

    value: float | None
    bounded_below: bool = False
    unclear: bool = False
    untold: str | None = None


def combine(spec: Combination, parts: Mapping[str, PartReadings]) -> Composed | None:
    """The combination of the parts (by fingerprint); None while one has no complete reading.

    It is as old as its oldest part. `details` tell each part's value in the combination's unit,
    and in `untold` why there is no value.
    """
    known = [(part, parts[part.indicator]) for part in spec.parts]
    readings: list[tuple[Part, str, Reading]] = []
    for part, one in known:
        if one.reading is None:
            return None
        readings.append((part, one.name, one.reading))
    terms = [
        _Term(name, reading.value * part.factor, part.weight, reading.lower_bound)
        for part, name, reading in readings
        if reading.value is not None
    ]
    values: dict[str, Json] = {
        name: None if reading.value is None else reading.value * part.factor
        for part, name, reading in readings
    }
    absent = [name for _, name, reading in readings if reading.value is None]
    result = _Result(None, untold=_listed(absent)) if absent else _of(spec.how, terms)
    details: dict[str, Json] = {"parts": values}
    if result.untold is not None:
        details["untold"] = result.untold
    if result.unclear:
        details["unclear"] = "a part is a lower bound, so this may be larger or smaller"
    pending = [reading.pending for *_, reading in readings if reading.pending is not None]
    is_ratio = spec.how is Combining.RATIO and not absent
    return Composed(
        value=result.value,
        observed_at=min(reading.observed_at for *_, reading in readings),
        numerator=terms[0].value if is_ratio else None,
        denominator=terms[1].value if is_ratio else None,
        pending=sum(pending) if pending else None,
        complete=all(one.complete for _, one in known) and not result.unclear,
        approximate=any(reading.approximate for *_, reading in readings),
        lower_bound=result.bounded_below and result.value is not None,
        details=details,
    )


def _of(how: Combining, terms: Sequence[_Term]) -> _Result:
    result = _FORMULAS[how](terms)
    if result.value is not None and not math.isfinite(result.value):
        return _Result(None, untold="the result is too large for a number")
    return result


def _sum(terms: Sequence[_Term]) -> _Result:
    return _Result(_total(term.value for term in terms), any(term.lower_bound for term in terms))


def _minimum(terms: Sequence[_Term]) -> _Result:
    least = min(term.value for term in terms)
    exact = any(term.value == least and not term.lower_bound for term in terms)
    return _Result(least, bounded_below=not exact)


def _ratio(terms: Sequence[_Term]) -> _Result:
    first, second = terms
    if second.value == 0:
        return _Result(None, untold=f"{second.name} is 0, and nothing can be divided by it")
    rises = second.value > 0
    return _Result(
        first.value / second.value,
        bounded_below=first.lower_bound and not second.lower_bound and rises,
        unclear=second.lower_bound or (first.lower_bound and not rises),
    )


def _difference(terms: Sequence[_Term]) -> _Result:
    first, second = terms
    return _Result(
        first.value - second.value,
        bounded_below=first.lower_bound and not second.lower_bound,
        unclear=second.lower_bound,
    )


def _weighted_mean(terms: Sequence[_Term]) -> _Result:
    weight = _total(term.weight for term in terms)
    if weight == 0:
        return _Result(None, untold="all weights are 0")
    return _Result(
        _total(term.weight * term.value for term in terms) / weight,
        any(term.lower_bound and term.weight > 0 for term in terms),
    )


_FORMULAS = {
    Combining.SUM: _sum,
    Combining.MINIMUM: _minimum,
    Combining.RATIO: _ratio,
    Combining.DIFFERENCE: _difference,
    Combining.WEIGHTED_MEAN: _weighted_mean,
}


def _total(values: Iterable[float]) -> float:
    """The sum, the same in whatever order the parts come; infinite where it is too large."""
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):
        return math.inf


def _listed(names: Sequence[str]) -> str:
    return f"{' and '.join(names)} {'has' if len(names) == 1 else 'have'} no value"
