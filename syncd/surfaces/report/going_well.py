"""The part of the document that says what goes well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncd.surfaces.report.signs import Share


@dataclass(frozen=True)
class Whole:
    """An objective of which every key result is on course."""

    key: str
    title: str
    team: str
    shares: Sequence[Share]
    done: str
    expected: str


@dataclass(frozen=True)
class Reached:
    """A key result that is achieved: since when, and what shows it."""

    key: str
    title: str
    team: str
    when: str
    why: str


@dataclass(frozen=True)
class Safe:
    """A key result that is on track and will likely be there in time."""

    key: str
    title: str
    team: str
    forecast: str


@dataclass(frozen=True)
class Strengths:
    """What goes well: whole objectives, what is reached, what will likely be; `reached_left` and
    `safe_left`: how many more there are than are listed.
    """

    whole: Sequence[Whole]
    reached: Sequence[Reached]
    safe: Sequence[Safe]
    reached_left: int = 0
    safe_left: int = 0

    @property
    def nothing(self) -> bool:
        """Whether nothing is known to."""
        return not (self.whole or self.reached or self.safe)
