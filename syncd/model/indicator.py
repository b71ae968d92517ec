"""Indicators: one number each, measured, made of others, or given by a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from connectors.base import Dimension, Plan, fingerprint
from syncd.model.plausible import Plausible

Json = Any


@dataclass(frozen=True)
class Coverage:
    """Which keys of one indicator's set (`of`) are in another's (`inside`); both fingerprints.

    `normalise` is applied to each key of both sides in order: ``trim``, ``lower``, ``upper``,
    ``strip_domain`` (what follows the first dot goes), ``remove:TEXT``. `within_seconds`: a key
    passes only if the other side has it at most this long after `of` had it, is pending until
    then and fails after. `shrink_ratio`: a side that loses more than this share of its keys
    from one reading to the next makes the reading partial until it has lasted.
    """

    of: str
    inside: str
    normalise: tuple[str, ...] = ()
    within_seconds: float | None = None
    shrink_ratio: float = 0.2


class Combining(StrEnum):
    """How a number is made of other indicators' values."""

    SUM = "sum"
    MINIMUM = "minimum"
    RATIO = "ratio"  # first over second
    DIFFERENCE = "difference"  # first minus second
    WEIGHTED_MEAN = "weighted_mean"


@dataclass(frozen=True)
class Part:
    """An indicator (by fingerprint) in a combination. Its value times `factor` is in the
    combination's own unit; `weight` counts in a weighted mean.
    """

    indicator: str
    factor: float = 1.0
    weight: float = 1.0


@dataclass(frozen=True)
class Combination:
    """A number made of other indicators' values."""

    how: Combining
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Manual:
    """A number that a person gives; it is stale once it is older than `stale_after_seconds`."""

    stale_after_seconds: float


Composition = Coverage | Combination | Manual


def parts_of(plan: Plan | Composition) -> tuple[str, ...]:
    """The fingerprints of the indicators that a plan is made of (none for what is measured)."""
    if isinstance(plan, Coverage):
        return (plan.of, plan.inside)
    if isinstance(plan, Combination):
        return tuple(part.indicator for part in plan.parts)
    return ()


_BESIDE = frozenset({"evidence", "unit", "source", "plausible"})
"""What an author says of an indicator that does not change what is measured."""


@dataclass(frozen=True)
class Indicator:
    """One number measured on a schedule. `definition` is what the author wrote, variables
    replaced, JSON-able. `name` is None for one written inside a key result. `unit` is the
    author's or the dimension's word for showing; `source` the configured source's name, None for
    one composed of others. `at`: it is read as of this past moment and not as of now. `plausible`:
    what its numbers are held to before they are believed.
    """

    name: str | None
    measure: str
    source: str | None
    plan: Plan | Composition
    dimension: Dimension
    unit: str | None
    definition: Mapping[str, Json]
    evidence: str = "keys"
    at: datetime | None = None
    plausible: Plausible = field(default_factory=Plausible)

    @property
    def fingerprint(self) -> str:
        """Changes when what is measured changes; names, units, evidence and what is plausible do
        not count.
        """
        what = {k: v for k, v in self.definition.items() if k not in _BESIDE}
        whole: dict[str, Json] = {"source": self.source, "unit": self.unit, "definition": what}
        if self.at is not None:
            whole["at"] = self.at.isoformat()
        if parts_of(self.plan):
            # its definition names its parts, and what a name means may change
            whole["definition"] = repr(self.plan)
        return fingerprint(whole)
