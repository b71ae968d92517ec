"""Checkpoints: values asked for on the way to the goal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from syncd.mapping.document import Document
from syncd.mapping.fault import Location
from syncd.mapping.period import day
from syncd.mapping.targets import RISING, goal_of
from syncd.mapping.values import read_quantity
from syncd.model import Indicator, Target, TargetType


def read_checkpoints(
    document: Document,
    where: Location,
    indicator: Indicator | None,
    target: Target | None,
    days: tuple[date, date] | None,
) -> Sequence[tuple[date, float]]:
    """The checkpoints by date, faults noted: dates between the first and the due day (`days`,
    None: not known), values rising (falling, for a falling target) towards the goal.
    """
    written = document.value(where)
    if not isinstance(written, dict):
        return ()
    if target is not None and target.type in (
        TargetType.GUARD,
        TargetType.BOOLEAN,
        TargetType.MILESTONES,
    ):
        document.fault(
            where,
            f"checkpoints beside {target.type.value}",
            "checkpoints only where values lead to a goal",
            "take checkpoints out",
        )
        return ()
    found: list[tuple[date, float, Location]] = []
    for key in written:
        place = (*where, key)
        on = day(key)
        if on is None:
            document.fault(place, f'"{key}"', "a date, YYYY-MM-DD", "2026-02-15: 80 %")
            continue
        if days is not None and not days[0] <= on <= days[1]:
            document.fault(
                place,
                f'"{key}"',
                f"a day from the start, {days[0]}, to the due day, {days[1]}",
                "another date, or start: or due: on the key result",
            )
        value = read_quantity(document, place, indicator)
        if value is not None:
            found.append((on, value, place))
    found.sort(key=lambda it: it[0])
    if target is not None and document.sound(where):
        _towards_goal(document, found, target, days)
    return [(on, value) for on, value, _ in found]


def _towards_goal(
    document: Document,
    found: Sequence[tuple[date, float, Location]],
    target: Target,
    days: tuple[date, date] | None,
) -> None:
    up = target.type in RISING
    goal = goal_of(target)
    before, before_words = target.start, "the start"
    for on, value, place in found:
        if before is not None and (value <= before if up else value >= before):
            document.fault(
                place,
                document.got(place),
                f"{'more' if up else 'less'} than {before_words}, because checkpoints lead to the "
                "goal",
                "correct the value or the date",
            )
        elif goal is not None and (value > goal if up else value < goal):
            document.fault(
                place,
                document.got(place),
                f"{'at most' if up else 'at least'} the goal",
                "correct one of them",
            )
        elif goal is not None and days is not None and on == days[1] and value != goal:
            document.fault(
                place,
                document.got(place),
                "the goal itself, because this is the due day",
                "take it out, or correct the date",
            )
        before, before_words = value, f"at {on}"
