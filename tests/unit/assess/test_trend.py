"""The trend through a number's days: robust, with bounds that hold about as often as they say."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.assess.trend import Trend, trend_of

numbers = st.floats(-100.0, 100.0)
points = st.lists(st.tuples(st.integers(0, 40).map(float), numbers), min_size=2, max_size=15).map(
    sorted
)


def by_day(values: list[float]) -> list[tuple[float, float]]:
    return [(float(day), value) for day, value in enumerate(values)]


# What scipy.stats.theilslopes(y, x, alpha=0.8, method="joint") of scipy 1.17.1 gives; the first are
# the numbers of Sen's own paper (1968).
@pytest.mark.parametrize(
    ("xs", "ys", "slope", "low", "high", "level"),
    [
        (
            [1, 2, 3, 4, 10, 12, 18],
            [9, 15, 19, 20, 45, 55, 78],
            4.0,
            3.833333,
            4.166667,
            6.0,
        ),
        (
            [0, 1, 1, 2, 3, 3, 3, 4, 5, 6],
            [3, 3, 4, 4, 4, 5, 6, 6, 6, 9],
            1.0,
            0.6,
            1.0,
            2.0,
        ),
        (
            range(8),
            [10, 9.5, 9.7, 8, 8.1, 7, 7.5, 5],
            -0.6125,
            -0.75,
            -0.466667,
            10.0875,
        ),
        (
            range(12),
            [0.3, -1.1, 0.7, 2.2, -0.4, 1.9, 0.1, 3.3, 2.4, 1.0, 4.1, 2.7],
            0.273214,
            0.2,
            0.428571,
            0.183929,
        ),
    ],
    ids=["Sen's own", "with ties", "falling", "noise"],
)
def test_slope_and_interval_are_those_of_scipy(
    xs: list[float], ys: list[float], slope: float, low: float, high: float, level: float
) -> None:
    trend = trend_of([(float(x), float(y)) for x, y in zip(xs, ys, strict=True)])

    assert trend is not None
    found = (trend.slope, trend.slope_low, trend.slope_high)
    assert found == pytest.approx((slope, low, high), abs=1e-6)
    assert trend.crossing(level) == pytest.approx(0.0, abs=1e-5)


def test_points_at_one_moment_have_no_trend() -> None:
    assert trend_of([(1.0, 2.0), (1.0, 5.0)]) is None


def test_a_level_line_crosses_nothing() -> None:
    trend = trend_of(by_day([5.0] * 8))

    assert trend is not None
    assert trend.crossing(7.0) is None
    assert trend.at(100.0) == (5.0, 5.0, 5.0)


def test_a_quarter_of_odd_days_does_not_bend_the_line() -> None:
    values = [float(day) for day in range(12)]
    for odd in (2, 7, 10):
        values[odd] = 900.0

    trend = trend_of(by_day(values))

    assert trend is not None
    assert trend.slope == 1.0
    assert trend.at(20.0)[1] == pytest.approx(20.0)


def test_what_scatters_around_a_line_does_not_wander_and_what_is_added_up_does() -> None:
    around = trend_of(by_day([day + (-1.0) ** day for day in range(20)]))
    added = trend_of(by_day(list(accumulate([1.0, 1.0, 1.0, 4.0] * 2 + [0.0, 1.0, 0.0] * 4))))

    assert around is not None
    assert added is not None
    assert around.wander == 0.0
    assert added.wander > 0.5


def drawn(trend: Callable[[Random, int], list[float]], days: int, ahead: int) -> float:
    """The share of landings that lay within the bounds."""
    random, kept, tries = Random(1968), 0, 300
    for _ in range(tries):
        values = trend(random, days + ahead)
        found = trend_of(by_day(values[:days]))
        assert found is not None
        low, _, high = found.at(float(days + ahead - 1))
        kept += low <= values[-1] <= high
    return kept / tries


def around_a_line(random: Random, days: int) -> list[float]:
    return [0.5 * day + random.gauss(0, 2) for day in range(days)]


def added_up(random: Random, days: int) -> list[float]:
    return list(accumulate(0.5 + random.gauss(0, 1) for _ in range(days)))


@pytest.mark.parametrize(
    ("trend", "days", "ahead", "least", "most"),
    [
        (around_a_line, 28, 10, 0.75, 0.93),
        (around_a_line, 10, 20, 0.75, 0.95),
        (added_up, 28, 10, 0.72, 0.9),
        (added_up, 10, 20, 0.72, 0.9),
    ],
)
def test_the_bounds_hold_about_as_often_as_the_reference_says(
    trend: Callable[[Random, int], list[float]], days: int, ahead: int, least: float, most: float
) -> None:
    assert least < drawn(trend, days, ahead) < most


def either(found: list[tuple[float, float]]) -> Trend | None:
    return trend_of(found)


@given(points, st.floats(0.0, 60.0))
def test_the_middle_is_between_the_bounds_and_they_part_with_time(
    found: list[tuple[float, float]], ahead: float
) -> None:
    trend = either(found)
    if trend is None:
        return
    last = found[-1][0]

    near, far = trend.at(last), trend.at(last + ahead)

    assert near[0] <= near[1] <= near[2]
    assert far[0] <= far[1] <= far[2]
    assert far[2] - far[0] >= near[2] - near[0] - 1e-6


@given(points, numbers, numbers)
def test_a_line_that_is_added_to_the_values_is_added_to_the_trend(
    found: list[tuple[float, float]], level: float, slope: float
) -> None:
    plain, tilted = either(found), either([(x, y + level + slope * x) for x, y in found])
    if plain is None or tilted is None:
        assert plain is None
        assert tilted is None
        return

    x = found[-1][0] + 10.0
    added = level + slope * x

    assert tilted.slope == pytest.approx(plain.slope + slope, abs=1e-6)
    assert tilted.spread == pytest.approx(plain.spread, abs=1e-6)
    assert tilted.at(x)[1] == pytest.approx(plain.at(x)[1] + added, abs=1e-5)


@given(points, st.floats(0.0, 500.0))
def test_where_its_clock_begins_changes_no_landing(
    found: list[tuple[float, float]], later: float
) -> None:
    plain, moved = trend_of(found), trend_of([(x + 1000.0, y) for x, y in found])

    assert (plain is None) == (moved is None)
    if plain is not None and moved is not None:
        x = found[-1][0] + later
        assert moved.at(x + 1000.0) == pytest.approx(plain.at(x), rel=1e-6, abs=1e-6)


def test_of_two_points_nobody_knows_how_they_wander() -> None:
    trend = trend_of([(0.0, 1.0), (1.0, 3.0)])

    assert trend is not None
    assert (trend.slope, trend.wander) == (2.0, 0.0)


def test_of_few_slopes_the_interval_is_all_of_them_and_no_more() -> None:
    days_off = [(0.0, float(y)) for y in range(6)]

    trend = trend_of([*days_off, (1.0, 6.0)])

    assert trend is not None
    assert (trend.slope_low, trend.slope_high) == (1.0, 6.0)
