"""From two assessments of a key result to the events between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from syncd.assess import Mark, marks_of
from syncd.model import (
    ENDED,
    UNKNOWN,
    Assessment,
    Event,
    Evidence,
    KeyResult,
    Needed,
    Status,
    Telling,
)
from syncd.telling.happenings import checkpoint_event, forecast_event, need_event, pace_event
from syncd.telling.statuses import status_event

ENOUGH = 1e-9
"""A step that is short by less than this is a step."""

_SLIPS = frozenset({Status.AT_RISK, Status.OFF_TRACK, Status.MISSED}) | ENDED


@dataclass(frozen=True)
class Found:
    """What is to be told, in this order, and what to remember of it."""

    events: tuple[Event, ...]
    telling: Telling


def told(
    kr: KeyResult,
    evidence: Evidence,
    needs: Mapping[str, Needed],
    before: Assessment | None,
    after: Assessment,
    telling: Telling | None,
) -> Found:
    """The events that turn `before` (None: never assessed) into `after`, each told once.

    `telling` is what was remembered the last time; None: nothing ever was, so that what has passed
    by now is taken as known. A change of pace or forecast is told from a declared step on, and not
    beside a change of status, which tells it too. A checkpoint is told when its date has come or,
    where nobody knew the value then, as soon as it is known; one that was missed is told again
    when it is reached late. Pure: the same arguments give the same events.
    """
    first = telling is None
    known = Telling() if telling is None else telling
    events = [status_event(kr, evidence, before, after, known)]
    moved = events[0] is not None
    if after.raw_status not in UNKNOWN | ENDED:
        known = replace(known, known=after.raw_status)
    known, steps = _steps(kr, before, after, known, silent=moved or first)
    known, dates = _dates(kr, evidence, before, after, known, silent=first)
    known, slips = _needs(kr, needs, after, known, silent=first)
    found = [event for event in (*events, *dates, *steps, *slips) if event is not None]
    return Found(tuple(found), known)


def _steps(
    kr: KeyResult,
    before: Assessment | None,
    after: Assessment,
    known: Telling,
    *,
    silent: bool,
) -> tuple[Telling, list[Event]]:
    events = []
    if after.pace is not None:
        was = known.pace
        if was is None or silent:
            known = replace(known, pace=after.pace)
        elif abs(after.pace - was) >= kr.judgement.pace_step - ENOUGH:
            events.append(pace_event(kr, before, after, was))
            known = replace(known, pace=after.pace)
    if after.forecast is not None:
        chance = after.forecast.chance
        was = known.chance
        if was is None or silent:
            known = replace(known, chance=chance)
        elif abs(chance - was) >= kr.judgement.forecast_step - ENOUGH:
            events.append(forecast_event(kr, before, after, after.forecast, was))
            known = replace(known, chance=chance)
    return known, events


def _dates(
    kr: KeyResult,
    evidence: Evidence,
    before: Assessment | None,
    after: Assessment,
    known: Telling,
    *,
    silent: bool,
) -> tuple[Telling, list[Event]]:
    met, missed = set(known.met), set(known.missed)
    events = []
    for mark in marks_of(kr, evidence, after):
        if mark.at > after.at or mark.key in met:
            continue
        if silent:
            met.add(mark.key)
            continue
        reached = _known(mark, after)
        if reached is None or (mark.key in missed and not reached):
            continue
        late = mark.key in missed
        unseen = before is None or before.at >= mark.at
        events.append(checkpoint_event(kr, evidence, before, after, mark, late=late, unseen=unseen))
        missed.discard(mark.key)
        (met if reached else missed).add(mark.key)
    return replace(known, met=frozenset(met), missed=frozenset(missed)), events


def _known(mark: Mark, after: Assessment) -> bool | None:
    """Whether it is reached; None where the data are stale, and where the key result has ended."""
    return None if after.raw_status in UNKNOWN | ENDED else mark.reached


def _needs(
    kr: KeyResult,
    needs: Mapping[str, Needed],
    after: Assessment,
    known: Telling,
    *,
    silent: bool,
) -> tuple[Telling, list[Event]]:
    """What is unknown of a need leaves what was known of it."""
    events, statuses = [], dict(known.needs)
    for need in kr.needs:
        one = needs.get(need, Needed(None))
        if one.status is None or one.status in UNKNOWN:
            continue
        was = statuses.get(need)
        statuses[need] = one.status
        begins = one.status in _SLIPS and (was is None or was not in _SLIPS)
        if begins and not silent and after.raw_status not in ENDED:
            events.append(need_event(kr, after, need, one, was))
    return replace(known, needs={key: statuses[key] for key in kr.needs if key in statuses}), events
