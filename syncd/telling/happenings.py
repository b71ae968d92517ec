"""The words of what happens beside the status: dates, steps of pace and forecast, needs."""

from __future__ import annotations

from syncd.assess import Mark
from syncd.model import (
    Assessment,
    Event,
    EventKind,
    Evidence,
    Forecast,
    KeyResult,
    Needed,
    Status,
)
from syncd.model.key_result import EXTERNAL
from syncd.telling.statuses import about, side
from syncd.wording import clock, last_day, points, quantity, status_words


def checkpoint_event(
    kr: KeyResult,
    evidence: Evidence,
    before: Assessment | None,
    after: Assessment,
    mark: Mark,
    *,
    late: bool,
    unseen: bool,
) -> Event:
    """A date has come. `late`: it was missed, and is reached now; `unseen`: nobody knew the value
    when it came.
    """
    day = last_day(mark.at, kr.timezone, after.at)
    kind = EventKind.CHECKPOINT_MET if mark.reached else EventKind.CHECKPOINT_MISSED
    word = ("met late" if late else "met") if mark.reached else "missed"
    name = "checkpoint" if mark.name is None else f"milestone {mark.name}"
    return Event(
        at=after.at,
        kind=kind,
        subject=kr.key,
        title=f"{kr.title}: {name} of {day} {word}",
        text=_checkpoint_text(kr, evidence, after, mark, day, unseen=unseen and not late),
        reason="reached_late" if late else "known_late" if unseen else "date_passed",
        key_result=kr.key,
        team=kr.team or None,
        before=None if before is None else side(before),
        after=side(after),
        data=about(kr, evidence)
        | {"due": mark.at.isoformat(), "asked": mark.asked, "milestone": mark.name},
    )


def _checkpoint_text(
    kr: KeyResult, evidence: Evidence, after: Assessment, mark: Mark, day: str, *, unseen: bool
) -> str:
    doubt = "; nobody knew the value on that day" if unseen else ""
    if mark.asked is None:
        return f"{'Done' if mark.reached else 'Not done'} by {day}{doubt}."
    value = quantity(after.value, evidence.dimension, evidence.unit, beside=mark.asked)
    asked = quantity(mark.asked, evidence.dimension, evidence.unit, beside=after.value)
    when = "" if after.observed_at is None else clock(after.observed_at, kr.timezone, after.at)
    read = f", read {when}," if when else ""
    return f"{value}{read} where {asked} was asked for by the end of {day}{doubt}."


def pace_event(kr: KeyResult, before: Assessment | None, after: Assessment, was: float) -> Event:
    """The pace has moved by a step since it was told last; `after` has one."""
    pace = after.pace if after.pace is not None else was
    return Event(
        at=after.at,
        kind=EventKind.PACE_CHANGED,
        subject=kr.key,
        title=f"{kr.title}: pace {points(pace)} (was {points(was)})",
        text=after.reason,
        reason="ahead" if pace > was else "behind",
        key_result=kr.key,
        team=kr.team or None,
        before=_with(before, {"pace": was}),
        after=side(after),
        data=about(kr) | {"step": kr.judgement.pace_step},
    )


def forecast_event(
    kr: KeyResult, before: Assessment | None, after: Assessment, forecast: Forecast, was: float
) -> Event:
    """The chance to land has moved by a step since it was told last."""
    due = last_day(kr.due, kr.timezone, after.at)
    lands = "not within two periods"
    if forecast.lands_at is not None:
        lands = f"about {last_day(forecast.lands_at, kr.timezone, after.at)}"
    return Event(
        at=after.at,
        kind=EventKind.FORECAST_CHANGED,
        subject=kr.key,
        title=f"{kr.title}: {_chance(forecast.chance)} likely by {due} (was {_chance(was)})",
        text=f"At this pace the goal is reached {lands}.",
        reason="likelier" if forecast.chance > was else "less_likely",
        key_result=kr.key,
        team=kr.team or None,
        before=_with(before, {"chance": was}),
        after=side(after)
        | {
            "chance": forecast.chance,
            "lands_at": None if forecast.lands_at is None else forecast.lands_at.isoformat(),
            "low": forecast.low,
            "middle": forecast.middle,
            "high": forecast.high,
        },
        data=about(kr) | {"step": kr.judgement.forecast_step},
    )


def need_event(
    kr: KeyResult, after: Assessment, need: str, needed: Needed, was: Status | None
) -> Event:
    """Something that the key result needs begins to slip; it has a status."""
    status = needed.status or Status.NO_DATA
    outside = need.startswith(EXTERNAL)
    known = f" (was {status_words(was)})" if was is not None else ""
    because = ""
    if needed.chain:
        because = f", because of {needed.chain[-1]}"
    told = "slipped" if outside else f"is {status_words(status)}{known}"
    return Event(
        at=after.at,
        kind=EventKind.DEPENDENCY_SLIPPED,
        subject=kr.key,
        title=f"{kr.title}: {need} slips",
        text=f"{need} {told}{because}; {kr.id} needs it.",
        reason="external" if outside else status.value,
        key_result=kr.key,
        team=kr.team or None,
        before=None if was is None else {"need": need, "need_status": was.value},
        after={"need": need, "need_status": status.value, "status": after.status.value},
        data=about(kr) | {"need": need, "chain": [need, *needed.chain]},
    )


def _with(before: Assessment | None, more: dict[str, float]) -> dict[str, object]:
    return {**({} if before is None else side(before)), **more}


def _chance(ratio: float) -> str:
    return f"{ratio * 100:.0f} %"
