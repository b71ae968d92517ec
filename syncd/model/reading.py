"""What was seen: readings and failures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

Json = Any


class Origin(StrEnum):
    """Where a reading comes from."""

    LIVE = "live"
    BACKFILL = "backfill"
    MANUAL = "manual"


@dataclass(frozen=True)
class Reading:
    """An indicator's value at a moment.

    `value` None: the upstream was read and has nothing to say (an empty set, no series).
    `observed_at`: when the upstream was last read well; `at`: the moment the value holds for
    (later than `observed_at` where a deadline passed by itself); `recorded_at`: when it was
    written down. `pending`: objects that are neither passed nor failed. `lower_bound`: the value
    can only be larger (a percentile that falls on an object still open): it may fail an upper
    limit and never satisfies one. `details` is evidence:
    small, JSON-able.
    """

    indicator: str
    value: float | None
    observed_at: datetime
    at: datetime
    recorded_at: datetime
    numerator: float | None = None
    denominator: float | None = None
    pending: int | None = None
    objects: int | None = None
    complete: bool = True
    approximate: bool = False
    lower_bound: bool = False
    origin: Origin = Origin.LIVE
    details: Json = None
    id: int | None = None


@dataclass(frozen=True)
class Failure:
    """The last attempt to measure failed: what kind, in words, and since when it has failed."""

    error_type: str
    message: str
    since: datetime
