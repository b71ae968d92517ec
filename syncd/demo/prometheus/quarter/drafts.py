"""Series of a seed, made of days and moments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from syncd.demo.quarter.days import Curve, at, days

Series = dict[str, Any]
Labels = Mapping[str, str]
Gap = tuple[datetime, datetime]

FROM, UNTIL = date(2025, 11, 25), date(2026, 4, 2)
"""The first and the last day with samples: windows of four weeks reach back before the quarter."""

_SCRAPED_EVERY = 300


def counter(name: str, labels: Labels, per_day: Callable[[date], float]) -> Series:
    """A counter that rises by so much on each day."""
    points, total = [], 0.0
    for day in days(FROM, UNTIL):
        points.append((at(day), total))
        total += per_day(day)
    return _series(name, labels, "linear", points, whole=True)


def gauge(name: str, labels: Labels, curve: Curve) -> Series:
    """A value that follows a curve."""
    points = [(at(day), value) for day, value in curve]
    if curve[0][0] > FROM:
        points.insert(0, (at(FROM), curve[0][1]))
    return _series(name, labels, "linear", points)


def steps(
    name: str,
    labels: Labels,
    points: Sequence[tuple[datetime, float]],
    *,
    until: datetime | None = None,
    gaps: Iterable[Gap] = (),
) -> Series:
    """A value that stays until its next point; there are no samples before the first one, from
    `until` on, and in the gaps.
    """
    return _series(name, labels, "steps", points, until=until, gaps=gaps)


def flag(
    name: str,
    labels: Labels,
    there: datetime,
    since: datetime | None,
    until: datetime | None = None,
) -> Series:
    """0 from `there` on and 1 from `since` on (None: never)."""
    points = [(there, 0.0)]
    if since is not None:
        points = [(since, 1.0)] if since <= there else [*points, (since, 1.0)]
    return steps(name, labels, points, until=until)


def _series(
    name: str,
    labels: Labels,
    shape: str,
    points: Sequence[tuple[datetime, float]],
    *,
    whole: bool = False,
    until: datetime | None = None,
    gaps: Iterable[Gap] = (),
) -> Series:
    function = {
        "shape": shape,
        "points": [(moment.timestamp(), value) for moment, value in points],
        "end": (until or at(UNTIL)).timestamp(),
        "every": _SCRAPED_EVERY,
        "whole": whole,
        "gaps": [(start.timestamp(), end.timestamp()) for start, end in gaps],
    }
    return {"metric": {"__name__": name, **labels}, "function": function}
