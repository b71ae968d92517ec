"""Another status than before: which kind of event it is, and its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.model import (
    BAD,
    GOOD,
    Assessment,
    Event,
    EventKind,
    Evidence,
    KeyResult,
    Status,
    Telling,
)
from syncd.wording import status_words

LOST = frozenset({Status.STALE, Status.NO_DATA})
"""Nobody knows how it stands, although it is measured."""


def status_event(
    kr: KeyResult,
    evidence: Evidence,
    before: Assessment | None,
    after: Assessment,
    known: Telling,
) -> Event | None:
    """That the told status is another one, or that data were lost or came back; None: neither.

    An override hides what is measured, and its data may be lost all the same: that is told too.
    """
    kind = _kind(before, after, known)
    if kind is None:
        return None
    return Event(
        at=after.at,
        kind=kind,
        subject=kr.key,
        title=f"{kr.title}: {_words(kind, before, after)}",
        text=after.reason,
        reason=reason_code(evidence, after, kind),
        key_result=kr.key,
        team=kr.team or None,
        before=None if before is None else side(before),
        after=side(after),
        data=about(kr, evidence)
        | {"because": list(after.because), "chain": list(after.chain)}
        | ({"source": evidence.source} if kind in _OF_DATA else {}),
    )


def side(told: Assessment) -> dict[str, Any]:
    """One side of a change, JSON-able: what is told, what is measured, and its numbers."""
    return {
        "status": told.status.value,
        "measured": told.raw_status.value,
        "value": told.value,
        "progress": told.progress,
        "expected": told.expected,
        "pace": told.pace,
        "observed_at": None if told.observed_at is None else told.observed_at.isoformat(),
    }


def about(kr: KeyResult, evidence: Evidence | None = None) -> dict[str, Any]:
    """What every event of a key result says of it. `indicator`: by whose reading."""
    reading = None if evidence is None else evidence.reading
    return {
        "objective": kr.objective,
        "owner": list(kr.owner),
        "indicator": kr.indicator if reading is None else reading.indicator,
    }


def reason_code(evidence: Evidence, after: Assessment, kind: EventKind) -> str:
    """What gave the status: ``override``, what keeps the data away, or the rule of judgement. Of
    data that are lost or back it is never ``override``, which hides them.
    """
    if kind is EventKind.DATA_STALE and evidence.failure is not None:
        return evidence.failure.error_type
    if after.overridden is not None and kind not in _OF_DATA:
        return "override"
    return after.rule or "unknown"


def _kind(before: Assessment | None, after: Assessment, known: Telling) -> EventKind | None:
    was_lost = before is not None and before.raw_status in LOST
    if before is not None and not was_lost and after.raw_status in LOST:
        return EventKind.DATA_STALE
    back = was_lost and known.known is not None and after.raw_status in GOOD | BAD
    changed = before is None or before.status is not after.status
    if changed and not (back and after.status is known.known):
        if after.status is Status.ACHIEVED:
            return EventKind.ACHIEVED
        if after.status is Status.MISSED:
            return EventKind.MISSED
    if back:
        return EventKind.DATA_RECOVERED
    return EventKind.STATUS_CHANGED if changed else None


def _words(kind: EventKind, before: Assessment | None, after: Assessment) -> str:
    now = status_words(after.status)
    if before is None:
        return now
    if before.status is not after.status:
        return f"{now} (was {status_words(before.status)})"
    return f"{now} by hand, {_OF_DATA.get(kind, 'measured anew')}"


_OF_DATA: Mapping[EventKind, str] = {
    EventKind.DATA_STALE: "its data are lost",
    EventKind.DATA_RECOVERED: "its data are back",
}
