"""What is told of notes, pauses and overrides, in what words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from syncd.model import Adjustment, AdjustmentKind, Event, EventKind, KeyResult, Status
from syncd.wording import adjustment_words, last_moment, status_words

_BEGINS = {
    AdjustmentKind.NOTE: EventKind.NOTE_ADDED,
    AdjustmentKind.PAUSE: EventKind.PAUSE_SET,
    AdjustmentKind.OVERRIDE: EventKind.OVERRIDE_SET,
}
_ENDS = {
    AdjustmentKind.NOTE: EventKind.NOTE_WITHDRAWN,
    AdjustmentKind.PAUSE: EventKind.PAUSE_ENDED,
    AdjustmentKind.OVERRIDE: EventKind.OVERRIDE_ENDED,
}


def begun(
    subject: str, kr: KeyResult, said: Adjustment, measured: Status | None, now: datetime
) -> Event:
    """Somebody has said it; `measured` is what was judged when they did (None: nothing yet)."""
    words = adjustment_words(said, kr.timezone, now)
    text = f"By {said.by}: {said.reason}"
    if said.kind is AdjustmentKind.OVERRIDE and measured is not None:
        text += f" (measured: {status_words(measured)})"
    more = {"measured": None if measured is None else measured.value}
    override = said.kind is AdjustmentKind.OVERRIDE and said.status is not None
    return Event(
        at=now,
        kind=_BEGINS[said.kind],
        subject=subject,
        title=f"{kr.title}: {words}",
        text=text,
        reason="person",
        key_result=subject,
        team=kr.team or None,
        before=None if measured is None or not override else {"measured": measured.value},
        after={"status": said.status.value} if override and said.status is not None else None,
        data=_data(kr, said, {"reason": said.reason, "by": said.by, **more}),
    )


def ran_out(subject: str, kr: KeyResult, said: Adjustment, now: datetime) -> Event:
    """It has come to its end by itself; `said` has one."""
    if said.until is None:
        raise ValueError(f"adjustment {said.id} has no end")
    until = last_moment(said.until, kr.timezone, now)
    words = f"It lasted until {until}, as {said.by} had said."
    return _ended(subject, kr, said, words, {"cause": "ran_out", "reason": None, "by": None}, now)


def withdrawn(
    subject: str, kr: KeyResult, said: Adjustment, *, by: str, reason: str, now: datetime
) -> Event:
    """Somebody has taken it back before its end."""
    words = f"Withdrawn by {by}: {reason}"
    more = {"cause": "withdrawn", "reason": reason, "by": by}
    return _ended(subject, kr, said, words, more, now)


def replaced(subject: str, kr: KeyResult, said: Adjustment, by: str, now: datetime) -> Event:
    """Somebody has said something else instead."""
    more = {"cause": "replaced", "reason": None, "by": by}
    return _ended(subject, kr, said, f"Replaced by what {by} says now.", more, now)


def _ended(
    subject: str,
    kr: KeyResult,
    said: Adjustment,
    text: str,
    more: Mapping[str, Any],
    now: datetime,
) -> Event:
    match said.kind:
        case AdjustmentKind.NOTE:
            words = f"{adjustment_words(said, kr.timezone, now)} withdrawn"
        case AdjustmentKind.PAUSE:
            words = "goes on after a pause"
        case AdjustmentKind.OVERRIDE:
            words = "is judged as it is measured again"
    return Event(
        at=now,
        kind=_ENDS[said.kind],
        subject=subject,
        title=f"{kr.title}: {words}",
        text=text,
        reason=str(more["cause"]),
        key_result=subject,
        team=kr.team or None,
        before=None if said.status is None else {"status": said.status.value},
        data=_data(kr, said, more),
    )


def _data(kr: KeyResult, said: Adjustment, more: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "adjustment": said.id,
        "status": None if said.status is None else said.status.value,
        "since": said.since.isoformat(),
        "until": None if said.until is None else said.until.isoformat(),
        "objective": kr.objective,
        "owner": list(kr.owner),
        **more,
    }
