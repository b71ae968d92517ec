"""The critical path: what a key result's due date hangs on, from need to need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from syncd.model import ENDED, UNKNOWN, Assessment, External, KeyResult, Status

OUTSIDE: Final = "external:"


class Basis(StrEnum):
    """From what a landing is known."""

    FORECAST = "forecast"  # the goal is reached then at this pace
    PROMISED = "promised"  # its due date, because there is no forecast
    NEVER = "never"  # it ended, was missed, or its goal is not in sight at this pace
    UNKNOWN = "unknown"  # nothing is known of how it stands; its due date, if it has one


@dataclass(frozen=True)
class Step:
    """A need on the path. `landing`: when it is there (None: never, or not known), from `basis`;
    `slack_seconds`: how long before what waits for it is due, below 0 where it is after.
    `unknown`: other needs of the same dependant of whose landing nothing is known, so that one of
    them may be the one that decides.
    """

    id: str
    status: Status | None
    due: datetime | None
    landing: datetime | None
    basis: Basis
    slack_seconds: float | None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class World:
    """What a path leads through: key results by id, externals by name, what is told of the former,
    and the status of the latter by ``external:NAME``.
    """

    key_results: Mapping[str, KeyResult]
    externals: Mapping[str, External]
    told: Mapping[str, Assessment]
    states: Mapping[str, Status]


def critical_path(key: str, world: World, now: datetime) -> tuple[Step, ...]:
    """The path down from a key result: of its needs the one with the least slack, of that one's
    needs again the one with the least, and so on. Empty where nothing is waited for.

    Needs that are met are passed over. One that never lands comes before all that do, one of whose
    landing nothing is known after them. Raises KeyError for a key result that is not in the world.
    """
    path: list[Step] = []
    seen = {key}
    dependant: KeyResult | None = world.key_results[key]
    while dependant is not None:
        step = _decisive(dependant, world, seen, now)
        if step is None:
            break
        path.append(step)
        seen.add(step.id)
        dependant = world.key_results.get(step.id)
    return tuple(path)


def _decisive(dependant: KeyResult, world: World, seen: set[str], now: datetime) -> Step | None:
    steps = [
        _step(need, dependant.due, world, now)
        for need in dict.fromkeys(dependant.needs)
        if need not in seen and _status(need, world) is not Status.ACHIEVED
    ]
    if not steps:
        return None
    first = min(steps, key=_urgency)
    unknown = (one.id for one in steps if one.basis is Basis.UNKNOWN and one is not first)
    return replace(first, unknown=tuple(unknown))


def _urgency(step: Step) -> tuple[bool, bool, float, str]:
    slack = step.slack_seconds
    return step.basis is not Basis.NEVER, slack is None, slack or 0.0, step.id


def _status(need: str, world: World) -> Status | None:
    if need in world.told:
        return world.told[need].status
    return world.states.get(need)


def _step(need: str, wanted: datetime, world: World, now: datetime) -> Step:
    status, due = _status(need, world), _due(need, world)
    basis, landing = _landing(status, due, world.told.get(need), now)
    slack = None if landing is None else (wanted - landing).total_seconds()
    return Step(need, status, due, landing, basis, slack)


def _due(need: str, world: World) -> datetime | None:
    if need in world.key_results:
        return world.key_results[need].due
    external = world.externals.get(need.removeprefix(OUTSIDE))
    return None if external is None else external.due


def _landing(
    status: Status | None, due: datetime | None, told: Assessment | None, now: datetime
) -> tuple[Basis, datetime | None]:
    """A due date that has passed without the need being met says nothing any more."""
    promised = due if due is not None and due > now else None
    if status is Status.MISSED or status in ENDED:
        return Basis.NEVER, None
    if status is None or status in UNKNOWN or (told is not None and told.raw_status in UNKNOWN):
        return Basis.UNKNOWN, promised
    if told is not None and told.forecast is not None:
        lands_at = told.forecast.lands_at
        return (Basis.NEVER, None) if lands_at is None else (Basis.FORECAST, max(now, lands_at))
    return (Basis.UNKNOWN, None) if promised is None else (Basis.PROMISED, promised)
