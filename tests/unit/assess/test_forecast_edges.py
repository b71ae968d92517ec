"""What is just enough for a forecast, and what is counted whole."""

from __future__ import annotations

from datetime import datetime
from statistics import NormalDist

import pytest

from connectors.base import Dimension
from syncd.assess.counted_up import counted_up
from syncd.assess.forecast import LEAST_CHANCE
from syncd.assess.trend import Z
from syncd.model import Target, TargetType
from tests.unit.assess.cases import (
    DAY,
    DUE,
    INSTANT,
    judged_once,
    key_result,
    moment,
    reading,
    seen,
)

History = tuple[tuple[datetime, float], ...]
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


def landing(history: History, single: float) -> tuple[float, float, float]:
    """Of what only rises, at the due date and within no bounds."""
    first = history[0][0]
    points = [((at - first).total_seconds(), value) for at, value in history]
    pace = counted_up(points, 1, single, whole=False)
    assert pace is not None
    return pace.at((DUE - first).total_seconds())


def test_the_chance_is_read_off_the_half_of_the_landing_on_which_the_goal_lies() -> None:
    history = tuple((NOW - (40 - day) * DAY, 0.04 * (day // 4)) for day in range(41))
    evidence = seen(0.4, NOW, reading=reading(0.4, NOW, denominator=50.0), history=history)
    target = Target(TargetType.AT_LEAST, goal=0.9)

    found = judged_once(key_result(target), evidence, NOW).forecast

    low, middle, high = landing(history, 1 / 50)
    assert middle < 0.9
    assert high - middle > 1.1 * (middle - low), "the halves differ"
    assert found is not None
    assert found.chance == pytest.approx(NormalDist().cdf(-(0.9 - middle) * Z / (high - middle)))


def test_one_of_so_many_things_is_what_one_arrival_adds_to_their_share() -> None:
    history = tuple((NOW - day * DAY, 0.0) for day in range(20, -1, -1))
    evidence = seen(0.0, NOW, reading=reading(0.0, NOW, denominator=40.0), history=history)

    found = judged_once(key_result(), evidence, NOW).forecast

    assert found is not None
    assert found.high == pytest.approx(landing(history, 1 / 40)[2])


def test_a_pace_without_any_doubt_that_lands_on_the_very_goal_reaches_it() -> None:
    due = NOW + 30 * DAY
    history = tuple(
        (NOW - day * DAY, (20.0 - day) * DAY.total_seconds()) for day in range(20, -1, -1)
    )
    goal = Target(TargetType.AT_LEAST, goal=50.0 * DAY.total_seconds())
    evidence = seen(history[-1][1], NOW, dimension=Dimension.OTHER, history=history)

    found = judged_once(key_result(goal, due=due), evidence, NOW).forecast

    assert found is not None
    assert found.low == found.middle == found.high == goal.goal
    assert found.chance == 1 - LEAST_CHANCE
