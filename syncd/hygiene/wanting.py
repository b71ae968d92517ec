"""Rules about what is wanted."""

from __future__ import annotations

from collections.abc import Iterator

from syncd.hygiene.finding import Hit
from syncd.hygiene.written import Written
from syncd.model import Target, TargetType

_FROM_A_START = {TargetType.INCREASE: "increase", TargetType.DECREASE: "decrease"}


def no_target(written: Written) -> Iterator[Hit]:
    """Key results of which nobody can say whether they are met."""
    for key_result in written.originals:
        target = key_result.target
        if target is None:
            yield Hit(
                written.key_result(key_result.id),
                f"{key_result.id} has no target",
                "target: with a goal, such as {at_least: 100 %}",
            )
        elif not target.is_decided:
            yield Hit(
                written.key_result(key_result.id),
                f"{key_result.id} has tbd for a target",
                "a number in its place; where nobody knows one yet, measure the quarter and set it "
                "for the next",
                key="target",
            )


def no_baseline(written: Written) -> Iterator[Hit]:
    """Key results that change something, from nobody said where."""
    for key_result in written.originals:
        target = key_result.target
        if target is not None and target.type in _FROM_A_START and not _has_start(target):
            yield Hit(
                written.key_result(key_result.id),
                f"{key_result.id} does not say from where it is to {_FROM_A_START[target.type]}; "
                "the first reading will be taken",
                "from: beside the goal, a quantity or a past period such as 2025-Q4",
                key="target",
            )


def _has_start(target: Target) -> bool:
    return target.start is not None or target.start_from is not None
