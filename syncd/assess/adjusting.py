"""What people have said of a key result, and what of it is in force at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncd.assess.counting import Span, merged
from syncd.model import Adjustment, AdjustmentKind, KeyResult


@dataclass(frozen=True)
class Said:
    """What is in force: an override, a pause, both or neither."""

    overridden: Adjustment | None = None
    paused: Adjustment | None = None


def has_ended(kr: KeyResult, now: datetime) -> bool:
    """Whether the key result was given up or carried into another period by `now`."""
    return kr.ending is not None and now >= kr.ending.at


def said_at(kr: KeyResult, adjustments: Sequence[Adjustment], now: datetime) -> Said:
    """What is in force at `now`: of several of a kind the one that began last, of those that began
    together the one that was said last. Nothing is in force of what has ended.
    """
    if not adjustments or has_ended(kr, now):
        return Said()
    return Said(
        _newest(adjustments, AdjustmentKind.OVERRIDE, now),
        _newest(adjustments, AdjustmentKind.PAUSE, now),
    )


def pauses_of(adjustments: Iterable[Adjustment]) -> tuple[Span, ...]:
    """The time in which a key result is paused, whatever the moment."""
    return merged(
        (one.since, one.until)
        for one in adjustments
        if one.kind is AdjustmentKind.PAUSE and one.until is not None
    )


def next_turn(kr: KeyResult, adjustments: Sequence[Adjustment], now: datetime) -> datetime | None:
    """The first moment after `now` at which something else is in force; None: never."""
    edges = {edge for one in adjustments for edge in (one.since, one.until) if edge is not None}
    if kr.ending is not None:
        edges.add(kr.ending.at)
    later = sorted(edge for edge in edges if edge > now)
    if not later:
        return None
    said = said_at(kr, adjustments, now)
    return next((edge for edge in later if said_at(kr, adjustments, edge) != said), None)


def _newest(
    adjustments: Sequence[Adjustment], kind: AdjustmentKind, now: datetime
) -> Adjustment | None:
    in_force = [
        one
        for one in adjustments
        if one.kind is kind and one.until is not None and one.since <= now < one.until
        if kind is not AdjustmentKind.OVERRIDE or one.status is not None
    ]
    return max(reversed(in_force), key=lambda one: one.since, default=None)
