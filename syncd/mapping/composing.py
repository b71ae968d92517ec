"""Composed indicators: their parts found, their units checked, their plans made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.base import Dimension, Measure, ScanPlan
from connectors.quantity import parse_duration
from connectors.units import dimension_of
from syncd.mapping import units
from syncd.mapping.composed import CombineMeasure, CoverageMeasure, ManualMeasure, Remove
from syncd.mapping.document import Document
from syncd.mapping.fault import Location
from syncd.model import Combination, Combining, Coverage, Indicator, Manual, Part

Json = Any

Find = Callable[[Location, str], Indicator | None]
"""The indicator of a name that is written at a location; None with a fault noted."""

COUNT = "count"
"""The unit of a number that is given by hand and is bare."""


def compose(
    document: Document, where: Location, name: str | None, options: Measure, find: Find
) -> Indicator | None:
    """The composed indicator of these options, or None with its faults noted."""
    if isinstance(options, ManualMeasure):
        return _manual(document, where, name, options)
    if isinstance(options, CoverageMeasure):
        return _coverage(document, where, name, options, find)
    assert isinstance(options, CombineMeasure)  # noqa: S101 - there are these three
    return _combined(document, where, name, options, find)


def _manual(
    document: Document, where: Location, name: str | None, options: ManualMeasure
) -> Indicator:
    unit = None if options.unit == COUNT else options.unit
    return Indicator(
        name=name,
        measure="manual",
        source=None,
        plan=Manual(parse_duration(options.stale_after)),
        dimension=dimension_of(unit),
        unit=unit,
        # whose number it is: two numbers given by hand are never one
        definition={**document.value(where), "given": name or _place(document, where)},
    )


def _place(document: Document, where: Location) -> str:
    """The id of the key result that an inline indicator stands in."""
    return str(document.text((*where[:-1], "id")) or document.line(where))


# ------------------------------------------------------------------------------------- coverage


def _coverage(
    document: Document, where: Location, name: str | None, options: CoverageMeasure, find: Find
) -> Indicator | None:
    sides = {
        key: find((*where, key), part) for key, part in (("of", options.of), ("in", options.inside))
    }
    for key, side in sides.items():
        if side is not None and not (isinstance(side.plan, ScanPlan) and side.plan.keyed):
            document.fault(
                (*where, key),
                f'"{side.name}", which is no set ({side.measure})',
                "an indicator that is a set of keys: jira.keys, netbox.keys or prometheus.labels",
                f"{key}: the name of a set, or make {side.name} one",
            )
        elif side is not None and options.within is not None and "at" not in side.definition:
            document.fault(
                (*where, "within"),
                f'within, and "{side.name}" does not say since when it has a key',
                "at on both sides, because time runs from one to the other",
                f"at: created (or another point) on {side.name}, or take within out",
            )
    of, inside = sides["of"], sides["in"]
    if of is None or inside is None or not document.sound(where):
        return None
    if of.fingerprint == inside.fingerprint:
        document.fault(where, f'"{of.name}" on both sides', "two sets", "name another one under in")
        return None
    return Indicator(
        name=name,
        measure="coverage",
        source=None,
        plan=Coverage(
            of=of.fingerprint,
            inside=inside.fingerprint,
            normalise=tuple(
                f"remove:{rule.remove}" if isinstance(rule, Remove) else rule
                for rule in options.normalise
            ),
            within_seconds=None if options.within is None else parse_duration(options.within),
            shrink_ratio=float(options.shrink_limit.partition(" ")[0]) / 100,
        ),
        dimension=Dimension.RATIO,
        unit=None,
        definition=document.value(where),
    )


# -------------------------------------------------------------------------------------- combine


def _combined(
    document: Document, where: Location, name: str | None, options: CombineMeasure, find: Find
) -> Indicator | None:
    found = {
        (*where, *place): find((*where, *place), part) for place, part in options.parts.items()
    }
    parts = {place: part for place, part in found.items() if part is not None}
    if len(parts) < len(found) or not document.sound(where):
        return None
    if _repeated(document, parts):
        return None
    if options.how == "ratio":
        made = _ratio(document, where, options, list(parts.values()))
    else:
        made = _alike(document, where, options, parts)
    if made is None:
        return None
    unit, factors = made
    weights = list((options.weighted_mean or {}).values()) or [1.0] * len(parts)
    return Indicator(
        name=name,
        measure="combine",
        source=None,
        plan=Combination(
            Combining(options.how),
            tuple(
                Part(part.fingerprint, factor=factor, weight=weight)
                for part, factor, weight in zip(parts.values(), factors, weights, strict=True)
            ),
        ),
        dimension=dimension_of(unit),
        unit=None if unit in ("ratio", "s") and options.unit is None else unit,
        definition=document.value(where),
    )


def _repeated(document: Document, parts: Mapping[Location, Indicator]) -> bool:
    """Notes a part that stands there twice, under whatever names."""
    seen: dict[str, str | None] = {}
    for place, part in parts.items():
        if part.fingerprint in seen:
            document.fault(
                place,
                f'"{part.name}" a second time'
                if seen[part.fingerprint] == part.name
                else f'"{part.name}", which measures the same as {seen[part.fingerprint]}',
                "each part once",
                "take it out",
            )
            return True
        seen[part.fingerprint] = part.name
    return False


def _alike(
    document: Document,
    where: Location,
    options: CombineMeasure,
    parts: Mapping[Location, Indicator],
) -> tuple[str | None, Sequence[float]] | None:
    """The unit of what is made of parts of one kind, and what each is multiplied by."""
    first = next(iter(parts.values()))
    unit = units.base_unit(first)
    if options.unit is not None and dimension_of(options.unit) is Dimension.OTHER:
        if units.factor(unit, options.unit) is None:
            _misfit(document, (*where, "unit"), options.unit, first)
            return None
        unit = options.unit
    elif options.unit is not None and dimension_of(options.unit) is not first.dimension:
        _misfit(document, (*where, "unit"), options.unit, first)
        return None
    factors = []
    for place, part in parts.items():
        factor = units.factor(units.base_unit(part), unit)
        if factor is None:
            document.fault(
                place,
                f'"{part.name}", in {_shown(part)}',
                f"an indicator in {_shown(first)} as {first.name} is, because {options.how} is of "
                "one kind",
                "correct unit: of one of them, or take it out",
            )
            return None
        factors.append(factor)
    return unit, factors


def _ratio(
    document: Document, where: Location, options: CombineMeasure, parts: Sequence[Indicator]
) -> tuple[str | None, Sequence[float]] | None:
    of, over = parts
    above, below = units.base_unit(of), units.base_unit(over)
    cancels = units.factor(above, below)
    if cancels is not None:
        made, factors = "ratio", (cancels, 1.0)
    else:
        quotient = units.quotient(above, below)
        if quotient is None:
            document.fault(
                (*where, "ratio"),
                f"{_shown(of)} over {_shown(over)}, which has no unit that can be written",
                "two indicators whose units divide",
                "give them units that fit, or measure the ratio itself",
            )
            return None
        made, factors = quotient, (1.0, 1.0)
    if options.unit is None or options.unit == made:
        return made, factors
    convert = units.factor(made, options.unit)
    if convert is None or dimension_of(options.unit) is not dimension_of(made):
        document.fault(
            (*where, "unit"),
            f'"{options.unit}"',
            f"a unit of {_shown(of)} over {_shown(over)}, such as {made}",
            f"unit: {made}, or take unit out",
        )
        return None
    if dimension_of(made) is Dimension.RATIO:
        return made, factors
    return options.unit, (factors[0] * convert, factors[1])


def _misfit(document: Document, place: Location, unit: str, first: Indicator) -> None:
    document.fault(
        place,
        f'"{unit}"',
        f"a unit of the same kind as {first.name} has ({_shown(first)})",
        "correct it, or take unit out",
    )


def _shown(indicator: Indicator) -> str:
    unit = units.base_unit(indicator)
    return {None: "bare numbers", "ratio": "shares", "s": "durations"}.get(unit, str(unit))


def circle(chain: Sequence[str], again: str) -> str:
    """A chain of names that comes back to one of them."""
    return " -> ".join([*chain[chain.index(again) :], again])
