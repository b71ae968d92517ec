"""One key result: every reference followed, every default filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from syncd.mapping.checking import Checked, check
from syncd.mapping.checkpoints import read_checkpoints
from syncd.mapping.document import Document
from syncd.mapping.endings import read_ending
from syncd.mapping.fault import Location
from syncd.mapping.frame import Frame, read_judgement
from syncd.mapping.named import Indicators
from syncd.mapping.period import begins, ends
from syncd.mapping.shape import BesideShape, KeyResultShape, RollupShape
from syncd.mapping.spelling import length_at
from syncd.mapping.targets import read_target, unit_of_target
from syncd.mapping.time_off import time_off
from syncd.mapping.values import read_day, read_duration
from syncd.mapping.variables import Variables
from syncd.model import Beside, Checkpoint, Indicator, KeyResult, Manual, Target


@dataclass(frozen=True)
class Above:
    """What stands above a key result: its file, and whose it is. `period` is the period's id;
    a roll-up is of no team and no objective.
    """

    document: Document
    frame: Frame
    period: str
    team: str = ""
    objective: str = ""
    objective_title: str = ""
    rollup: bool = False


def read_key_result(
    above: Above, where: Location, indicators: Indicators, variables: Variables
) -> KeyResult | None:
    """The key result (or roll-up) at the location, or None with its faults noted (those of what it
    needs excepted).
    """
    document, frame = above.document, above.frame
    checked: Checked[KeyResultShape] | Checked[RollupShape]
    if above.rollup:
        checked = check(document, where, RollupShape, noun="a roll-up")
    else:
        checked = check(document, where, KeyResultShape, noun="a key result")
    good = checked.good
    indicator = indicators.read_by(document, (*where, "indicator"), frame, good.get("evidence"))
    days = _days(document, where, frame)
    target = None
    if document.node((*where, "target")) is not None:
        target = read_target(document, (*where, "target"), indicator, days, frame.timezone)
        if target is not None and target.start_period is not None:
            target = indicators.with_baseline(document, where, indicator, target, frame, variables)
    checkpoints = _checkpoints(document, where, indicator, target, days)
    judgement = frame.judgement
    if document.node((*where, "judgement")) is not None:
        judgement = read_judgement(document, (*where, "judgement"), judgement)
    stale_after = None
    if document.node((*where, "stale_after")) is not None:
        stale_after = read_duration(document, (*where, "stale_after"))
    ending = read_ending(document, where, days, frame.period, frame.timezone)
    beside = _beside(document, where, frame, indicators)
    check_page(document, where, good, indicator, indicators)
    model, zone = checked.model, frame.timezone
    if model is None or not document.sound(where) or days is None or zone is None:
        return None
    if indicator is None:
        return None
    return KeyResult(
        id=model.id,
        title=model.title,
        team=above.team,
        objective=above.objective,
        objective_title=above.objective_title,
        owner=names(model.owner),
        indicator=indicator.fingerprint,
        target=target,
        start=begins(days[0], zone),
        due=ends(days[1], zone),
        timezone=zone.key,
        checkpoints=tuple(Checkpoint(ends(on, zone), value) for on, value in checkpoints),
        needs=tuple(model.needs),
        weight=model.weight if isinstance(model, KeyResultShape) else 1.0,
        judgement=judgement,
        stale_after_seconds=stale_after,
        page=model.page,
        note=model.note,
        period=above.period,
        beside=beside,
        ending=ending,
        shown_in=unit_of_target(document, (*where, "target"), indicator),
        time_off=time_off(frame.calendar, above.team, *days, zone),
    )


def names(written: str | Sequence[str] | None) -> tuple[str, ...]:
    """One name, a list of them, or nobody, as a tuple."""
    return () if written is None else (written,) if isinstance(written, str) else tuple(written)


def check_page(
    document: Document,
    where: Location,
    good: Mapping[str, Any],
    indicator: Indicator | None,
    indicators: Indicators,
) -> None:
    """Notes `page: true` where there is nobody to wake, or nothing that one is woken for."""
    if good.get("page") and indicator is not None and indicators.by_hand(indicator):
        document.fault(
            (*where, "page"),
            "page: true for a number that a person gives"
            if isinstance(indicator.plan, Manual)
            else "page: true for what is made of a number that a person gives",
            "pages only for what is measured, because nobody is woken to type a number",
            "take page out",
        )
    if good.get("page") and document.node((*where, "owner")) is None:
        document.fault(
            (*where, "page"),
            "page: true without an owner",
            "an owner, who is paged",
            "owner: ..., or take page out",
        )


def _beside(
    document: Document, where: Location, frame: Frame, indicators: Indicators
) -> tuple[Beside, ...]:
    found: list[Beside] = []
    for i in range(length_at(document, (*where, "beside"))):
        place = (*where, "beside", i)
        model = check(document, place, BesideShape, noun="a number and its title").model
        indicator = indicators.read_by(document, (*place, "indicator"), frame, None)
        if model is not None and indicator is not None:
            found.append(Beside(model.title, indicator.fingerprint))
    return tuple(found)


def _days(document: Document, where: Location, frame: Frame) -> tuple[date, date] | None:
    start = read_day(document, (*where, "start"))
    due = read_day(document, (*where, "due"))
    if not document.sound((*where, "start")) or not document.sound((*where, "due")):
        return None
    if frame.period is not None:
        start, due = start or frame.period.first, due or frame.period.last
    if start is None or due is None:
        return None
    if start > due:
        key = "due" if document.node((*where, "due")) is not None else "start"
        document.fault(
            (*where, key),
            document.got((*where, key)),
            f"a due day from the start on ({start} to {due} is no time)",
            "correct start or due",
        )
        return None
    return start, due


def _checkpoints(
    document: Document,
    where: Location,
    indicator: Indicator | None,
    target: Target | None,
    days: tuple[date, date] | None,
) -> Sequence[tuple[date, float]]:
    place = (*where, "checkpoints")
    if document.node(place) is None:
        return ()
    if document.node((*where, "target")) is None:
        document.fault(
            place,
            "checkpoints without a target",
            "a target that they lead to",
            "target: {at_least: 100 %}",
        )
        return ()
    return read_checkpoints(document, place, indicator, target, days)
