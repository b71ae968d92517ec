"""What an indicator's numbers are held to: quantities read in its unit, defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from connectors.base import Dimension, NumberPlan, ScanPlan
from syncd.mapping import quantity
from syncd.mapping.checking import check
from syncd.mapping.document import Document
from syncd.mapping.fault import Location
from syncd.mapping.shape import PlausibleDefaultsShape
from syncd.mapping.values import read_quantity
from syncd.model import Indicator, Manual, Plausible

Json = Any

_KEYS: Final = ("at_least", "at_most", "step", "counter", "shrink", "confirm")


def counts_objects(indicator: Indicator) -> bool:
    """Whether it reads objects of its own, which may go."""
    plan = indicator.plan
    return isinstance(plan, ScanPlan) or (isinstance(plan, NumberPlan) and plan.counts)


def read_plausible(
    document: Document, where: Location, indicator: Indicator, around: Plausible
) -> Plausible | None:
    """What the indicator at the location is held to, over what is said around it (of what goes at
    once, and of how it is confirmed); None with its faults noted.
    """
    where = (*where, "plausible")
    above = around if counts_objects(indicator) else replace(around, shrink_ratio=None)
    if isinstance(indicator.plan, Manual):
        above = Plausible()
    if document.node(where) is None:
        return above
    value = document.value(where)
    if isinstance(indicator.plan, Manual):
        document.fault(
            where,
            "plausible beside manual",
            "no plausible, because whoever gives a number has looked at it",
            "take plausible out",
        )
        return None
    if not isinstance(value, Mapping) or not any(key in value for key in _KEYS):
        document.fault(
            where,
            "plausible without a limit",
            f"at least one of {', '.join(_KEYS)}",
            "plausible: {at_least: ...}, or take it out",
        )
        return None
    low = _limit(document, (*where, "at_least"), indicator)
    high = _limit(document, (*where, "at_most"), indicator)
    if low is not None and high is not None and low > high:
        document.fault(
            where, "at_least above at_most", "a range with its lower limit first", "swap the two"
        )
    step, relative = _step(document, (*where, "step"), indicator)
    if "shrink" in value and not counts_objects(indicator):
        document.fault(
            (*where, "shrink"),
            f"shrink beside {indicator.measure}",
            "no shrink, because it reads no objects of its own that could go",
            "shrink_limit on the coverage, or shrink on its sides"
            if indicator.measure == "coverage"
            else "take shrink out",
        )
    if not document.sound(where):
        return None
    return replace(
        above,
        low=low,
        high=high,
        step=step,
        step_relative=relative,
        counter=value.get("counter") is True,
        **_kept(value),
    )


def read_default_plausible(document: Document, where: Location, above: Plausible) -> Plausible:
    """What holds of indicators that say nothing themselves, over what is said above, key by key;
    faults are noted.
    """
    if document.node(where) is None:
        return above
    good = check(document, where, PlausibleDefaultsShape, noun="what is plausible").good
    return replace(above, **_kept(good))


def _kept(said: Mapping[str, Json]) -> dict[str, Json]:
    kept: dict[str, Json] = {}
    if "shrink" in said:
        kept["shrink_ratio"] = float(str(said["shrink"]).partition(" ")[0]) / 100
    if "confirm" in said:
        kept["confirm"] = said["confirm"]
    return kept


def _limit(document: Document, place: Location, indicator: Indicator) -> float | None:
    if document.node(place) is None:
        return None
    return read_quantity(document, place, indicator)


def _step(document: Document, place: Location, indicator: Indicator) -> tuple[float | None, bool]:
    """The largest step, and whether it is a share of the last number, as `increase_by` has it."""
    if document.node(place) is None:
        return None, False
    text = document.text(place)
    written = None if text is None else quantity.parse(text)
    unit = None if written is None else written.unit
    step: float | None = None
    relative = unit == "%"
    if written is not None and (
        relative or (unit == quantity.POINTS and indicator.dimension is Dimension.RATIO)
    ):
        step = float(written.number) / 100
    elif indicator.dimension is Dimension.RATIO:
        document.fault(
            place,
            document.got(place),
            "points (pp) or a share of the last number (%)",
            "step: 10 pp, or 10 % of the last number",
        )
        return None, False
    else:
        step = read_quantity(document, place, indicator)
    if step is not None and step <= 0:
        document.fault(place, document.got(place), "more than zero", "step: 20 %")
    return step, relative
