"""Slopes by their rank are those that sorting all of them would find, to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, combinations
from random import Random

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from syncd.assess import slopes
from syncd.assess.slopes import FEW, slopes_at

Points = list[tuple[float, float]]
Shape = Callable[[Random, int], Points]


def every_slope(points: Points) -> list[float]:
    """Straightforward: all of them, in order."""
    return sorted((d - b) / (c - a) for (a, b), (c, d) in combinations(points, 2) if c > a)


def bits(numbers: list[float]) -> list[str]:
    """Each as it is written to the last bit, its sign too."""
    return [number.hex() for number in numbers]


def ranks_around(share: float, reach: int, count: int) -> list[int]:
    """Those that a trend asks for: a low one, the one or two in the middle, a high one."""
    middle = min(count - 1, int(share * count))
    return [max(0, middle - reach), middle, min(count - 1, middle + reach)]


def wandering(random: Random, days: int) -> Points:
    return list(enumerate(accumulate(random.uniform(-0.004, 0.012) for _ in range(days))))


def around_a_line(random: Random, days: int) -> Points:
    return [(day * 86_400 + random.uniform(0, 3e4), random.gauss(day, 9)) for day in range(days)]


def whole_numbers(random: Random, days: int) -> Points:
    return list(enumerate(accumulate(random.choice([-1.0, 0.0, 0.0, 2.0]) for _ in range(days))))


def plateaus(random: Random, days: int) -> Points:
    return [(float(day), day // 9 + random.choice([0.0, 0.0, 0.1])) for day in range(days)]


def several_at_a_time(random: Random, days: int) -> Points:
    times = sorted(random.randrange(days // 2) for _ in range(days))
    return [(float(at), round(random.gauss(at, 3), 1)) for at in times]


def with_dips(random: Random, days: int) -> Points:
    return [(float(day), 1.0 - random.choice([0.0] * 5 + [0.1, 0.02])) for day in range(days)]


def seldom_moving(random: Random, days: int) -> Points:
    moves = (random.choice([0.0] * 30 + [-0.1, 0.1, 0.2]) for _ in range(days))
    return [(float(day), value) for day, value in enumerate(accumulate(moves))]


def with_time_off(random: Random, days: int) -> Points:
    """On days off neither time nor the value goes on: the same point again."""
    moves = [(86_400.0, random.uniform(-1, 3)) for _ in range(days)]
    moves[9:16] = [(0.0, 0.0)] * 7
    return list(zip(*map(accumulate, zip(*moves, strict=True)), strict=True))


def far_from_zero(random: Random, days: int) -> Points:
    return [(1.7e9 + day, 1e6 * day + random.gauss(0, 400)) for day in range(days)]


def level(random: Random, days: int) -> Points:
    return [(float(day), 5.0) for day in range(days)]


def straight(random: Random, days: int) -> Points:
    return [(float(day), 0.1 * day) for day in range(days)]


OF_A_QUARTER: list[Shape] = [
    wandering,
    around_a_line,
    whole_numbers,
    plateaus,
    several_at_a_time,
    with_dips,
    seldom_moving,
    with_time_off,
]
SHAPES: list[Shape] = [
    *OF_A_QUARTER,
    far_from_zero,
    level,
    straight,
]


@pytest.mark.parametrize("shape", SHAPES)
@given(
    st.integers(0, 10**6),
    st.integers(FEW, FEW + 60),
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 400),
)
@settings(max_examples=40, deadline=None)
def test_they_are_those_of_all_sorted(
    shape: Shape, seed: int, days: int, share: float, reach: int
) -> None:
    points = shape(Random(seed), days)
    every = every_slope(points)
    assume(every)
    ranks = ranks_around(share, reach, len(every))

    assert bits(slopes_at(points, len(every), ranks)) == bits([every[rank] for rank in ranks])


extreme = st.one_of(
    st.floats(-1e3, 1e3),
    st.sampled_from([0.0, 5e-324, -5e-324, 1e-310, 2.3e-308, 1e-300, 1e300, 1.7e308, -1.7e308]),
)


@given(st.lists(st.tuples(st.integers(0, 99).map(float), extreme), min_size=FEW, max_size=FEW + 9))
@example([(float(day), 5e-324 * (day % 3)) for day in range(FEW)])
@example([(float(day), 1.7e308 * (-1) ** day) for day in range(FEW)])
@settings(max_examples=200, deadline=None)
def test_neither_the_smallest_nor_the_largest_numbers_mislead(points: Points) -> None:
    points.sort()
    every = every_slope(points)
    assume(every)
    ranks = ranks_around(0.5, len(every) // 12, len(every))

    assert slopes_at(points, len(every), ranks) == [every[rank] for rank in ranks]


def test_where_the_lines_do_not_enclose_the_ranks_all_are_sorted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = wandering(Random(9), 90)
    every = every_slope(points)
    ranks = ranks_around(0.5, 180, len(every))
    # the pairs that are looked at first say that there are hardly any slopes
    monkeypatch.setattr(slopes, "_pairs", lambda _: [(0, 1), (1, 2)])

    assert slopes_at(points, len(every), ranks) == [every[rank] for rank in ranks]


def sorted_of(monkeypatch: pytest.MonkeyPatch, shape: Shape) -> int:
    """Of how many of fifty quarters all slopes were made."""
    made = []

    def noted(points: Points) -> list[float]:
        made.append(points)
        return every_slope(points)

    monkeypatch.setattr(slopes, "all_slopes", noted)
    for seed in range(50):
        points = shape(Random(seed), 90)
        every = every_slope(points)
        slopes_at(points, len(every), ranks_around(0.5, 184, len(every)))
    return len(made)


@pytest.mark.parametrize(
    "shape",
    OF_A_QUARTER,
)
def test_of_a_quarter_of_days_most_slopes_are_never_made(
    monkeypatch: pytest.MonkeyPatch, shape: Shape
) -> None:
    assert sorted_of(monkeypatch, shape) <= 5


def test_where_rounding_could_tell_the_order_wrongly_all_are_sorted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert sorted_of(monkeypatch, far_from_zero) == 50
