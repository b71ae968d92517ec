"""What composing comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = Any


@dataclass(frozen=True)
class Composed:
    """A reading made of others, and what to keep for the next time.

    `observed_at` is that of its oldest part. `next_transition_at`: when time alone moves it (None:
    nothing does). `memory` is JSON that goes into the next call. The rest is as in
    `syncd.model.Reading`.
    """

    value: float | None
    observed_at: datetime
    complete: bool
    numerator: float | None = None
    denominator: float | None = None
    pending: int | None = None
    objects: int | None = None
    approximate: bool = False
    lower_bound: bool = False
    details: Json = None
    next_transition_at: datetime | None = None
    memory: Mapping[str, Json] | None = None
