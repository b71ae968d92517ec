"""The course of key results: what was told of them, and what is known today of earlier moments."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from sys import intern
from typing import Any

import sqlalchemy as sa

from connectors.base import Dimension
from syncd.assess import bounded, definition_at, expected_on, standing_of, status_of
from syncd.assess.standing import remember
from syncd.model import (
    ENDED,
    Adjustment,
    Evidence,
    Former,
    KeyResult,
    Memory,
    Origin,
    Reading,
)
from syncd.store.adjusting import adjustments_of
from syncd.store.codec import FORMER, KEY_RESULT, from_json
from syncd.store.leaves import leaves_of
from syncd.store.local_days import day_number, day_of
from syncd.store.readings import to_reading
from syncd.store.schema import assessments, closings, indicators, key_results, readings
from syncd.store.shown import shown

_POINT = ("at", "status", "value", "progress", "expected")


@dataclass(frozen=True, slots=True)
class Point:
    """A key result at a moment of the past. Ratios in 0..1, None where they could not be told.
    `rebuilt`: it was not told then, but follows from a reading that was written down later.
    """

    at: datetime
    status: str
    value: float | None
    progress: float | None
    expected: float | None
    rebuilt: bool = False


@dataclass(frozen=True)
class _Rebuilt:
    """What a reading of the past says; hashable. `details` is JSON."""

    at: datetime
    value: float | None
    numerator: float | None
    denominator: float | None
    pending: int | None
    objects: int | None
    lower_bound: bool
    details: str | None

    def reading(self, indicator: str) -> Reading:
        """The reading."""
        return Reading(
            indicator=indicator,
            value=self.value,
            observed_at=self.at,
            at=self.at,
            recorded_at=self.at,
            numerator=self.numerator,
            denominator=self.denominator,
            pending=self.pending,
            objects=self.objects,
            lower_bound=self.lower_bound,
            details=None if self.details is None else json.loads(self.details),
        )


def history(
    connection: sa.Connection,
    key: str,
    *,
    told_by: datetime | None = None,
    limit: int | None = 2000,
) -> list[Point]:
    """What was told of a key result and what was rebuilt of its past, oldest first; the newest
    `limit` of either where there are more (None: all). `told_by`: only what had been told by that
    moment.
    """
    query = sa.select(assessments).where(
        assessments.c.key_result == key, sa.not_(assessments.c.repeated)
    )
    if told_by is not None:
        query = query.where(assessments.c.at <= told_by)
    told = connection.execute(query.order_by(assessments.c.id.desc()).limit(limit)).all()
    if told_by is not None:
        return [_point(row) for row in reversed(told)]
    rebuilt = rebuilt_points(connection, [key]).get(key, ())
    return sorted([*map(_point, reversed(told)), *rebuilt[-(limit or 0) :]], key=attrgetter("at"))


def daily(
    connection: sa.Connection,
    *,
    until: datetime,
    timezone: str,
    told: bool = False,
    only: Sequence[str] | None = None,
) -> dict[str, list[Point]]:
    """The same of every key result that has a past, by key, with one point a day, its last,
    up to `until`: enough for a picture of a quarter, however often it was told. Days are those of
    `timezone`. `told`: only what was told. `only`: only of key results with these keys.
    """
    found = told_by_day(connection, until=until, timezone=timezone, all_ever=told, only=only)
    if told:
        return found
    rebuilt = rebuilt_points(connection, only)
    return {
        key: with_rebuilt(found.get(key, ()), rebuilt.get(key, ()), timezone, until)
        for key in {**found, **rebuilt}
    }


def told_by_day(
    connection: sa.Connection,
    *,
    until: datetime,
    timezone: str,
    since: datetime | None = None,
    only: Sequence[str] | None = None,
    all_ever: bool = False,
) -> dict[str, list[Point]]:
    """By key what was told last on each day up to `until`, oldest first, of what readers may ask
    for (`all_ever`: whether they may or not). `since`: from this first moment of a day on.
    """
    last = (
        sa.select(sa.func.max(assessments.c.id))
        .where(assessments.c.at <= until, sa.not_(assessments.c.repeated))
        .group_by(assessments.c.key_result, day_of(assessments.c.at, timezone, until))
    )
    if since is not None:
        last = last.where(assessments.c.at >= since)
    if only is not None:
        last = last.where(assessments.c.key_result.in_(only))
    columns = (assessments.c.key_result, *(assessments.c[name] for name in _POINT))
    query = sa.select(*columns).where(assessments.c.id.in_(last)).order_by(assessments.c.id)
    if not all_ever:
        query = query.join(key_results, key_results.c.key == assessments.c.key_result)
        query = query.where(shown())
    found: dict[str, list[Point]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.key_result].append(_point(row))
    return dict(found)


def told_after(connection: sa.Connection, moment: datetime, keys: Sequence[str]) -> set[str]:
    """Of which of these key results something is told that is later than a moment."""
    if not keys:
        return set()
    later = sa.select(assessments.c.key_result).where(
        assessments.c.key_result.in_(keys), assessments.c.at > moment
    )
    return set(connection.execute(later).scalars())


def with_rebuilt(
    told: Sequence[Point], rebuilt: Sequence[Point], timezone: str, until: datetime
) -> list[Point]:
    """A point for each day up to `until`: what was told of it, or else what was rebuilt."""
    if not rebuilt:
        return list(told)
    days = {day_number(one.at, timezone): one for one in rebuilt if one.at <= until}
    days |= {day_number(one.at, timezone): one for one in told}
    return [days[day] for day in sorted(days)]


def _point(row: Any) -> Point:
    # interned: of thousands of points there are a dozen statuses
    return Point(row.at, intern(row.status), row.value, row.progress, row.expected)


def rebuilt_points(
    connection: sa.Connection, only: Sequence[str] | sa.Select[tuple[str]] | None
) -> dict[str, tuple[Point, ...]]:
    """By key, the points that follow from backfilled readings, and from numbers that people gave of
    earlier moments, of the indicators whose readings are told.
    """
    query = (
        sa.select(key_results.c.key, readings)
        .join(readings, readings.c.indicator == key_results.c.serving)
        .join(closings, closings.c.period == key_results.c.period, isouter=True)
        .where(
            shown(),
            # what was rebuilt after a period was closed does not change it
            sa.or_(closings.c.at.is_(None), readings.c.recorded_at <= closings.c.at),
            readings.c.complete,
            sa.or_(
                readings.c.origin == Origin.BACKFILL.value,
                sa.and_(
                    readings.c.origin == Origin.MANUAL.value, readings.c.at < readings.c.recorded_at
                ),
            ),
        )
        .order_by(key_results.c.key, readings.c.at, readings.c.id)
    )
    if only is not None:
        query = query.where(key_results.c.key.in_(only))
    past: dict[str, list[_Rebuilt]] = defaultdict(list)
    for row in connection.execute(query):
        past[row[0]].append(
            _Rebuilt(
                row.at,
                row.value,
                row.numerator,
                row.denominator,
                row.pending,
                row.objects,
                row.lower_bound,
                None if row.details is None else json.dumps(row.details, sort_keys=True),
            )
        )
    if not past:
        return {}
    return {
        row.key: _points(from_json(KEY_RESULT, row.definition), evidence, tuple(past[row.key]))
        for row, evidence in _with_evidence(connection, list(past))
    }


@dataclass(frozen=True)
class _Constant:
    """What of the evidence is the same at every moment; hashable."""

    interval_seconds: float
    stale_after_seconds: float | None
    dimension: Dimension
    unit: str | None
    first: float | None
    first_at: datetime | None
    baseline: float | None
    baseline_at: datetime | None
    adjustments: tuple[Adjustment, ...] = ()
    former: tuple[Former, ...] = ()


def _with_evidence(connection: sa.Connection, keys: Sequence[str]) -> list[tuple[Any, _Constant]]:
    rows = connection.execute(sa.select(key_results).where(key_results.c.key.in_(keys))).all()
    wanted = {row.serving for row in rows} | {row.baseline for row in rows if row.baseline}
    known = {
        row.fingerprint: row
        for row in connection.execute(
            sa.select(indicators).where(indicators.c.fingerprint.in_(wanted))
        )
    }
    below = leaves_of(connection, wanted)
    ids = {row.first_reading_id for row in known.values()}
    ids |= {known[row.baseline].reading_id for row in rows if row.baseline}
    said = {
        row.id: to_reading(row, None)
        for row in connection.execute(sa.select(readings).where(readings.c.id.in_(ids - {None})))
    }
    people = adjustments_of(connection, keys)
    found = []
    for row in rows:
        serving = known[row.serving]
        first = said.get(serving.first_reading_id)
        baseline = None if row.baseline is None else said.get(known[row.baseline].reading_id)
        constant = _Constant(
            interval_seconds=below[row.serving].interval_seconds,
            stale_after_seconds=serving.stale_after_seconds,
            dimension=Dimension(serving.dimension),
            unit=from_json(KEY_RESULT, row.definition).shown_in or serving.unit,
            first=None if first is None else first.value,
            first_at=None if first is None else first.at,
            baseline=None if baseline is None else baseline.value,
            baseline_at=None if baseline is None else baseline.at,
            adjustments=people.get(row.key, ()),
            former=from_json(FORMER, row.former),
        )
        found.append((row, constant))
    return found


# Pages ask for the same quarter again and again, and it only changes with another backfill.
@lru_cache(maxsize=1024)
def _points(kr: KeyResult, constant: _Constant, past: tuple[_Rebuilt, ...]) -> tuple[Point, ...]:
    """The key result at the moments of its readings, from its first day on, as judgement would
    have told it without holding, by the definition of its day; a breached guard and a time that had
    to be held carry on.
    """
    points = []
    memory = Memory()
    baseline = _said(kr.indicator, constant.baseline, constant.baseline_at)
    for one in past:
        defined = definition_at(kr, constant.former, one.at)
        if one.at < defined.start:
            continue
        evidence = Evidence(
            interval_seconds=constant.interval_seconds,
            reading=one.reading(kr.indicator),
            former=tuple(it for it in constant.former if it.until <= one.at),
            first=_said(kr.indicator, constant.first, constant.first_at),
            dimension=constant.dimension,
            unit=constant.unit,
            baseline=baseline if _start_from(defined) == _start_from(kr) else None,
            stale_after_seconds=constant.stale_after_seconds,
            adjustments=constant.adjustments,
        )
        memory = remember(defined, evidence, memory, one.at)
        standing = standing_of(defined, evidence, memory, {})
        status = status_of(standing, one.at).status
        points.append(
            Point(
                at=one.at,
                status=status.value,
                value=standing.value,
                progress=bounded(standing.progress_at(one.at)),
                expected=None if status in ENDED else expected_on(standing.line, one.at),
                rebuilt=True,
            )
        )
    return tuple(points)


def _start_from(kr: KeyResult) -> str | None:
    return None if kr.target is None else kr.target.start_from


def _said(indicator: str, value: float | None, at: datetime | None) -> Reading | None:
    return None if at is None else Reading(indicator, value, at, at, at)
