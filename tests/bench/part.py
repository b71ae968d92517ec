"""What a part of the benchmark is, and what it tells."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from rich.progress import Progress

from tests.bench.measuring import Json, in_a_child
from tests.bench.spread import Figure, exponent

Cell = Figure | str
REPEATS = 3
T = TypeVar("T")


@dataclass(frozen=True)
class Table:
    """One table: a row is a name and figures."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def to_json(self) -> Json:
        """For programs, and for the page."""
        rows = [
            [
                {"text": str(cell)} | (dict(cell.to_json()) if isinstance(cell, Figure) else {})
                for cell in row
            ]
            for row in self.rows
        ]
        return {"title": self.title, "columns": list(self.columns), "rows": rows}


@dataclass(frozen=True)
class Aim:
    """What was aimed at, and what was found; `met` None: it was not measured."""

    words: str
    found: str
    met: bool | None

    def to_json(self) -> Json:
        """For programs, and for the page."""
        return {"aim": self.words, "found": self.found, "met": self.met}


@dataclass(frozen=True)
class Told:
    """What a part found."""

    method: Sequence[str]
    tables: Sequence[Table]
    aims: Sequence[Aim] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> Json:
        """For programs, and for the page."""
        return {
            "method": list(self.method),
            "tables": [table.to_json() for table in self.tables],
            "aims": [aim.to_json() for aim in self.aims],
            "versions": dict(self.versions),
        }


class Asked:
    """How a part is to be measured: quickly or not, until when, and where it says how far it is."""

    def __init__(self, progress: Progress, words: str, *, quick: bool, seconds: float) -> None:
        self.quick = quick
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._progress = progress
        self._task = progress.add_task(words, total=None)
        self._words = words

    @property
    def seconds_left(self) -> float:
        """Until the part is cut."""
        return self._until - time.monotonic()

    def several(self, take: Callable[[], T], most: int = REPEATS) -> list[T]:
        """What was taken at each repeat, at least one; fewer than `most` when half of the part's
        time is over.
        """
        found = [take()]
        while not self.quick and len(found) < most and self.seconds_left > self._seconds / 2:
            found.append(take())
        return found

    def expect(self, steps: int) -> None:
        """How many steps there will be."""
        self._progress.update(self._task, total=steps)

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        """One of them."""
        self._progress.update(self._task, description=f"{self._words}: {words}")
        yield
        self._progress.advance(self._task)

    def child(self, what: str, **words: Json) -> Mapping[str, Json]:
        """What a function tells in a process of its own (`tests.bench.measuring.in_a_child`)."""
        return in_a_child(what, seconds=self.seconds_left, **words)


@dataclass(frozen=True)
class Part:
    """One part; `seconds` is its limit, `quick_seconds` that of the quick form."""

    name: str
    number: int
    title: str
    seconds: float
    quick_seconds: float

    def measure(self, asked: Asked) -> Told:
        """What it finds. Only this loads what it measures with."""
        told: Told = importlib.import_module(f"tests.bench.part_{self.name}").measure(asked)
        return told


def figure(found: Iterable[Mapping[str, Json]], name: str, unit: str) -> Figure:
    """One of the numbers that every repeat told."""
    return Figure([float(one[name]) for one in found], unit)


def growth(sizes: Sequence[float], figures: Sequence[Figure]) -> str:
    """The exponent as a table says it."""
    if len(sizes) < 2:
        return ""
    return f"{exponent(sizes, [one.median for one in figures]):.2f}"


def at_least(words: str, found: float, wanted: float, unit: str = "times") -> Aim:
    """An aim that a number reaches or not."""
    return Aim(words, f"{found:.1f} {unit}", found >= wanted)


def at_most(words: str, found: float, wanted: float, unit: str = "times") -> Aim:
    """An aim that a number keeps under or not."""
    return Aim(words, f"{found:.3g} {unit}", found <= wanted)
