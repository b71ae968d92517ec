from __future__ import annotations

import math
import sys
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from syncd.assess import assess, expected, expected_line, goal_of, is_met, progress, value_at
from syncd.model import Checkpoint, Former, Memory, Status, Target, TargetType
from tests.unit.assess.cases import (
    DAY,
    DONE,
    DUE,
    MIDDLE,
    START,
    checkpoints,
    key_result,
    line_at,
    moment,
    pause,
    reading,
    seen,
)


@pytest.mark.parametrize(
    ("target", "start", "goal"),
    [
        (Target(TargetType.DECREASE, by=0.4, by_relative=True), 50.0, 30.0),
        (Target(TargetType.DECREASE, by=0.4, by_relative=True), -10.0, -14.0),
        (Target(TargetType.INCREASE, by=0.5, by_relative=True), -10.0, -5.0),
        (Target(TargetType.DECREASE, by=12.0), 50.0, 38.0),
        (Target(TargetType.INCREASE, by=0.1), 0.5, 0.6),
        (Target(TargetType.INCREASE, by=0.1), None, None),
        (Target(TargetType.INCREASE, by=0.1), math.nan, None),
        (Target(TargetType.INCREASE, goal=80.0), None, 80.0),
        (Target(TargetType.INCREASE, by=1e308), 1.7e308, None),
        (Target(TargetType.AT_LEAST, goal=math.inf), None, None),
        (Target(TargetType.GUARD, high=0.0), None, None),
        (Target(TargetType.BOOLEAN), None, 1.0),
    ],
)
def test_the_goal_is_declared_or_a_change_of_the_start(
    target: Target, start: float | None, goal: float | None
) -> None:
    assert goal_of(target, start) == (None if goal is None else pytest.approx(goal))


def nearest(exact: Fraction) -> float:
    """The float next to it; the largest there is for what is beyond all of them."""
    try:
        return float(exact)
    except OverflowError:
        return sys.float_info.max if exact > 0 else -sys.float_info.max


def exactly(target: Target, value: float, start: float, goal: float) -> float:
    """Progress by its definition, in fractions."""
    v, s, g = Fraction(value), Fraction(start), Fraction(goal)
    if target.type in (TargetType.INCREASE, TargetType.DECREASE):
        return nearest((v - s) / (g - s))
    if target.type is TargetType.AT_MOST:
        v, g = -v, -g
    ratio = nearest(v / g if g > 0 else g / v)
    return min(1.0, ratio) if target.type is TargetType.AT_MOST else ratio


numbers = st.one_of(st.floats(-1e3, 1e3), st.floats(allow_nan=False, allow_infinity=False))


@given(
    st.sampled_from(
        [TargetType.INCREASE, TargetType.DECREASE, TargetType.AT_LEAST, TargetType.AT_MOST]
    ),
    numbers,
    numbers,
    numbers,
)
@example(TargetType.DECREASE, 5.0, 5.0, 3.0)
@example(TargetType.INCREASE, -8.8e135, 0.0, 4.9e-173)
def test_progress_is_the_float_next_to_its_exact_value(
    kind: TargetType, value: float, start: float, goal: float
) -> None:
    target = Target(kind, goal=goal)
    found = progress(target, value, start)
    # where the goal is reached progress is whole at least, and a start at the goal has no formula
    assume(not is_met(target, value, start, goal) and not is_met(target, start, start, goal))

    assert found is not None
    assert found.hex() == exactly(target, value, start, goal).hex()


def test_a_goal_that_a_relative_change_of_nothing_leaves_at_the_start_is_met() -> None:
    target = Target(TargetType.DECREASE, by=0.4, by_relative=True)

    assert progress(target, 0.0, 0.0) == 1.0
    assert progress(target, 1.0, 0.0) == 0.0


def test_a_goal_computed_from_the_start_is_reached_despite_rounding() -> None:
    target = Target(TargetType.DECREASE, by=0.3, by_relative=True)

    assert 0.03 - 0.3 * 0.03 < 0.021
    assert progress(target, 0.021, 0.03) == 1.0
    assert progress(target, 0.0210001, 0.03) != 1.0


def test_a_goal_of_nothing_computed_from_the_start_is_reached_despite_rounding() -> None:
    target = Target(TargetType.INCREASE, by=0.1 + 0.2)

    assert -0.3 + (0.1 + 0.2) > 0.0
    assert progress(target, 0.0, -0.3) == 1.0


def test_extreme_values_neither_overflow_nor_become_unknown() -> None:
    target = Target(TargetType.INCREASE, goal=1e308, start=-1e308)

    assert progress(target, 0.0, -1e308) == 0.5
    assert progress(Target(TargetType.AT_LEAST, goal=5e-324), 1e308, None) == pytest.approx(
        1.797e308, rel=1e-3
    )
    tiny = Target(TargetType.INCREASE, goal=5e-324, start=0.0)
    assert progress(tiny, -1e308, 0.0) == -sys.float_info.max


