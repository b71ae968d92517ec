"""What is said of upstream objects and numbers: verdicts over time, values, how a reading is made
of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from connectors.definition import Json


class Outcome(StrEnum):
    """What a judge says of one object over an interval."""

    PASS = "pass"  # noqa: S105  an outcome, no password
    FAIL = "fail"
    PENDING = "pending"


# A scan makes some of these two for each object: as dataclasses they took five times as long to
# make, and the garbage collector looked through them again and again. None leads back to itself.
class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What holds of an object from `valid_from` (inclusive) until `valid_to` (exclusive, None:
    until something changes). Times are aware UTC.

    `number` is in the judge's base unit (seconds for durations; None where there is none).
    `missing` names what the object lacks, in the author's words. `keys` are what coverage
    compares by; one object may hold several. `began`: since when it has been so, where that is
    before `valid_from`, as of an object that came into the scope only then; ages count from it.
    """

    valid_from: datetime
    valid_to: datetime | None
    outcome: Outcome
    number: float | None = None
    missing: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    began: datetime | None = None

    @property
    def since(self) -> datetime:
        """Since when it has been so."""
        return self.valid_from if self.began is None else self.began


class Timeline(msgspec.Struct, frozen=True, gc=False):
    """One object's verdicts: ordered, without overlap.

    `since` says how much of the past they replace: None rewrites the object's whole history;
    a moment keeps the rows before it, cut there (all verdicts begin at or after it).
    No verdicts and a `since`: the object left the scope by then. No verdicts and no `since`: it
    is in the scope, and the judge has nothing to say of it (yet).
    `label` is the name people know the object by, `url` leads to it.
    """

    object_id: str
    since: datetime | None
    verdicts: tuple[Verdict, ...]
    label: str = ""
    url: str | None = None

    @property
    def left(self) -> bool:
        """Whether it says that the object left the scope."""
        return self.since is not None and not self.verdicts


@dataclass(frozen=True, slots=True)
class Number:
    """One value read from an upstream.

    `value` is in the plan's unit, None when the upstream has no data (which is not zero).
    `partial` is true when the upstream says, or it is known, that something is left out;
    `approximate` when the upstream itself calls the number so. `raw` is the evidence: the raw
    values that came back, JSON-able and small. `url` leads a person to the query.
    """

    value: float | None
    observed_at: datetime
    numerator: float | None = None
    denominator: float | None = None
    objects: int | None = None
    partial: bool = False
    approximate: bool = False
    raw: Json = None
    url: str | None = None


class Aggregation(StrEnum):
    """How a reading is made of the verdicts that hold at a moment."""

    SHARE = "share"  # passed / (passed + failed); pending beside it
    COUNT = "count"  # objects that pass
    MEAN = "mean"  # of the numbers of finished (passed or failed) objects
    PERCENTILE = "percentile"  # nearest rank over the numbers
    SUM = "sum"  # of the numbers of objects that pass; 0 when none does
    WEIGHTED_SHARE = "weighted_share"  # numbers of passed / numbers of (passed + failed)
    ONLY = "only"  # the number of the one object that passes; none or several: no value
    KEYS = "keys"  # distinct keys of objects that pass
    MILESTONES = "milestones"  # SHARE, and the reading's details tell of each key: done, since when


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregation and its parameters: `percentile` in 0..100 for PERCENTILE, else None; the
    value is multiplied by `scale` (a rate of issues a week is a count over four weeks, by 1/4).
    """

    how: Aggregation
    percentile: float | None = None
    scale: float = 1.0

    @property
    def definition(self) -> Json:
        """JSON that identifies the aggregate."""
        return {"how": self.how.value, "percentile": self.percentile, "scale": self.scale}


class Dimension(StrEnum):
    """What kind of quantity a reading is; decides which units a target may use."""

    COUNT = "count"  # bare number
    RATIO = "ratio"  # base unit: 0..1
    DURATION = "duration"  # base unit: seconds
    OTHER = "other"  # whatever `unit:` says, bare number
