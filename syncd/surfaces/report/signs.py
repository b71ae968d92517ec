"""Statuses as the report shows them, and how many key results have each."""

from __future__ import annotations

from dataclasses import dataclass

from syncd.model import Status
from syncd.wording import SHAPES, status_words


@dataclass(frozen=True)
class Sign:
    """A status as it is told: the word that names its colour, its shape, and its words."""

    name: str
    shape: str
    words: str

    @classmethod
    def of(cls, status: Status) -> Sign:
        """The sign of a status."""
        return cls(status.value, SHAPES[status], status_words(status))


@dataclass(frozen=True)
class Share:
    """How many key results of a group have a status."""

    sign: Sign
    count: int
