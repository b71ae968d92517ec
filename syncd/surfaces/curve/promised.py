"""What was promised for a day, as marks of the curve: checkpoints and milestones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from syncd.assess import expected_on, is_number, reaches
from syncd.assess.edits import asked_on_its_day
from syncd.assess.milestones import tally_of
from syncd.model import Target, TargetType
from syncd.store.read import KeyResultView, Point
from syncd.surfaces.curve.heights import NOT_KNOWN, Heights
from syncd.surfaces.plain import plain
from syncd.wording import date

Marks = list[dict[str, str | float]]

MOST_NAMED = 5
"""Of more milestones the drawing says none by its name; each has it under the pointer."""

_LONGEST = 28
_AHEAD, _REACHED, _MISSED, _UNKNOWN = "", "met", "missed", "not known"
_LATE = "missed, reached since"
_LOOKS = {
    _AHEAD: ("var(--paper)", "var(--ink)"),
    _REACHED: ("var(--on_track)", "var(--on_track)"),
    _MISSED: ("var(--off_track)", "var(--off_track)"),
    _LATE: ("var(--paper)", "var(--off_track)"),
    _UNKNOWN: ("var(--paper)", "var(--unknown)"),
}
"""Inside and edge; what is promised is told by its words too."""


def promised(
    one: KeyResultView,
    past: Sequence[Point],
    heights: Heights,
    place: Callable[[datetime], float],
    now: datetime,
) -> Marks:
    """Each with where it stands, whether it was met on its day, and its words."""
    kr = one.key_result
    if kr.target is None or not kr.target.is_decided or kr.target.type is TargetType.GUARD:
        return []
    if kr.target.type is TargetType.MILESTONES:
        return _milestones(one, kr.target, heights, place, now)
    found: Marks = []
    for each in kr.checkpoints:
        y = heights.value(each.value) if heights.in_values else heights.expected_at(each.at)
        if y is None or not asked_on_its_day(each, one.former):
            continue
        became = _became(one, kr.target, each.at, each.value, past, now)
        label = f"{heights.words(each.value)} by {date(each.at, kr.timezone, now)}"
        found.append(_mark(place(each.at), y, label, became))
    return found


def _mark(x: float, y: float, label: str, became: str) -> dict[str, str | float]:
    fill, stroke = _LOOKS[became]
    words = f"{label}, {became}" if became else label
    return {"x": x, "y": y, "fill": fill, "stroke": stroke, "words": words, "label": words}


def _became(
    one: KeyResultView,
    target: Target,
    at: datetime,
    asked: float,
    past: Sequence[Point],
    now: datetime,
) -> str:
    if at > now:
        return _AHEAD
    told = one.assessment
    start = None if told is None else told.start
    then = next((point for point in reversed(past) if point.at <= at), None)
    if then is None or then.status in NOT_KNOWN or not is_number(then.value):
        return _UNKNOWN
    if reaches(target, then.value, asked, start):
        return _REACHED
    since = told is not None and is_number(told.value) and reaches(target, told.value, asked, start)
    return _LATE if since else _MISSED


def _milestones(
    one: KeyResultView,
    target: Target,
    heights: Heights,
    place: Callable[[datetime], float],
    now: datetime,
) -> Marks:
    kr, reading = one.key_result, one.indicator.reading
    undone: frozenset[str] | None = None
    if reading is not None and is_number(reading.value):
        tally = tally_of(target, reading, reading.value)
        if tally.named:
            undone = frozenset(each.name for each in tally.undone)
    found: Marks = []
    for each in target.milestones:
        if not kr.start <= each.at <= kr.due:
            continue
        y = expected_on(heights.line, each.at)
        done = None if undone is None else each.name not in undone
        late = _UNKNOWN if done is None else _MISSED
        became = _REACHED if done else late if each.at <= now else _AHEAD
        name = plain(each.name)
        short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
        mark = _mark(
            place(each.at), y or 0.0, f"{name} by {date(each.at, kr.timezone, now)}", became
        )
        named = f"{short}, {became}" if became else short
        found.append({**mark, "label": named if len(target.milestones) <= MOST_NAMED else ""})
    return found