@pytest.mark.parametrize(
    ("low", "high", "value", "met"),
    [
        (0.0, None, 0.0, True),
        (0.0, None, -5e-324, False),
        (5.0, None, 5.0, True),
        (5.0, None, 5.0 - 4e-9, True),
        (5.0, None, 5.0 - 6e-9, False),
        (None, 5.0, 5.0, True),
        (None, 5.0, 5.0 + 4e-9, True),
        (None, 5.0, 5.0 + 6e-9, False),
        (None, 0.0, 0.0, True),
    ],
)
def test_a_guard_holds_on_its_bounds_and_as_close_to_them_as_rounding_brings_it(
    low: float | None, high: float | None, value: float, met: bool
) -> None:
    assert progress(Target(TargetType.GUARD, low=low, high=high), value, None) == float(met)


def test_a_goal_of_nothing_is_not_reached_by_anything_below_it() -> None:
    target = Target(TargetType.AT_LEAST, goal=0.0)

    assert [progress(target, value, None) for value in (0.0, -5e-15, -1.0)] == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("target", "start"),
    [
        (Target(TargetType.INCREASE, goal=100.0), 20.0),
        (Target(TargetType.DECREASE, goal=30.0), 50.0),
        (Target(TargetType.AT_LEAST, goal=0.95), None),
        (Target(TargetType.AT_MOST, goal=7.0), None),
    ],
)
def test_the_value_on_the_line_is_the_formula_backwards(
    target: Target, start: float | None
) -> None:
    value = value_at(target, 0.6, start, goal_of(target, start))

    assert progress(target, value, start) == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("target", "start"),
    [
        (Target(TargetType.INCREASE, goal=100.0), None),
        (Target(TargetType.INCREASE, goal=100.0), 100.0),
        (Target(TargetType.AT_LEAST, goal=0.0), None),
        (Target(TargetType.GUARD, high=0.0), None),
        (Target(TargetType.BOOLEAN), None),
    ],
)
def test_there_is_no_value_on_a_line_that_no_single_value_has(
    target: Target, start: float | None
) -> None:
    assert value_at(target, 0.6, start, goal_of(target, start)) is None


def test_no_value_is_so_large_that_nothing_of_an_upper_limit_is_reached() -> None:
    assert value_at(Target(TargetType.AT_MOST, goal=7.0), 0.0, None, 7.0) is None


def test_the_line_goes_through_checkpoints_given_in_any_order() -> None:
    late, early = checkpoints(feb_28=1.0, feb_15=0.8)
    kr = key_result(checkpoints=(late, early))

    assert expected_line(kr, None, 1.0) == [
        (START, 0.0),
        (early.at, 0.8),
        (late.at, 1.0),
        (DUE, 1.0),
    ]


def test_a_checkpoint_becomes_progress_by_the_formula_of_the_type() -> None:
    kr = key_result(
        Target(TargetType.INCREASE, goal=1.0, start=0.2), checkpoints=checkpoints(feb_15=0.6)
    )

    assert expected_line(kr, 0.2, 1.0)[1][1] == pytest.approx(0.5)


def test_a_checkpoint_below_an_earlier_one_does_not_let_the_line_fall() -> None:
    kr = key_result(checkpoints=checkpoints(feb_10=0.8, feb_20=0.5))

    assert [ratio for _, ratio in expected_line(kr, None, 1.0)] == [0.0, 0.8, 0.8, 1.0]


def test_a_checkpoint_outside_the_period_does_not_bend_the_line() -> None:
    outside = ((START - DAY, 0.5), (START, 0.8), (DUE, 0.9), (DUE + DAY, 1.0))
    corner = Checkpoint(MIDDLE, 0.6)
    kr = key_result(checkpoints=(*(Checkpoint(*one) for one in outside), corner))

    assert expected_line(kr, None, 1.0) == [(START, 0.0), (MIDDLE, 0.6), (DUE, 1.0)]


def test_a_checkpoint_that_a_pause_passes_over_is_still_asked_for_by_those_after_it() -> None:
    kr = key_result(checkpoints=checkpoints(jan_10=0.8, feb_20=0.5))
    paused = (pause(START, moment("2026-01-20")),)

    assert [ratio for _, ratio in expected_line(kr, None, 1.0, paused)] == [0.0, 0.0, 0.8, 1.0]


def test_nothing_is_expected_of_a_boolean_before_its_due_date() -> None:
    assert expected_line(key_result(DONE), None, 1.0) == [(START, 0.0), (DUE, 0.0), (DUE, 1.0)]


