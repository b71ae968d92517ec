"""What has moved one way only is counted on: from today's value, as far and as surely as it came."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Dimension
from syncd.assess.counted_up import _FROM_FEW, _PRIOR_ARRIVALS, CountedUp, counted_up, one_way
from syncd.model import Forecast, KeyResult, Target, TargetType
from tests.unit.assess.cases import (
    daily,
    end_of,
    judged_once,
    key_result,
    moment,
    reading,
    seen,
)

NOW = moment("2026-02-20 12:00")
SIXTEEN = Target(TargetType.AT_LEAST, goal=16.0)
NONE_OPEN = Target(TargetType.DECREASE, goal=0.0, start=40.0)


def by_day(values: list[float]) -> list[tuple[float, float]]:
    return [(float(day), value) for day, value in enumerate(values)]


def rate_of(values: list[float], single: float = 1.0, *, towards: int = 1) -> CountedUp:
    found = counted_up(by_day(values), towards, single, whole=single == 1.0)
    assert found is not None
    return found


def landing(
    values: list[float], kr: KeyResult, dimension: Dimension = Dimension.COUNT, of: float = 0.0
) -> Forecast:
    newest = reading(values[-1], NOW, denominator=of or None)
    evidence = seen(
        values[-1], NOW, reading=newest, dimension=dimension, history=daily(values, NOW)
    )
    found = judged_once(kr, evidence, NOW).forecast
    assert found is not None
    return found


# ------------------------------------------------------------------------- which numbers


@pytest.mark.parametrize(
    ("values", "way"),
    [
        ([0.0, 0.0, 1.0], 1),
        ([1.0, 0.5, 0.5], -1),
        ([0.3, 0.3], 0),
        ([1.0, 2.0, 1.0], None),
        ([0.1 + 0.2, 0.3, 0.4], 1),
        ([5.0], 0),
    ],
)
def test_a_number_has_moved_one_way_or_both(values: list[float], way: int | None) -> None:
    assert one_way(values) == way


def test_one_thing_on_the_last_day_does_not_land_on_none() -> None:
    found = landing([0.0] * 20 + [1.0], key_result(SIXTEEN))

    assert found.low >= 1.0
    assert found.middle > 1.0


def test_what_has_fallen_may_fall_again() -> None:
    assert landing([3.0, 3.0, 3.0, 2.0, 2.0, 2.0, 1.0, 2.0], key_result(SIXTEEN)).middle < 2.0


def test_a_count_that_rises_though_it_should_fall_does_not_come_down_by_itself() -> None:
    found = landing([2.0, 2.0, 3.0, 3.0, 4.0, 6.0, 7.0, 7.0], key_result(NONE_OPEN))

    assert found.low >= 7.0
    assert (found.lands_at, found.chance) == (None, 0.01)


def test_what_has_not_moved_may_come_as_far_as_half_a_thing_in_the_time_seen() -> None:
    still = landing([0.0] * 28, key_result(SIXTEEN))

    assert (still.low, still.middle) == (0.0, 0.0)
    assert 1.0 <= still.high <= 4.0
    assert landing([40.0] * 28, key_result(NONE_OPEN)).high == 40.0


def test_what_is_met_and_does_not_move_stays() -> None:
    found = landing([3.0] * 10, key_result(Target(TargetType.AT_MOST, goal=5.0)))

    assert (found.low, found.middle, found.high) == (3.0, 3.0, 3.0)


def test_a_share_moves_by_one_of_its_things() -> None:
    level, kr = [0.5] * 20, key_result(Target(TargetType.AT_LEAST, goal=1.0))

    few, many = (landing(level, kr, Dimension.RATIO, of) for of in (10.0, 1000.0))

    assert few.high > many.high > 0.5
    assert landing(level, kr, Dimension.RATIO).high == 0.5


# ------------------------------------------------------------------------- where it lands


def test_whole_things_land_on_whole_numbers() -> None:
    found = landing([0.0, 1.0, 1.0, 3.0, 3.0, 4.0, 4.0, 5.0], key_result(SIXTEEN))

    assert all(one == int(one) for one in (found.low, found.middle, found.high))


def test_the_chance_is_even_where_the_middle_has_come_half_a_thing_near() -> None:
    found = rate_of([0.0, 1.0, 1.0, 3.0, 3.0, 4.0, 4.0, 5.0])
    crossing = found.crossing(16.0)
    assert crossing is not None

    assert found.at(crossing + 0.01)[1] == 16.0
    assert found.at(crossing - 0.01)[1] == 15.0


def test_it_crosses_nothing_behind_it_and_nothing_out_of_sight() -> None:
    found = rate_of([0.0, 0.0, 1.0, 2.0])

    assert found.crossing(2.0) == 3.0
    assert found.crossing(1.0) == 3.0
    assert found.crossing(1e9) is None


def test_evenly_and_in_batches_the_same_number_comes_less_and_more_surely() -> None:
    even, chance, batch = (
        rate_of(list(accumulate(map(float, steps))))
        for steps in (
            [0] + [1] * 12,
            [0, 2, 0, 1, 3, 0, 1, 0, 2, 1, 0, 2, 0],
            [0] * 6 + [12] + [0] * 6,
        )
    )

    widths = [one.at(30.0)[2] - one.at(30.0)[0] for one in (even, chance, batch)]

    assert widths == sorted(widths)
    assert widths[0] < widths[1] < widths[2]


def test_time_that_does_not_count_adds_nothing_to_the_time_seen() -> None:
    points = [(0.0, 0.0), (1.0, 1.0), (1.0, 2.0), (2.0, 3.0)]

    found = counted_up(points, 1, 1.0, whole=True)

    assert found is not None
    assert found.seen == 2.0
    assert counted_up([(1.0, 1.0), (1.0, 2.0)], 1, 1.0, whole=True) is None


steps = st.lists(st.integers(0, 6).map(float), min_size=7, max_size=20)


@given(steps, st.integers(1, 90))
def test_a_landing_is_never_behind_today_and_spreads_with_time(
    added: list[float], ahead: int
) -> None:
    values = list(accumulate(added))
    last = float(len(values) - 1)

    near, far = (rate_of(values).at(last + days) for days in (ahead, ahead + 5))

    assert values[-1] <= near[0] <= near[1] <= near[2]
    assert near[1] <= far[1]
    assert near[2] <= far[2]


@given(steps, st.integers(1, 90))
def test_what_is_counted_down_is_the_mirror_image(added: list[float], ahead: int) -> None:
    values = list(accumulate(added))
    at = len(values) - 1 + float(ahead)

    low, middle, high = rate_of(values).at(at)

    assert rate_of([-one for one in values], towards=-1).at(at) == (-high, -middle, -low)


@given(steps)
def test_the_day_the_chance_and_the_middle_say_the_same_of_the_goal(added: list[float]) -> None:
    values = list(accumulate(added))
    kr = key_result(Target(TargetType.AT_LEAST, goal=values[-1] + 9.0))

    found = landing(values, kr)

    by_the_due_day = found.lands_at is not None and found.lands_at <= end_of("2026-03-31")
    assert by_the_due_day == (found.chance >= 0.5) == (found.middle >= values[-1] + 9.0)


# --------------------------------------------------------------------- how sure that is


def by_chance(rate: float) -> Callable[[Random], float]:
    """How many arrive in a day (Knuth's way)."""

    def arrivals(random: Random) -> float:
        count, left, limit = 0, random.random(), math.exp(-rate)
        while left > limit:
            count, left = count + 1, left * random.random()
        return float(count)

    return arrivals


def in_batches(random: Random) -> float:
    return by_chance(0.3)(random) * random.choice((1, 2, 5))


def any_amount(random: Random) -> float:
    return random.gammavariate(0.5, 0.02)


@pytest.mark.parametrize(
    ("step", "single", "days", "ahead"),
    [
        (by_chance(0.2), 1.0, 28, 30),
        (by_chance(0.2), 1.0, 10, 20),
        (by_chance(0.5), 1.0, 7, 10),
        (by_chance(0.5), 1.0, 28, 30),
        (by_chance(3.0), 1.0, 8, 30),
        (by_chance(3.0), 1.0, 28, 10),
        (in_batches, 1.0, 28, 10),
        (in_batches, 1.0, 14, 30),
        (any_amount, 0.0, 10, 20),
        (any_amount, 0.0, 28, 30),
    ],
)
def test_eight_of_ten_landings_are_about_eight_of_ten(
    step: Callable[[Random], float], single: float, days: int, ahead: int
) -> None:
    random, kept, tries = Random(1931), 0, 600
    for _ in range(tries):
        values = list(accumulate(step(random) for _ in range(days + ahead)))
        low, _, high = rate_of(values[:days], single).at(float(days + ahead - 1))
        kept += low <= values[-1] <= high

    assert 0.73 < kept / tries < 0.91


# ------------------------------------------------------------------------ when it is there


@pytest.mark.parametrize(("towards", "single"), [(1, 1.0), (-1, 1.0), (1, 0.0), (-1, 0.25)])
def test_it_crosses_what_it_lands_on_and_where_it_is_at_once(towards: int, single: float) -> None:
    values = [100.0 + towards * 3.0 * day for day in range(9)]
    found = rate_of(values, single, towards=towards)
    goal = values[-1] + towards * 7.0

    crossing = found.crossing(goal)

    assert crossing is not None
    _, before, _ = found.at(crossing - 1e-6)
    _, after, _ = found.at(crossing + 1e-6)
    # a whole thing is there at once, and anything else little by little
    assert before == (goal - towards if found.whole else pytest.approx(goal, abs=1e-3))
    assert after == (goal if found.whole else pytest.approx(goal, abs=1e-3))
    assert found.crossing(values[-1]) == found.crossing(values[0]) == 8.0
    assert found.crossing(values[-1] - towards) == 8.0
    assert found.slope == pytest.approx(towards * found.rate)


def test_what_is_close_is_there_soon() -> None:
    crossing = rate_of([3.0 * day for day in range(9)], 0.0).crossing(24.1)

    assert crossing == pytest.approx(8.0 + 0.1 / 3.0, abs=1e-3)


def test_steps_of_unknown_size_are_as_large_as_they_came_unevenly() -> None:
    found = rate_of([0.0, 1.0, 1.0, 4.0, 5.0, 9.0], 0.0)

    # 1.8 a day; the squares beside that are 10.8, which is four times 1.5 of it
    size = 1.5
    assert found.rate == pytest.approx((9.0 + _PRIOR_ARRIVALS * size) / 5.0)
    assert found.variance == pytest.approx(
        size * found.rate * (1 + _FROM_FEW / (9.0 * 9.0 / 27.0 + 1))
    )


def test_where_its_clock_begins_changes_no_landing_either() -> None:
    values = [0.0, 1.0, 1.0, 4.0, 5.0, 9.0]
    moved = counted_up([(x + 1000.0, y) for x, y in by_day(values)], 1, 1.0, whole=True)

    assert moved is not None
    assert moved.at(1020.0) == rate_of(values).at(20.0)


def test_of_an_unknown_step_nothing_is_taken_to_have_come_before() -> None:
    still = counted_up(by_day([3.0] * 6), 1, 0.0, whole=False)

    assert still is not None
    assert (still.rate, still.variance, still.at(90.0)) == (0.0, 0.0, (3.0, 3.0, 3.0))
    assert still.crossing(4.0) is None


@pytest.mark.parametrize(
    ("values", "size", "arrivals"),
    [
        # squares of steps less their mean, by the mean; by one less than there are steps
        ([0.0, 1.0, 3.0, 4.0], (2 / 3) / (4 / 3) / 2, 16 / 6),
        ([0.0, 1.0, 3.0], 0.5 / 1.5 / 1, 9 / 5),
    ],
)
def test_where_no_arrival_is_known_its_size_is_that_of_the_steps_alone(
    values: list[float], size: float, arrivals: float
) -> None:
    found = rate_of(values, single=0.0)

    rate = (values[-1] + _PRIOR_ARRIVALS * size) / (len(values) - 1)
    assert found.rate == pytest.approx(rate)
    assert found.variance == pytest.approx(size * rate * (1 + _FROM_FEW / (arrivals + 1)))
