"""How much an event matters to who is told of it. Pure."""

from __future__ import annotations

from enum import IntEnum

from syncd.model import Event, EventKind, Status


class Severity(IntEnum):
    """From what is good to know to what somebody should act on."""

    INFO = 1
    WARNING = 2
    CRITICAL = 3


_WARNINGS = frozenset(
    {
        EventKind.DATA_STALE,
        EventKind.CHECKPOINT_MISSED,
        EventKind.DEPENDENCY_SLIPPED,
        EventKind.SOURCE_FAILING,
        EventKind.INDICATOR_FAILING,
        EventKind.NUMBER_QUARANTINED,
        EventKind.MAPPING_REFUSED,
    }
)
_GOOD = frozenset(
    {
        EventKind.ACHIEVED,
        EventKind.CHECKPOINT_MET,
        EventKind.DATA_RECOVERED,
        EventKind.SOURCE_RECOVERED,
        EventKind.INDICATOR_RECOVERED,
        EventKind.NUMBER_RELEASED,
    }
)


def severity_of(event: Event) -> Severity:
    """Critical: missed, or off track; a warning: at risk, or what leads there; info: the rest."""
    if event.kind is EventKind.MISSED:
        return Severity.CRITICAL
    if event.kind in _WARNINGS:
        return Severity.WARNING
    if event.kind is EventKind.STATUS_CHANGED:
        if event.status == Status.OFF_TRACK:
            return Severity.CRITICAL
        if event.status in (Status.AT_RISK, Status.STALE, Status.NO_DATA):
            return Severity.WARNING
    return Severity.INFO


def is_good(event: Event) -> bool:
    """Whether it is good news."""
    good = event.status in (Status.ON_TRACK, Status.ACHIEVED)
    return event.kind in _GOOD or (event.kind is EventKind.STATUS_CHANGED and good)
