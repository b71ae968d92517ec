"""Where a value lands if it goes on as it did, and when there is nothing to say of that."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Dimension
from syncd.assess import assess
from syncd.model import (
    Assessment,
    Checkpoint,
    Ending,
    Evidence,
    Forecast,
    KeyResult,
    Memory,
    Needed,
    Status,
    Target,
    TargetType,
    TimeOff,
)
from tests.unit.assess.cases import (
    DAY,
    DONE,
    DUE,
    HOUR,
    NO_BREACHES,
    SHARE,
    START,
    checkpoints,
    daily,
    judged_once,
    key_result,
    milestones,
    moment,
    pause,
    reading,
    seen,
)

FEB_15, FEB_20 = moment("2026-02-15 23:55"), moment("2026-02-20 12:00")
FREEZE_WORDS = (
    "9 days of readings, with less than 5 days between them that count; a forecast needs as many"
)
HUNDRED = Target(TargetType.AT_LEAST, goal=100.0)


def read(values: list[float], now: datetime = FEB_20, **changes: Any) -> Evidence:
    """Readings of a number, one a day, the last of them now."""
    known: dict[str, Any] = {"dimension": Dimension.OTHER, "history": daily(values, now)}
    return seen(values[-1], now, **(known | changes))


def rising(days: int, by: float = 1.0) -> list[float]:
    return [10.0 + by * day for day in range(days)]


def forecast(kr: KeyResult, evidence: Evidence, now: datetime = FEB_20) -> Forecast:
    found = judged_once(kr, evidence, now).forecast
    assert found is not None
    return found


def why_none(kr: KeyResult, evidence: Evidence, now: datetime = FEB_20) -> str | None:
    assessment = judged_once(kr, evidence, now)
    assert assessment.forecast is None
    return assessment.no_forecast


# ------------------------------------------------------------------------- what is told


def test_a_steady_pace_lands_where_it_leads() -> None:
    found = forecast(key_result(HUNDRED), read(rising(28)))

    # 39.5 days are left
    assert found.middle == pytest.approx(37.0 + 39.5)
    assert (found.readings, found.since) == (28, FEB_20 - 27 * DAY)
    assert found.lands_at == FEB_20 + 63 * DAY
    assert found.chance == 0.01


def test_a_reason_for_a_lead_ends_with_where_this_leads() -> None:
    values = [0.62 - 0.00659 * day for day in range(21)][::-1]
    kr = key_result(SHARE, checkpoints=checkpoints(feb_15=0.8))

    evidence = read(values, FEB_15, dimension=Dimension.RATIO)
    assessment = judged_once(kr, evidence, FEB_15 + HOUR / 4)

    assert assessment.status is Status.AT_RISK
    assert assessment.reason == (
        "62 % on 15 Feb; the checkpoint asked for 80 %; at this pace 91 % on 31 Mar"
    )


def test_a_goal_that_is_reached_before_the_due_day_says_on_which() -> None:
    values = [0.62 - 0.015 * day for day in range(21)][::-1]

    assessment = judged_once(key_result(SHARE), read(values, dimension=Dimension.RATIO), FEB_20)

    assert assessment.reason.endswith("; reached about 17 Mar at this pace")


def test_a_goal_that_is_reached_on_the_due_day_says_where_it_will_be() -> None:
    values = [10.0 + day * 90 / 59.4 for day in range(21)]

    assessment = judged_once(key_result(HUNDRED), read(values), FEB_20)

    assert assessment.reason.endswith("; at this pace 100 on 31 Mar")


def test_what_waits_for_something_says_where_it_leads_too() -> None:
    kr = key_result(Target(TargetType.AT_LEAST, goal=40.0), needs=("a",))
    needs = {"a": Needed(Status.OFF_TRACK)}

    assessment, _ = assess(kr, read(rising(14)), Memory(), needs, FEB_20)

    assert assessment.reason == (
        "On pace itself; reached about 9 Mar at this pace; waits for a, which slips"
    )


@pytest.mark.parametrize(
    ("kr", "values", "ending"),
    [
        (key_result(HUNDRED, start=FEB_20 - HOUR), rising(9), "18 on 20 Feb"),
        (key_result(Target(TargetType.AT_LEAST, goal=12.0)), rising(9), "the goal is at least 12"),
    ],
    ids=["too early", "reached"],
)
def test_no_pace_is_told_where_it_decides_nothing(
    kr: KeyResult, values: list[float], ending: str
) -> None:
    assert judged_once(kr, read(values), FEB_20).reason.endswith(ending)


@pytest.mark.parametrize(
    ("target", "values", "told"),
    [
        (Target(TargetType.AT_LEAST, goal=16.0), [0, 0, 1, 2, 1, 2, 2, 2], "at this pace 15"),
        (
            Target(TargetType.DECREASE, goal=10.0, start=60.0),
            [48, 47, 47, 48, 46, 46, 46],
            "at this pace 33",
        ),
        # lands on 25, but for the microsecond that the due day ends before midnight
        (
            Target(TargetType.DECREASE, goal=10.0, start=60.0),
            [48, 48, 47, 48, 46, 46, 45, 45],
            "at this pace 25",
        ),
    ],
)
def test_counted_numbers_are_told_whole_and_never_rounded_up_to_the_goal(
    target: Target, values: list[float], told: str
) -> None:
    evidence = read([float(one) for one in values], dimension=Dimension.COUNT)

    assessment = judged_once(key_result(target), evidence, FEB_20)

    assert f"{told} on 31 Mar" in assessment.reason


# ------------------------------------------------------------------- time that does not count


def test_a_pace_is_counted_in_the_time_that_counts() -> None:
    # nothing moved in ten days off; the pace of the others goes on through ten days off in March
    off = (
        TimeOff("Then", FEB_20 - 15 * DAY, FEB_20 - 5 * DAY),
        TimeOff("Later", FEB_20 + 2 * DAY, FEB_20 + 12 * DAY),
    )
    values = [*rising(6), *[15.0] * 10, *[16.0 + day for day in range(5)]]
    kr = key_result(Target(TargetType.AT_LEAST, goal=30.0), time_off=off)

    found = forecast(kr, read(values))

    assert found.lands_at == FEB_20 + 20 * DAY
    assert found.middle == 30.0
    wide = forecast(replace(kr, target=HUNDRED), read(values))
    assert wide.middle == pytest.approx(20.0 + 29.5)
    assert (wide.low, wide.high) == pytest.approx((wide.middle, wide.middle))


def test_a_pause_is_time_in_which_nothing_is_expected_to_move() -> None:
    kr, values = key_result(Target(TargetType.AT_LEAST, goal=30.0)), rising(11)
    paused = (pause(FEB_20 + DAY, FEB_20 + 8 * DAY),)

    plain = forecast(kr, read(values))
    later = forecast(kr, read(values, adjustments=paused))

    assert plain.lands_at == FEB_20 + 10 * DAY
    assert later.lands_at == FEB_20 + 17 * DAY


# --------------------------------------------------------------------------- where it stops


@pytest.mark.parametrize(
    ("target", "values", "dimension", "landing"),
    [
        (Target(TargetType.AT_LEAST, goal=30.0), rising(9), Dimension.OTHER, 30.0),
        (Target(TargetType.AT_LEAST, goal=15.0), rising(9), Dimension.OTHER, 18.0),
        (Target(TargetType.AT_LEAST, goal=0.9), [0.9 - 0.1 * d for d in range(8)], "ratio", 0.0),
        (Target(TargetType.AT_MOST, goal=0.1), [0.3 + 0.1 * d for d in range(7)], "ratio", 1.0),
        (Target(TargetType.AT_MOST, goal=1.0), [0.3 + 0.2 * d for d in range(7)], "ratio", 9.4),
        (Target(TargetType.AT_LEAST, goal=9.0), [9.0 - d for d in range(8)], Dimension.COUNT, 0.0),
        (Target(TargetType.AT_LEAST, goal=9e4), [9e3 - 600 * d for d in range(8)], "duration", 0.0),
        (
            Target(TargetType.AT_LEAST, goal=9.0),
            [9.0 - d for d in range(8)],
            Dimension.OTHER,
            -37.5,
        ),
        (
            Target(TargetType.AT_LEAST, goal=9.0),
            [2.0 - d for d in range(8)],
            Dimension.COUNT,
            -45.0,
        ),
        (Target(TargetType.AT_MOST, goal=5.0), [20.0 - d for d in range(8)], Dimension.COUNT, 5.0),
        (
            Target(TargetType.AT_MOST, goal=15.0),
            [20.0 - d for d in range(8)],
            Dimension.COUNT,
            13.0,
        ),
    ],
)
def test_a_value_stops_at_the_goal_and_a_share_within_0_and_1(
    target: Target, values: list[float], dimension: str, landing: float
) -> None:
    found = forecast(key_result(target), read(values, dimension=Dimension(dimension)))

    assert found.middle == pytest.approx(landing)


def test_a_goal_beyond_two_more_periods_is_out_of_sight() -> None:
    near, far = (Target(TargetType.AT_LEAST, goal=goal) for goal in (235.0, 236.5))
    steady = read(rising(9))

    assert forecast(key_result(near), steady).lands_at == FEB_20 + 217 * DAY
    assert forecast(key_result(far), steady).lands_at == FEB_20 + timedelta(days=218.5)
    assert forecast(key_result(Target(TargetType.AT_LEAST, goal=240.0)), steady).lands_at is None


@pytest.mark.parametrize("values", [[18.0] * 9, rising(9, by=-1.0)], ids=["level", "backwards"])
def test_a_value_that_does_not_move_towards_the_goal_never_lands(values: list[float]) -> None:
    assert forecast(key_result(HUNDRED), read(values)).lands_at is None


def test_a_line_that_is_over_the_goal_already_lands_with_the_newest_reading() -> None:
    values = [*rising(20), 20.0]

    found = forecast(key_result(Target(TargetType.AT_LEAST, goal=25.0)), read(values))

    assert found.lands_at == FEB_20
    assert "at this pace 25 on 31 Mar" in (
        judged_once(key_result(Target(TargetType.AT_LEAST, goal=25.0)), read(values), FEB_20).reason
    )


# ------------------------------------------------------------------------------- the chance


def test_the_chance_is_even_where_the_middle_lands_on_the_goal() -> None:
    values = [10.0, 11.0, 13.0, 12.0, 15.0, 16.0, 17.0]
    landing = forecast(key_result(HUNDRED), read(values))
    on_it = Target(TargetType.AT_LEAST, goal=landing.middle)
    on_low, on_high = (Target(TargetType.AT_LEAST, goal=one) for one in (landing.low, landing.high))

    assert forecast(key_result(on_it), read(values)).chance == pytest.approx(0.5)
    assert forecast(key_result(on_low), read(values)).chance == pytest.approx(0.9)
    assert forecast(key_result(on_high), read(values)).chance == pytest.approx(0.1)


def test_the_chance_of_a_falling_target_is_the_mirror_image() -> None:
    values = [10.0, 11.0, 13.0, 12.0, 15.0, 16.0, 17.0]
    up = Target(TargetType.INCREASE, goal=60.0, start=0.0)
    down = Target(TargetType.DECREASE, goal=-60.0, start=0.0)

    above = forecast(key_result(up), read(values))
    below = forecast(key_result(down), read([-one for one in values]))

    assert 0.1 < above.chance < 0.9
    assert below.chance == pytest.approx(above.chance)
    assert (below.low, below.middle, below.high) == (-above.high, -above.middle, -above.low)


@pytest.mark.parametrize(
    ("goal", "chance"), [(30.0, 0.99), (500.0, 0.01), (18.0, 1.0)], ids=["sure", "lost", "met"]
)
def test_nothing_is_certain_before_it_is_met(goal: float, chance: float) -> None:
    target = Target(TargetType.AT_LEAST, goal=goal)

    assert forecast(key_result(target), read(rising(9))).chance == chance


def test_what_is_met_and_falls_back_has_little_chance() -> None:
    values = [30.0, 28.0, 27.0, 25.0, 24.0, 22.0, 20.0]

    found = forecast(key_result(Target(TargetType.AT_LEAST, goal=20.0)), read(values))

    assert found.chance < 0.01
    assert found.lands_at == FEB_20


# ------------------------------------------------------------------------ when there is none


@pytest.mark.parametrize(
    ("kr", "evidence", "words"),
    [
        (key_result(None), read(rising(9)), "the target is not decided yet"),
        (key_result(NO_BREACHES), read(rising(9)), "a guard holds or is breached"),
        (key_result(DONE), read(rising(9)), "it is done or not done"),
        (key_result(milestones(site="2026-03-01")), read([0.5] * 9), "by its dates"),
        (key_result(HUNDRED, due=FEB_20), read(rising(9)), "the due date has passed"),
        (
            key_result(HUNDRED, ending=Ending(FEB_20, "nobody needs it")),
            read(rising(9)),
            "it has ended",
        ),
        (key_result(HUNDRED), Evidence(300.0), "no reading yet"),
        (
            key_result(
                Target(TargetType.DECREASE, goal=1.0, start_from="f" * 16, start_period="2025-Q4")
            ),
            read(rising(9)),
            "no reading of 2025-Q4 to start from",
        ),
        (
            key_result(HUNDRED),
            read(rising(9), reading=reading(None, FEB_20)),
            "there is no value to go on from",
        ),
        (
            key_result(HUNDRED, stale_after_seconds=3600.0),
            read(rising(9), FEB_20 - HOUR),
            "the data is stale",
        ),
        (key_result(HUNDRED), read([10.0]), "1 day of readings; a forecast needs 7"),
        (key_result(HUNDRED), read(rising(3)), "3 days of readings; a forecast needs 7"),
        (key_result(HUNDRED), read(rising(6)), "6 days of readings; a forecast needs 7"),
        (
            key_result(HUNDRED, time_off=(TimeOff("Freeze", START, FEB_20 - 3 * DAY),)),
            read(rising(9)),
            FREEZE_WORDS,
        ),
        (
            key_result(HUNDRED),
            read([1e308, -1e308] * 5),
            "the readings are too far apart",
        ),
    ],
)
def test_without_what_it_needs_there_is_no_forecast_and_the_words_say_why(
    kr: KeyResult, evidence: Evidence, words: str
) -> None:
    assert why_none(kr, evidence) == words


def test_without_any_history_it_says_so() -> None:
    assert why_none(key_result(HUNDRED), read(rising(9), history=())) == (
        "0 days of readings; a forecast needs 7"
    )


def test_seven_days_are_enough() -> None:
    assert forecast(key_result(HUNDRED), read(rising(7))).readings == 7


def test_values_that_are_none_and_later_ones_do_not_count() -> None:
    history = daily([*rising(7), float("nan"), 90.0], FEB_20 + DAY)

    found = forecast(key_result(HUNDRED), read(rising(7), history=history))

    assert found.readings == 7
    assert found.middle == pytest.approx(16.0 + 40.5)


# ------------------------------------------------------------------- whatever the numbers

goals = st.floats(-50.0, 50.0)
series = st.lists(st.floats(-100.0, 100.0), min_size=7, max_size=20)
any_target = st.one_of(
    st.builds(Target, st.sampled_from([TargetType.AT_LEAST, TargetType.AT_MOST]), goal=goals),
    st.builds(
        Target,
        st.sampled_from([TargetType.INCREASE, TargetType.DECREASE]),
        goal=goals,
        start=goals,
    ),
)


@given(any_target, series, st.sampled_from(Dimension))
def test_the_landing_is_in_order_and_the_chance_fits_to_it(
    target: Target, values: list[float], dimension: Dimension
) -> None:
    kr = key_result(target)
    evidence = read(values, dimension=dimension)

    assessment: Assessment = judged_once(kr, evidence, FEB_20)

    found = assessment.forecast
    assert found is not None
    assert assessment.no_forecast is None
    assert found.low <= found.middle <= found.high
    assert 0.0 <= found.chance <= 1.0
    if assessment.status is not Status.ACHIEVED:
        assert 0.01 <= found.chance <= 0.99
    if found.lands_at is not None:
        assert FEB_20 <= found.lands_at <= DUE + 2 * (DUE - START)


@given(
    st.lists(st.floats(0.0, 1.0), min_size=7, max_size=20),
    st.floats(0.01, 1.0),
    st.sampled_from([TargetType.AT_LEAST, TargetType.AT_MOST]),
)
def test_a_share_never_lands_outside_of_0_and_1(
    values: list[float], goal: float, kind: TargetType
) -> None:
    found = forecast(key_result(Target(kind, goal=goal)), read(values, dimension=Dimension.RATIO))

    assert found.low >= 0.0
    assert found.high <= 1.0


@given(series, st.lists(st.floats(0.1, 1.0), max_size=2))
def test_a_forecast_changes_no_status(values: list[float], corners: list[float]) -> None:
    bends = tuple(Checkpoint(START + 20 * DAY, 100.0 * one) for one in corners)
    kr, evidence = key_result(HUNDRED, checkpoints=bends), read(values)

    with_it = judged_once(kr, evidence, FEB_20)
    without = judged_once(kr, replace(evidence, history=()), FEB_20)

    assert (with_it.status, with_it.due_to_change_at) == (without.status, without.due_to_change_at)
    assert with_it.reason.startswith(without.reason.split("; waits")[0])
