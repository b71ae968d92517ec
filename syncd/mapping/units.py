"""Units of measure as authors write them: which ones fit together, and how one becomes another.

A unit is one word (``GPU``), or words with ``/`` between them (``USD/host/h``, ``1/w``,
``1/(2 w)``). Words of time are known; any other word is a dimension of its own, so dollars never
become hosts. `pint` does the arithmetic.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from connectors import units
from connectors.base import Dimension
from connectors.quantity import SECONDS
from connectors.units import dimension_of
from syncd.model import Indicator

if TYPE_CHECKING:
    import pint

_WORD = "[A-Za-z][A-Za-z0-9]*"
_SPAN = rf"\(\d+(?:\.\d+)? (?:{'|'.join(SECONDS)})\)"
_UNIT = re.compile(rf"(?:1|{_WORD})(?:/(?:{_WORD}|{_SPAN}))*", re.ASCII)
_SHARES: Final = {"ratio": 1.0, "percent": 0.01}
_MEANT: Final = {
    "%": "percent",
    "pct": "percent",
    "percentage": "percent",
    "share": "ratio",
    "x": "ratio",
    "m": "min",
    "minute": "min",
    "minutes": "min",
    "sec": "s",
    "second": "s",
    "seconds": "s",
    "hour": "h",
    "hours": "h",
    "day": "d",
    "days": "d",
    "week": "w",
    "weeks": "w",
}


def is_unit(text: str) -> bool:
    """Whether the text can be a unit at all."""
    if _UNIT.fullmatch(text) is None or text == "1" or text in _MEANT:
        return False
    if text.lower() in _SHARES and text not in _SHARES:
        return False
    words = text.split("/")
    return not (set(words) & {"m"}) and (len(words) == 1 or not set(words) & set(_SHARES))


def meant(text: str) -> str:
    """The unit that somebody who wrote this most likely meant."""
    word = text.strip()
    if word.lower() in (*_MEANT, *_SHARES):
        return _MEANT.get(word.lower(), word.lower())
    per = re.sub(r"\s*(?:\bper\b|/)\s*", "/", word)
    words = [_MEANT.get(each.lower(), each) for each in per.split("/")]
    tried = "/".join(each.replace(" ", "") for each in words)
    return tried if is_unit(tried) else "USD/host/h"


def base_unit(indicator: Indicator) -> str | None:
    """The unit that the indicator's values are in; None: a bare number."""
    return units.base_unit(indicator.dimension, indicator.unit)


def measured_in(unit: str, dimension: Dimension) -> bool:
    """Whether values of this dimension can be shown in the unit: shares as ratio or percent,
    durations in a word of time, and everything else in neither.
    """
    kind = dimension_of(unit)
    if dimension in (Dimension.RATIO, Dimension.DURATION):
        return kind is dimension
    return kind is Dimension.OTHER


def factor(given: str | None, wanted: str | None) -> float | None:
    """What a value in `given` is multiplied by to be in `wanted`; None where no number does that,
    or where one of them is no unit. None as a unit is a bare number, which is a count and no share.

    >>> factor("USD/host/h", "USD/host/d"), factor("h", "min"), factor("USD", "EUR")
    (24.0, 60.0, None)
    """
    if given == wanted:
        return 1.0
    if given is None or wanted is None or not (is_unit(given) and is_unit(wanted)):
        return None
    if dimension_of(given) is not dimension_of(wanted):
        return None
    one, other = _parsed(given), _parsed(wanted)
    if one.dimensionality != other.dimensionality:
        return None
    return float((1 * one).to(other).magnitude)


def quotient(of: str | None, over: str | None) -> str | None:
    """The unit of one over another; ``ratio`` where they are of one kind, None for a bare number.

    >>> quotient("USD/h", "host"), quotient("GPU", "GPU"), quotient("GPU", None)
    ('USD/h/host', 'ratio', 'GPU')
    """
    if factor(of, over) is not None:
        return "ratio"
    if over is None or over == "ratio":
        return of
    top = "1" if of is None or of == "ratio" else of
    first, *below = over.split("/")
    # a/b over c/d is a/b/c times d: what was below comes up only where it cancels
    down = [first] if first != "1" else []
    words = top.split("/")
    for word in below:
        if word in words[1:]:
            words.remove(word)
        else:
            return None
    return "/".join([*words, *down])


@cache
def _registry() -> pint.UnitRegistry[float]:
    import pint

    registry: pint.UnitRegistry[float] = pint.UnitRegistry(None)
    registry.define("s = [time]")
    for word, seconds in SECONDS.items():
        if word != "s":
            registry.define(f"{word} = {seconds:.0f} * s")
    registry.define("ratio = []")
    registry.define("percent = 0.01 * ratio")
    return registry


@cache
def _parsed(unit: str) -> pint.Unit:
    registry = _registry()
    numerator, *below = unit.split("/")
    made: pint.Unit = registry.Unit("") if numerator == "1" else _word(numerator)
    for word in below:
        made = made / _word(word)
    return made


def _word(word: str) -> pint.Unit:
    registry = _registry()
    if word.startswith("("):
        number, _, time = word.strip("()").partition(" ")
        name = f"span_{number.replace('.', '_')}_{time}"
        definition = f"{float(number) * SECONDS[time]!r} * s"
    else:
        # Letter by letter the same word, whatever prefixes pint would find in it.
        name = word if word in SECONDS or word in _SHARES else f"unit_{word}"
        definition = f"[{name}]"
    if name not in registry:
        registry.define(f"{name} = {definition}")
    return registry.Unit(name)
