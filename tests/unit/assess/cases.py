"""Key results and evidence for the tests of judgement: the first quarter of 2026, in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base import Dimension
from syncd.assess import assess
from syncd.model import (
    Adjustment,
    AdjustmentKind,
    Assessment,
    Checkpoint,
    Evidence,
    Failure,
    Forecast,
    Judgement,
    KeyResult,
    Memory,
    Milestone,
    Needed,
    Reading,
    Status,
    Target,
    TargetType,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
DUE = datetime(2026, 3, 31, 23, 59, 59, 999999, tzinfo=UTC)
MIDDLE = START + (DUE - START) / 2
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
SHARE = Target(TargetType.AT_LEAST, goal=1.0)
NO_BREACHES = Target(TargetType.GUARD, high=0.0)
DONE = Target(TargetType.BOOLEAN)


def moment(text: str) -> datetime:
    """``2026-02-20 09:12`` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def end_of(day: str) -> datetime:
    return moment(day) + DAY - INSTANT


def line_at(ratio: float) -> datetime:
    """When a straight line from START to DUE expects `ratio`."""
    return START + (DUE - START) * ratio


def key_result(target: Target | None = SHARE, **changes: Any) -> KeyResult:
    known: dict[str, Any] = {
        "id": "dcim-o1-kr1",
        "title": "Model completeness",
        "team": "dcim",
        "objective": "dcim-o1",
        "objective_title": "NetBox is the source of truth",
        "owner": ("DCIM lead",),
        "indicator": "0123456789abcdef",
        "target": target,
        "start": START,
        "due": DUE,
        "timezone": "UTC",
    }
    return KeyResult(**(known | changes))


def checkpoints(**by_day: float) -> tuple[Checkpoint, ...]:
    """``checkpoints(feb_15=0.8)``: by the end of that day of 2026."""
    months = {"jan": 1, "feb": 2, "mar": 3}
    return tuple(
        Checkpoint(end_of(f"2026-{months[day[:3]]:02}-{int(day[4:]):02}"), value)
        for day, value in by_day.items()
    )


def reading(value: float | None, at: datetime, **changes: Any) -> Reading:
    known: dict[str, Any] = {"observed_at": at, "at": at, "recorded_at": at}
    return Reading(indicator="0123456789abcdef", value=value, **(known | changes))


def seen(value: float | None, at: datetime, **changes: Any) -> Evidence:
    """Evidence of one complete reading of a share, observed at `at`, every five minutes."""
    known: dict[str, Any] = {
        "interval_seconds": 300.0,
        "reading": reading(value, at),
        "dimension": Dimension.RATIO,
    }
    return Evidence(**(known | changes))


def daily(values: Sequence[float], last: datetime) -> tuple[tuple[datetime, float], ...]:
    """A history of one value a day, the last of them at `last`."""
    first = last - (len(values) - 1) * DAY
    return tuple((first + day * DAY, value) for day, value in enumerate(values))


def milestones(**days: str) -> Target:
    """``milestones(site="2026-01-31")``: each by the end of that day, in the order given."""
    dated = tuple(Milestone(name, end_of(day)) for name, day in days.items())
    return Target(TargetType.MILESTONES, milestones=dated)


def reached(target: Target, *done: str, at: datetime) -> Evidence:
    """Evidence of a reading at `at` by which these milestones of the target are done."""
    names = [one.name for one in target.milestones]
    assert set(done) <= set(names)
    told = {
        name: {
            "done": name in done,
            "since": (at - DAY).isoformat() if name in done else None,
            "object": str(10_000 + place),
        }
        for place, name in enumerate(names)
    }
    counts = {"numerator": float(len(done)), "denominator": float(len(names))}
    share = len(done) / len(names)
    whole = reading(share, at, objects=len(names), details={"milestones": told}, **counts)
    return seen(share, at, reading=whole)


def pause(since: datetime, until: datetime, **changes: Any) -> Adjustment:
    known: dict[str, Any] = {"id": "1", "kind": AdjustmentKind.PAUSE, "by": "Ada"}
    known["reason"] = "the vendor is on strike"
    return Adjustment(since=since, until=until, **(known | changes))


def refused(since: datetime) -> Failure:
    return Failure("unauthorised", "jira: 401", since)


def assessed(
    status: Status, progress: float | None, expected: float | None = 0.6, **changes: Any
) -> Assessment:
    """An assessment as far as a roll-up looks at it."""
    known: dict[str, Any] = {
        "key_result": "dcim-o1-kr1",
        "at": MIDDLE,
        "status": status,
        "raw_status": status,
        "since": START,
        "reason": "",
        "value": progress,
        "start": None,
        "goal": 1.0,
        "progress": progress,
        "progress_unbounded": progress,
        "expected": expected,
        "pace": None,
        "observed_at": MIDDLE,
        "complete": True,
    }
    return Assessment(**(known | changes))


def landing_on(lands_at: datetime | None) -> Forecast:
    return Forecast(
        low=0.5,
        middle=0.7,
        high=0.9,
        lands_at=lands_at,
        chance=0.3,
        readings=28,
        since=START,
    )


def told_of(**statuses: Status | None) -> dict[str, Needed]:
    return {need: Needed(status) for need, status in statuses.items()}


def held_for(hours: float) -> Judgement:
    return Judgement(hold_seconds=hours * 3600)


def judged(kr: KeyResult, *steps: tuple[Evidence, datetime]) -> list[Assessment]:
    """One assessment after the other, the memory carried along."""
    memory = Memory()
    told = []
    for evidence, now in steps:
        assessment, memory = assess(kr, evidence, memory, {}, now)
        told.append(assessment)
    return told


def judged_once(kr: KeyResult, evidence: Evidence, now: datetime = MIDDLE) -> Assessment:
    return judged(kr, (evidence, now))[0]
