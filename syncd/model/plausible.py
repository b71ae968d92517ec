"""What of a number can be believed, and what is kept of one that is not believed yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar

SHRINK_RATIO: Final = 0.5
SHRINK_FROM: Final = 20
"""Where nothing is declared: more than this share of at least so many objects do not go at once."""

CONFIRM_RUNS: Final = 3
CONFIRM_TIME: Final = timedelta(hours=1)
"""Where nothing is declared: so many of the next runs must say the same, over so long."""


class DoubtKind(StrEnum):
    """Why a number is not believed."""

    IMPOSSIBLE = "impossible"  # no number of its kind is so: a share of things above 100 %
    RANGE = "range"  # outside of what its author, or its kind, allows
    COUNTER = "counter"  # what only goes up went down
    STEP = "step"  # further from the last one than its author allows
    SHRINK = "shrink"  # too many objects of the scope went at once


@dataclass(frozen=True)
class Plausible:
    """What an indicator's numbers are held to, in its base unit.

    `low`, `high`: it is doubted outside. `step`: so is a change of more than this from the last
    number, or of more than this share of it (`step_relative`). `counter`: it only goes up.
    `shrink_ratio`: the share of its objects that may go at once (None: not declared).
    `confirm`: how many of the next runs must say the same of a doubted one (None: not declared).
    `least`, `most`: outside of these no number of its kind can be, whoever says so. `counts`: the
    number is how many objects there are.
    """

    low: float | None = None
    high: float | None = None
    step: float | None = None
    step_relative: bool = False
    counter: bool = False
    shrink_ratio: float | None = None
    confirm: int | None = None
    least: float | None = None
    most: float | None = None
    counts: bool = False

    def and_also(self, other: Plausible) -> Plausible:
        """What holds of a number that is declared twice and measured once: both, as far as no
        kind adds to it. Of two kinds of step the absolute one counts.
        """
        steps = [it for it in (self, other) if it.step is not None]
        step = min(steps, key=lambda it: (it.step_relative, it.step or 0.0), default=self)
        return Plausible(
            low=_most(self.low, other.low),
            high=_least(self.high, other.high),
            step=step.step,
            step_relative=step.step_relative,
            counter=self.counter or other.counter,
            shrink_ratio=_least(self.shrink_ratio, other.shrink_ratio),
            confirm=_most(self.confirm, other.confirm),
        )


N = TypeVar("N", int, float)


def _most(one: N | None, other: N | None) -> N | None:
    return max((it for it in (one, other) if it is not None), default=None)


def _least(one: N | None, other: N | None) -> N | None:
    return min((it for it in (one, other) if it is not None), default=None)


@dataclass(frozen=True)
class Doubt:
    """A number, or a number of objects, that is not believed. `good`: the last one that was (None:
    there was none); `limit`: what it went beyond, `relative` where that is a share of `good`.
    """

    kind: DoubtKind
    value: float
    good: float | None = None
    limit: float | None = None
    relative: bool = False


@dataclass(frozen=True)
class Quarantine:
    """A doubt, from the run that brought it about until it ends.

    `since`: when the first run saw something that was not believed; `alike_since`: when the first
    one of those saw this, that say the same. `observed_at`: of the newest of them. `agreed`: how
    many have said the same after that first one, of `needed` (None: no run can confirm it), and
    not before `earliest` (None: at any time). `accepted_by` and `accepted_reason`: a person
    believes it, and the next run that says the same is told.
    """

    doubt: Doubt
    since: datetime
    alike_since: datetime
    observed_at: datetime
    agreed: int = 0
    needed: int | None = None
    earliest: datetime | None = None
    accepted_by: str | None = None
    accepted_reason: str | None = None

    @property
    def missing(self) -> int | None:
        """How many more runs must say the same, at the least; None: no run can confirm it."""
        return None if self.needed is None else max(0, self.needed - self.agreed)


@dataclass(frozen=True)
class Doubted:
    """What a key result rests on is not believed: why, as a code, and in words (of a part, its
    name before them), since when.
    """

    kind: DoubtKind
    words: str
    since: datetime
