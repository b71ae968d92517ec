"""What an author may ask of a Prometheus, and what that plans."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field, field_validator

from connectors.base import Dimension, Measure, NumberPlan
from connectors.quantity import SECONDS

_SHARES = {"ratio": 1.0, "percent": 100.0}


def dimension_of(unit: str | None) -> Dimension:
    """What kind of quantity a unit measures; without one it is a count."""
    if unit is None:
        return Dimension.COUNT
    if unit in _SHARES:
        return Dimension.RATIO
    return Dimension.DURATION if unit in SECONDS else Dimension.OTHER


def in_base_unit(value: float, unit: str | None) -> float | None:
    """A finite value of this unit as 0..1 (shares), seconds (durations) or unchanged; None when
    it is too large to say.

    Percentages are divided, not multiplied by 0.01, which would make 95 % a little more than 95 %.
    """
    base = value / _SHARES.get(unit or "", 1.0) * SECONDS.get(unit or "", 1.0)
    return base if math.isfinite(base) else None


class Query(Measure):
    """The value of one PromQL expression, now."""

    measure: Literal["prometheus.query"]
    query: str = Field(
        description="PromQL that gives one number: a scalar or a vector of one series.",
        examples=["sum(ztp_success_total) / sum(ztp_attempts_total)"],
    )
    unit: str | None = Field(
        default=None,
        description="The unit of what the query gives: ratio (0..1), percent, s, min, h, d, w, "
        "or any other word such as USD/host/h; without one it is a count.",
        examples=["ratio"],
    )

    @field_validator("query")
    @classmethod
    def _says_something(cls, query: str) -> str:
        if not query.strip():
            raise ValueError("an empty query; expected PromQL, such as sum(up)")
        return query.strip()

    def plan(self, source: str) -> NumberPlan:
        """A plan whose number is in the base unit: 0..1 for shares, seconds for durations."""
        request = {"query": self.query, "unit": self.unit}
        return NumberPlan(source, request, dimension_of(self.unit))
