"""The units that upstreams give values in, and the base units that readings are kept in."""

from __future__ import annotations

import math

from connectors.base import Dimension
from connectors.quantity import SECONDS

_SHARES = {"ratio": 1.0, "percent": 100.0}


def dimension_of(unit: str | None) -> Dimension:
    """What kind of quantity a unit measures; without one it is a count."""
    if unit is None:
        return Dimension.COUNT
    if unit in _SHARES:
        return Dimension.RATIO
    return Dimension.DURATION if unit in SECONDS else Dimension.OTHER


def base_unit(dimension: Dimension, unit: str | None) -> str | None:
    """The unit that readings are kept in; None: a bare number. `unit` is the author's.

    >>> base_unit(Dimension.DURATION, "d"), base_unit(Dimension.OTHER, "GPU/h")
    ('s', 'GPU/h')
    """
    return {Dimension.RATIO: "ratio", Dimension.DURATION: "s"}.get(dimension, unit)


def in_base_unit(value: float, unit: str | None) -> float | None:
    """A finite value of this unit as 0..1 (shares), seconds (durations) or unchanged; None when
    it is too large to say.

    Percentages are divided, not multiplied by 0.01, which would make 95 % a little more than 95 %.
    """
    base = value / _SHARES.get(unit or "", 1.0) * SECONDS.get(unit or "", 1.0)
    return base if math.isfinite(base) else None
