"""Rules about days that cannot all be right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from syncd.hygiene.finding import Hit
from syncd.hygiene.written import Written, day
from syncd.mapping import Subject
from syncd.model import KeyResult

_EXTERNAL = "external:"


def milestone_with_two_dates(written: Written) -> Iterator[Hit]:
    """Issues that are a milestone of several key results, due on different days."""
    steps: dict[tuple[str | None, str], list[tuple[KeyResult, str, str]]] = {}
    for key_result in written.originals:
        for issue, name, on in _dated(written, key_result):
            steps.setdefault((written.read_by(key_result).source, issue), []).append(
                (key_result, name, on)
            )
    for (_, issue), dated in steps.items():
        if len({on for _, _, on in dated}) < 2:
            continue
        told = ", ".join(f"{on} in {it.id} ({name})" for it, name, on in dated)
        first, *others = dict.fromkeys(written.key_result(it.id) for it, _, _ in dated)
        yield Hit(
            first,
            f"{issue} is one milestone with several dates: {told}",
            "agree on one date, and write it in each of them",
            key="target",
            others=tuple(others),
        )


def _dated(written: Written, key_result: KeyResult) -> Iterator[tuple[str, str, str]]:
    issues = written.read_by(key_result).definition.get("issues")
    target = key_result.target
    if target is not None and isinstance(issues, dict):
        for step in target.milestones:
            yield str(issues[step.name]), step.name, day(step.at, key_result.timezone)


def due_after_period(written: Written) -> Iterator[Hit]:
    """Key results that are due when the period is over."""
    ends = written.catalogue.ends
    for key_result in written.originals:
        if ends is not None and key_result.due > ends:
            yield Hit(
                written.key_result(key_result.id),
                f"{key_result.id} is due on {day(key_result.due, key_result.timezone)}, after the "
                f"last day of {written.catalogue.period_title}, "
                f"{day(ends, written.catalogue.timezone)}",
                "due: a day of the period, or leave it to the next one",
                key="due",
            )


def carried_nowhere(written: Written) -> Iterator[Hit]:
    """Key results that go on in a period whose files have none of their id."""
    for key_result in written.catalogue.key_results.values():
        into = None if key_result.ending is None else key_result.ending.into
        there = None if into is None else written.periods.get(into)
        if there is not None and key_result.id not in there.key_results:
            yield Hit(
                written.key_result(key_result.id),
                f"{key_result.id} is carried into {into}, whose files have no key result of this "
                "id",
                f"write {key_result.id} in the files of {into}, or say that it is abandoned",
                key="carried",
            )


def late_dependency(written: Written) -> Iterator[Hit]:
    """Key results that are due before what they need."""
    for key_result in written.originals:
        for need in key_result.needs:
            needed, due = _needed(written, need)
            if due is not None and due > key_result.due:
                yield Hit(
                    written.key_result(key_result.id),
                    f"{key_result.id} is due on {day(key_result.due, key_result.timezone)} and "
                    f"needs {need}, which is due on {day(due, key_result.timezone)}",
                    "a later day for the one or an earlier one for the other",
                    key="needs",
                    others=(needed,),
                )


def _needed(written: Written, need: str) -> tuple[Subject, datetime | None]:
    if need.startswith(_EXTERNAL):
        name = need.removeprefix(_EXTERNAL)
        return written.external(name), written.catalogue.externals[name].due
    return written.key_result(need), written.catalogue.key_results[need].due
