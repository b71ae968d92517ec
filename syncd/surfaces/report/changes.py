"""What is otherwise than it was: statuses with their reasons, values that moved, other events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from syncd.assess import bounded
from syncd.model import ENDED, STATUS_KINDS, UNKNOWN, Assessment, Event, EventKind, Status
from syncd.store.read import KeyResultView
from syncd.surfaces.report.document import Change, Changes, Move, Notice
from syncd.surfaces.report.lines import why
from syncd.surfaces.report.material import Material, is_roll_up, status_of
from syncd.surfaces.report.signs import Sign
from syncd.wording import clock, date, points, quantity

MOVES = 8
NOTICES = 15
LEAST_MOVE = 0.005
"""Progress that moved less than half a point did not move."""

_TOLD_ELSEWHERE = STATUS_KINDS | {
    EventKind.PACE_CHANGED,
    EventKind.FORECAST_CHANGED,
    EventKind.DEPENDENCY_SLIPPED,
}
"""What the tables of this section and the risks say already, and as it stands now."""

_RANK = {
    Status.ACHIEVED: 0,
    Status.ON_TRACK: 1,
    Status.AT_RISK: 2,
    Status.OFF_TRACK: 3,
    Status.MISSED: 4,
}


def changes_of(material: Material, views: Sequence[KeyResultView], *, whole: bool) -> Changes:
    """What changed of these key results; of everything else too where they are the `whole`."""
    worse: list[Change] = []
    better: list[Change] = []
    lost: list[Change] = []
    other: list[Change] = []
    for view in views:
        before = material.then.get(view.key_result.key)
        change = _change(material, view, before)
        if change is None:
            continue
        was, now = None if before is None else before.status, status_of(view.assessment)
        if was in _RANK and now in _RANK:
            (worse if _RANK[now] > _RANK[was] else better).append(change)
        else:
            (lost if was in _RANK and now in UNKNOWN else other).append(change)
    if whole:
        other.extend(_left(material))
    shown = {view.key_result.key for view in views}
    notices = [
        event
        for event in material.events
        if event.kind not in _TOLD_ELSEWHERE and (whole or event.subject in shown)
    ]
    notices.reverse()
    return Changes(
        since=_day_or_time(material),
        worse=sorted(worse, key=lambda one: -_severity(one.after)),
        better=sorted(better, key=lambda one: _severity(one.after)),
        lost=lost,
        other=other,
        moves=_moves(material, views),
        notices=[_notice(event, material.timezone, material.now) for event in notices[:NOTICES]],
        notices_left=max(0, len(notices) - NOTICES),
    )


def _day_or_time(material: Material) -> str:
    """The day from which changes are counted; with its time where that was under two days ago."""
    if material.now - material.since < timedelta(days=2):
        return clock(material.since, material.timezone, material.now)
    return date(material.since, material.timezone, material.now)


def _change(material: Material, view: KeyResultView, before: Assessment | None) -> Change | None:
    kr, told = view.key_result, view.assessment
    was = None if before is None else before.status
    if told is None or was is told.status:
        return None
    return Change(
        key=kr.id,
        title=kr.title,
        team="" if is_roll_up(kr) else material.team_title(kr.team),
        before=None if was is None else Sign.of(was),
        after=Sign.of(told.status),
        when=clock(told.since, kr.timezone, material.now),
        why=why(told),
    )


def _left(material: Material) -> list[Change]:
    return [
        Change(
            key=kr.id,
            title=kr.title,
            team=material.team_title(kr.team) if kr.team else "",
            before=Sign.of(material.then[kr.key].status) if kr.key in material.then else None,
            after=None,
            when="",
            why="The mapping files name it no longer.",
        )
        for kr in material.left
    ]


def _moves(material: Material, views: Sequence[KeyResultView]) -> list[Move]:
    """The values that moved most without a change of status, the largest first."""
    found = []
    for view in views:
        before = material.then.get(view.key_result.key)
        by = _moved(view.assessment, before)
        if by is not None and before is not None and view.assessment is not None:
            found.append((by, _move(material, view, before, view.assessment, by)))
    found.sort(key=lambda one: (-abs(one[0]), one[1].key))
    return [move for _, move in found[:MOVES]]


def _moved(told: Assessment | None, before: Assessment | None) -> float | None:
    """By how much progress moved; None where it did not, or where the status says more."""
    if told is None or before is None or told.status is not before.status:
        return None
    if told.status in UNKNOWN | ENDED:
        return None
    now, was = bounded(told.progress), bounded(before.progress)
    if now is None or was is None or abs(now - was) < LEAST_MOVE:
        return None
    return now - was


def _move(
    material: Material, view: KeyResultView, before: Assessment, told: Assessment, by: float
) -> Move:
    kr, indicator = view.key_result, view.indicator
    dimension, unit = indicator.dimension, indicator.unit
    return Move(
        key=kr.id,
        title=kr.title,
        team="" if is_roll_up(kr) else material.team_title(kr.team),
        before=quantity(before.value, dimension, unit, beside=told.value),
        after=quantity(told.value, dimension, unit, beside=before.value),
        by=points(by),
        sign=Sign.of(told.status),
    )


def _notice(event: Event, timezone: str, now: datetime) -> Notice:
    return Notice(clock(event.at, timezone, now), event.title, event.text)


def _severity(sign: Sign | None) -> int:
    return 0 if sign is None else _RANK.get(Status(sign.name), 0)