def test_each_of_several_edits_goes_on_from_the_line_before() -> None:
    days = [START + days * DAY for days in (15, 30, 45)]
    goals = [Target(TargetType.AT_LEAST, goal=goal) for goal in (10.0, 20.0, 30.0, 60.0)]
    *earlier, present = [key_result(goal, due=START + 90 * DAY) for goal in goals]
    former = tuple(Former(*one) for one in zip(days, earlier, strict=True))

    line = expected_line(present, None, 60.0, (), former)

    assert [at for at, _ in line] == [START, *(day for day in days for _ in "ab"), present.due]
    # each way through what is left: of 10 in 90 days, of 20 in 75, of 30 in 60, of 60 in 45
    first = 1 / 6
    second = first / 2 + (1 - first / 2) * 15 / 75
    third = second * 2 / 3 + (1 - second * 2 / 3) * 15 / 60
    assert [ratio for _, ratio in line] == pytest.approx(
        [0.0, first, first / 2, second, second * 2 / 3, third, third / 2, 1.0]
    )


@pytest.mark.parametrize("target", [None, Target(TargetType.AT_LEAST)])
def test_nothing_is_expected_without_a_target(target: Target | None) -> None:
    assert expected_line(key_result(target), None, None) == []
    assert expected(key_result(target), None, None, MIDDLE) is None


def test_nothing_is_expected_where_checkpoints_need_a_start_that_is_unknown() -> None:
    kr = key_result(Target(TargetType.INCREASE, goal=1.0), checkpoints=checkpoints(feb_15=0.6))

    assert expected(kr, None, 1.0, MIDDLE) is None


def test_nothing_is_expected_where_the_goal_itself_needs_a_start_that_is_unknown() -> None:
    assert expected_line(key_result(Target(TargetType.INCREASE, by=0.1)), None, None) == []


def test_summer_time_does_not_bend_the_line() -> None:
    # In Los Angeles the clocks change on 8 March 2026: that day has 23 hours.
    kr = key_result(
        timezone="America/Los_Angeles",
        start=moment("2026-03-08 08:00"),
        due=moment("2026-03-10 07:00"),
    )

    assert expected(kr, None, 1.0, kr.start + timedelta(hours=23, minutes=30)) == 0.5


def test_a_guard_is_expected_whole_from_its_first_day_and_not_before() -> None:
    kr = key_result(Target(TargetType.GUARD, high=0.0))

    assert expected(kr, None, None, START - DAY) == 0.0
    assert expected(kr, None, None, START) == 1.0


def test_without_a_declared_start_the_first_reading_is_the_start_and_this_is_said() -> None:
    kr = key_result(Target(TargetType.INCREASE, goal=1.0))
    evidence = seen(0.6, MIDDLE, first=reading(0.2, START))

    assessment, _ = assess(kr, evidence, Memory(), {}, MIDDLE)

    assert assessment.start == 0.2
    assert assessment.start_is_first_reading
    assert assessment.progress == pytest.approx(0.5)


def test_a_declared_start_wins_over_the_first_reading() -> None:
    kr = key_result(Target(TargetType.INCREASE, goal=1.0, start=0.4))
    evidence = seen(0.7, MIDDLE, first=reading(0.2, START))

    assessment, _ = assess(kr, evidence, Memory(), {}, MIDDLE)

    assert assessment.start == 0.4
    assert not assessment.start_is_first_reading
    assert assessment.progress == pytest.approx(0.5)


def test_the_only_reading_is_its_own_start() -> None:
    kr = key_result(Target(TargetType.DECREASE, by=0.4, by_relative=True))

    assessment, _ = assess(kr, seen(50.0, MIDDLE), Memory(), {}, MIDDLE)

    assert (assessment.start, assessment.goal, assessment.progress) == (50.0, 30.0, 0.0)


@pytest.mark.parametrize(("value", "status"), [(0.97, Status.ACHIEVED), (0.9, Status.OFF_TRACK)])
def test_a_first_reading_at_the_goal_is_judged_by_whether_the_goal_is_met_and_said(
    value: float, status: Status
) -> None:
    kr = key_result(Target(TargetType.INCREASE, goal=0.95))
    evidence = seen(value, MIDDLE, first=reading(0.95, START))

    assessment, _ = assess(kr, evidence, Memory(), {}, MIDDLE)

    assert assessment.status is status
    assert "the first reading, 95 %, was already at the goal" in assessment.reason


def test_pace_is_bounded_progress_less_expected() -> None:
    kr = key_result(Target(TargetType.AT_LEAST, goal=16.0))
    now = line_at(0.25)

    assessment, _ = assess(kr, seen(20.0, now), Memory(), {}, now)

    assert assessment.progress_unbounded == 1.25
    assert assessment.progress == 1.0
    assert assessment.pace == pytest.approx(0.75)
