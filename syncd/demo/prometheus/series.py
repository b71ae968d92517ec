"""A seed's series: samples as they are given, or computed when they are asked for."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, model_validator

Labels = tuple[tuple[str, str], ...]
"""A metric's labels, sorted by name; the metric's name is the label ``__name__``."""

Point = tuple[int, float | None]
"""Milliseconds since 1970 and a value; None marks the series as stale from there on."""

Number = float | Literal["NaN", "+Inf", "-Inf"]


class Samples(Protocol):
    """Where a series' samples come from."""

    def between(self, first: int, last: int) -> list[Point]:
        """The samples from `first` to `last`, both in milliseconds and both included, in order."""
        ...

    def latest(self, first: int, last: int) -> Point | None:
        """The last sample of those; None when there is none."""
        ...


@dataclass(frozen=True)
class Series:
    """A metric and its samples."""

    labels: Labels
    samples: Samples


@dataclass(frozen=True)
class Listed:
    """Samples as a seed lists them."""

    points: tuple[Point, ...]
    times: tuple[int, ...]

    def between(self, first: int, last: int) -> list[Point]:
        """The samples from `first` to `last`, in milliseconds, both included."""
        return list(self.points[bisect_left(self.times, first) : bisect_right(self.times, last)])

    def latest(self, first: int, last: int) -> Point | None:
        """The last sample from `first` to `last`."""
        after = bisect_right(self.times, last)
        return self.points[after - 1] if after and self.times[after - 1] >= first else None


@dataclass(frozen=True)
class Computed:
    """A value that moves through `points`, scraped every `every` milliseconds.

    `linear` values go straight from point to point, others stay until the next one. Nothing is
    scraped before the first point, after `last`, nor in `gaps` (from included, to not). `whole`
    values are rounded down, as a counter's.
    """

    points: tuple[tuple[int, float], ...]
    last: int
    every: int
    linear: bool
    whole: bool
    gaps: tuple[tuple[int, int], ...]
    times: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", tuple(time for time, _ in self.points))

    def between(self, first: int, last: int) -> list[Point]:
        """The samples from `first` to `last`, in milliseconds, both included."""
        begin = max(first, self.points[0][0])
        begin += -begin % self.every
        return [
            (time, self._value(time))
            for time in range(begin, min(last, self.last) + 1, self.every)
            if not self._in_a_gap(time)
        ]

    def latest(self, first: int, last: int) -> Point | None:
        """The last sample from `first` to `last`."""
        time = min(last, self.last) // self.every * self.every
        least = max(first, self.times[0])
        while time >= least:
            if not self.gaps or not self._in_a_gap(time):
                return time, self._value(time)
            time -= self.every
        return None

    def _in_a_gap(self, time: int) -> bool:
        return any(start <= time < end for start, end in self.gaps)

    def _value(self, time: int) -> float:
        index = bisect_right(self.times, time) - 1
        value = self.points[index][1]
        if self.linear and index + 1 < len(self.points):
            (start, low), (end, high) = self.points[index], self.points[index + 1]
            value = low + (high - low) * ((time - start) / (end - start))
        return float(math.floor(value)) if self.whole else value


class Shelf:
    """Series, found by their names."""

    def __init__(self, series: Sequence[Series]) -> None:
        self._all = [(dict(each.labels), each) for each in series]
        self._by_name: dict[str, list[tuple[dict[str, str], Series]]] = {}
        for labels, each in self._all:
            self._by_name.setdefault(labels["__name__"], []).append((labels, each))

    def matching(
        self, name: str | None, tests: Sequence[Callable[[dict[str, str]], bool]]
    ) -> list[Series]:
        """Those of a name (None: of any) whose labels pass every test."""
        among = self._all if name is None else self._by_name.get(name, [])
        return [each for labels, each in among if all(test(labels) for test in tests)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Function(_Part):
    shape: Literal["linear", "steps"]
    points: Annotated[list[tuple[float, float]], Field(min_length=1)]
    end: float
    every: Annotated[float, Field(gt=0)] = 60.0
    whole: bool = False
    gaps: list[tuple[float, float]] = []

    @model_validator(mode="after")
    def _ordered(self) -> _Function:
        times = [time for time, _ in self.points]
        if times != sorted(set(times)):
            raise ValueError("the times of the points must rise")
        return self


class _Series(_Part):
    metric: dict[str, str]
    samples: list[tuple[float, Number | None]] | None = None
    function: _Function | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> _Series:
        if (self.samples is None) == (self.function is None):
            raise ValueError("a series has either samples or a function")
        times = [time for time, _ in self.samples or ()]
        if times != sorted(set(times)):
            raise ValueError("the times of the samples must rise")
        if not self.metric.get("__name__"):
            raise ValueError("a metric needs its __name__")
        return self


class _Outage(_Part):
    start: str = Field(alias="from")
    end: str = Field(alias="to")
    status: int = 502


class _Seed(_Part):
    series: list[_Series]
    outages: list[_Outage] = []


def labels_of(metric: Mapping[str, str]) -> Labels:
    """The metric's labels, sorted; empty ones are no labels."""
    return tuple(sorted((name, value) for name, value in metric.items() if value))


def series_of(seed: Mapping[str, Any]) -> tuple[Series, ...]:
    """The seed's series, sorted by labels. Raises pydantic's ValidationError, or ValueError when
    a metric is there twice.

    A seed is JSON: ``{"series": [{"metric": {"__name__": "up"}, "samples": [[1767254400, 1]]}]}``,
    times in seconds since 1970, null for a stale marker, ``"NaN"`` and ``"+Inf"`` as text. Instead
    of `samples` a series may have a `function`: `shape` (``linear`` or ``steps``) through `points`,
    scraped each `every` seconds until `end`, but not in `gaps`.
    """
    known = _Seed.model_validate(seed)
    made = sorted((_one(each) for each in known.series), key=lambda series: series.labels)
    for before, after in itertools.pairwise(made):
        if before.labels == after.labels:
            raise ValueError(f"the series {dict(after.labels)} is there twice")
    return tuple(made)


def _one(each: _Series) -> Series:
    labels = labels_of(each.metric)
    if each.function is None:
        points = tuple(
            (_milliseconds(time), None if value is None else float(value))
            for time, value in each.samples or ()
        )
        return Series(labels, Listed(points, tuple(time for time, _ in points)))
    said = each.function
    computed = Computed(
        points=tuple((_milliseconds(time), value) for time, value in said.points),
        last=_milliseconds(said.end),
        every=_milliseconds(said.every),
        linear=said.shape == "linear",
        whole=said.whole,
        gaps=tuple((_milliseconds(start), _milliseconds(end)) for start, end in said.gaps),
    )
    return Series(labels, computed)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
