"""Rules about what others wait for."""

from __future__ import annotations

from collections.abc import Iterator

from syncd.hygiene.finding import Hit
from syncd.hygiene.written import Written
from syncd.model import KeyResult, TargetType

_WITHOUT_CHECKPOINTS = {TargetType.BOOLEAN, TargetType.GUARD}


def no_checkpoints(written: Written) -> Iterator[Hit]:
    """Key results that others wait for, and that show no slip before their due day."""
    for key_result in written.originals:
        waiting = written.waiting.get(key_result.id, ())
        if not waiting or _shows_a_slip(key_result):
            continue
        yield Hit(
            written.key_result(key_result.id),
            f"{key_result.id} has neither checkpoints nor a milestone before its due day, and "
            f"{_wait(waiting)} for it",
            _mend(key_result),
            others=tuple(written.key_result(it.id) for it in waiting),
        )


def _shows_a_slip(key_result: KeyResult) -> bool:
    steps = () if key_result.target is None else key_result.target.milestones
    return bool(key_result.checkpoints) or any(step.at < key_result.due for step in steps)


def _mend(key_result: KeyResult) -> str:
    kind = None if key_result.target is None else key_result.target.type
    if kind is TargetType.MILESTONES:
        return "milestones: with a date for each, the first of them well before the due day"
    if kind in _WITHOUT_CHECKPOINTS:
        return "due: an earlier day, or milestones on the way"
    return "checkpoints: {DATE: VALUE}, so that who waits can change plans in time"


def external_without_plan(written: Written) -> Iterator[Hit]:
    """Dependencies outside the key results with no plan for the day they slip."""
    for external in written.catalogue.externals.values():
        if external.plan is not None:
            continue
        waiting = written.waiting.get(f"external:{external.name}", ())
        without = "no plan" if external.due is not None else "no plan and no due day"
        yield Hit(
            written.external(external.name),
            f"{external.name} has {without}, and {_wait(waiting)} for it",
            "plan: where it is written what is done if it slips"
            + ("" if external.due is not None else "; due: by when it is needed"),
            others=tuple(written.key_result(it.id) for it in waiting),
        )


def _wait(waiting: tuple[KeyResult, ...]) -> str:
    *most, last = [it.id for it in waiting] or ["nobody"]
    return f"{', '.join(most)} and {last} wait" if most else f"{last} waits"
