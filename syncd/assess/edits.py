"""Edits of a key result: which definition held when, and where its expected line went on from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from syncd.assess.formula import bounded, goal_of, is_number, needs_start, progress_to, value_at
from syncd.model import Checkpoint, Former, KeyResult, Target, TargetType

_CONTINUOUS: Final = frozenset({TargetType.INCREASE, TargetType.DECREASE, TargetType.AT_LEAST})
"""Types whose line stands at one value at every moment."""


def definition_at(kr: KeyResult, former: Sequence[Former], at: datetime) -> KeyResult:
    """The definition that held at a moment; `kr` is the present one."""
    return next((one.key_result for one in former if at < one.until), kr)


def bending(kr: KeyResult, former: Sequence[Former]) -> list[Former]:
    """The earlier definitions that bend the line: those that held for a time after the start of
    their own, and that differ from what followed.
    """
    found: list[Former] = []
    for one in former:
        begun = max([one.key_result.start, *(earlier.until for earlier in found)])
        if one.until > begun:
            found.append(one)
    while found and found[-1].key_result.line_fingerprint == kr.line_fingerprint:
        found.pop()
    return found


def start_before(was: KeyResult, kr: KeyResult, start_value: float | None) -> float | None:
    """The start of an earlier definition, given that of a later one; None: it has none, or it is
    not known any more.
    """
    before, now = was.target, kr.target
    if before is None or not needs_start(before):
        return None
    if before.start is not None:
        return before.start if is_number(before.start) else None
    if now is None or not needs_start(now) or now.start is not None:
        return None
    return start_value if before.start_from == now.start_from else None


def carried_over(
    ratio: float, was: Target, was_start: float | None, now: Target, start: float | None
) -> float | None:
    """The progress towards the new target of the value at which the old line stood at `ratio`,
    0..1; None where there is no such value, or no way from the new start to the new goal.
    """
    if was.type is not now.type or was.type not in _CONTINUOUS:
        return None
    value = value_at(was, ratio, was_start, goal_of(was, was_start))
    goal = goal_of(now, start)
    if value is None or value_at(now, ratio, start, goal) is None:
        return None
    return bounded(progress_to(now, value, start, goal))


def asked_on_its_day(checkpoint: Checkpoint, former: Sequence[Former]) -> bool:
    """Whether a checkpoint of the present definition stood in those of its day and after too: one
    that is written down later asks nothing of a day that has passed.
    """
    return all(
        checkpoint in one.key_result.checkpoints for one in former if checkpoint.at < one.until
    )
