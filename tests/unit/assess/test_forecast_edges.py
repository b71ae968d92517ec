"""What is just enough for a forecast, and what is counted whole."""

from __future__ import annotations

import pytest

from connectors.base import Dimension
from syncd.model import Target, TargetType
from tests.unit.assess.cases import DAY, INSTANT, judged_once, key_result, moment, reading, seen

NOW = moment("2026-02-20 12:00")
HUNDRED = Target(TargetType.AT_LEAST, goal=100.0)
# seven readings of which the first and the last are five days apart
FIVE_DAYS = tuple((NOW - days * DAY, 10.0 - days) for days in (5, 4, 3.5, 3, 2, 1, 0))


def test_seven_readings_over_five_days_are_just_enough() -> None:
    later = (FIVE_DAYS[0][0] + INSTANT, FIVE_DAYS[0][1])
    enough = seen(10.0, NOW, dimension=Dimension.OTHER, history=FIVE_DAYS)
    short = seen(10.0, NOW, dimension=Dimension.OTHER, history=(later, *FIVE_DAYS[1:]))
    few = seen(10.0, NOW, dimension=Dimension.OTHER, history=FIVE_DAYS[1:])

    assert judged_once(key_result(HUNDRED), enough, NOW).forecast is not None
    assert judged_once(key_result(HUNDRED), short, NOW).forecast is None
    assert judged_once(key_result(HUNDRED), few, NOW).no_forecast == (
        "6 days of readings; a forecast needs 7"
    )


@pytest.mark.parametrize(
    ("dimension", "step", "whole"),
    [
        (Dimension.COUNT, 1.0, True),
        (Dimension.COUNT, 0.5, False),
        (Dimension.OTHER, 1.0, False),
    ],
)
def test_only_what_is_counted_in_whole_numbers_lands_on_one(
    dimension: Dimension, step: float, whole: bool
) -> None:
    history = tuple((NOW - (20 - day) * DAY, step * (day + day // 7)) for day in range(21))
    newest = reading(history[-1][1], NOW)
    evidence = seen(newest.value, NOW, reading=newest, dimension=dimension, history=history)

    found = judged_once(key_result(HUNDRED), evidence, NOW).forecast

    assert found is not None
    landing = (found.low, found.middle, found.high)
    assert all(one == int(one) for one in landing) is whole


@pytest.mark.parametrize(("things", "may"), [(1.0, True), (2.0, True), (0.5, False), (None, False)])
def test_what_has_not_moved_may_still_move_where_it_is_known_of_how_many_things(
    things: float | None, may: bool
) -> None:
    history = tuple((NOW - day * DAY, 0.0) for day in range(20, -1, -1))
    newest = reading(0.0, NOW, denominator=things)
    evidence = seen(0.0, NOW, reading=newest, history=history)

    found = judged_once(key_result(Target(TargetType.AT_LEAST, goal=1.0)), evidence, NOW).forecast

    assert found is not None
    assert (found.high > 0.0) is may
