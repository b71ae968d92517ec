"""At which moments a server is asked, and in how many requests."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.prometheus.grids import (
    MOST_POINTS,
    MOST_REQUESTS,
    Grid,
    coarse_step,
    default_step,
    grid,
    joined,
    milliseconds,
    moment_of,
    runs,
)

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
NOW = 1_768_473_000_000

moments = st.integers(0, 2 * NOW)
steps = st.integers(1, 30 * DAY)
lengths = st.integers(1000, 1830 * DAY)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  hypothesis adds the zone
def test_a_moment_is_cut_to_the_millisecond_below(moment: datetime) -> None:
    back = moment_of(milliseconds(moment))

    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)


@given(start=moments, length=st.integers(0, 10**7), step=st.integers(1, 10**6))
def test_the_moments_of_a_window_are_multiples_of_the_step_after_its_beginning(
    start: int, length: int, step: int
) -> None:
    at = grid(start, start + length, step)

    expected = (start + length) // step - start // step
    assert len(at) == max(0, expected)
    if len(at):
        assert at.first % step == at.last % step == 0
        assert start < at.first <= at.last <= start + length
        assert at.first - start <= step
        assert start + length - at.last < step


@given(start=moments, length=st.integers(1, 400), apart=st.integers(1, 500))
def test_a_later_look_at_the_same_window_asks_for_the_same_moments(
    start: int, length: int, apart: int
) -> None:
    one = set(grid(start, start + length * 1000, 1000))
    other = set(grid(start, start + length * 1000 + apart, 1000))

    assert one <= other


@given(first=moments, count=st.integers(1, 300), step=steps, most=st.integers(1, 50))
def test_pieces_are_the_whole_and_none_is_too_large(
    first: int, count: int, step: int, most: int
) -> None:
    whole = Grid(first, first + step * (count - 1), step)

    pieces = list(whole.pieces(most))

    assert [time for piece in pieces for time in piece] == list(whole)
    assert all(1 <= len(piece) <= most for piece in pieces)
    assert len(pieces) == -(-count // most)


@given(lengths)
def test_a_default_step_fits_the_limit_of_requests(window: int) -> None:
    step = default_step(window)

    assert step <= window
    assert window // step <= MOST_POINTS * MOST_REQUESTS


@pytest.mark.parametrize(
    ("window", "step"),
    [
        (1000, 1000),
        (MINUTE, 1000),
        (10 * MINUTE, 10_000),
        (30 * MINUTE, 30_000),
        (HOUR, MINUTE),
        (7 * DAY, MINUTE),
        (11_000 * MINUTE, MINUTE),  # what Prometheus gives at once, and no moment more
        (11_000 * MINUTE + 1, 2 * MINUTE),
        (14 * DAY, 2 * MINUTE),
        (28 * DAY, 5 * MINUTE),
        (90 * DAY, 5 * MINUTE),
        (365 * DAY, 5 * MINUTE),
        (12 * 11_000 * 5 * MINUTE, 5 * MINUTE),  # in a dozen requests
        (12 * 11_000 * 5 * MINUTE + 1, 10 * MINUTE),
        (730 * DAY, 10 * MINUTE),
        (1000 * 365 * DAY, DAY),  # more than a dozen requests can hold
    ],
)
def test_a_default_step_is_fine_for_short_windows_and_within_the_look_back_up_to_a_year(
    window: int, step: int
) -> None:
    assert default_step(window) == step


@given(lengths, st.integers(1, DAY))
def test_a_coarse_step_needs_one_request(window: int, least: int) -> None:
    step = coarse_step(window, least)

    assert step >= min(least, window // MOST_POINTS)
    assert window // step <= MOST_POINTS


@pytest.mark.parametrize(
    ("window", "least", "step"),
    [
        (HOUR, 1000, 1000),
        (HOUR, MINUTE, MINUTE),
        (HOUR, MINUTE + 1, 2 * MINUTE),
        (MOST_POINTS * MINUTE, 1, MINUTE),
        (MOST_POINTS * MINUTE + 1, 1, 2 * MINUTE),
        (MOST_POINTS * DAY, 1, DAY),
        (MOST_POINTS * DAY + 1, 1, DAY + 1),
        (MOST_POINTS * 2 * DAY, 1, 2 * DAY),
    ],
)
def test_a_coarse_step_is_the_finest_that_one_request_can_hold(
    window: int, least: int, step: int
) -> None:
    assert coarse_step(window, least) == step


STEPS = "1 5 10 15 30 60 120 300 600 900 1800 3600 7200 21600 86400"


@pytest.mark.parametrize("seconds", [int(text) for text in STEPS.split()])
def test_steps_are_what_clocks_are_divided_into(seconds: int) -> None:
    assert coarse_step(HOUR, 1000 * seconds) == 1000 * seconds


@given(st.lists(moments, unique=True, max_size=60))
def test_runs_are_the_moments_in_order(times: list[int]) -> None:
    times.sort()

    assert [time for run in runs(times) for time in run] == times


def test_an_even_grid_is_one_run_and_no_longer_than_one_request() -> None:
    hourly = [NOW + HOUR * n for n in range(MOST_POINTS + 1)]

    assert [len(run) for run in runs(hourly)] == [MOST_POINTS, 1]


def test_ends_of_days_are_two_runs_where_the_clocks_change() -> None:
    zone = ZoneInfo("America/Los_Angeles")
    days = [datetime(2026, 3, 1, tzinfo=zone) + timedelta(days=n) for n in range(31)]

    found = list(runs(milliseconds(day) for day in days))

    assert [len(run) for run in found] == [8, 23]
    assert {run.step for run in found} == {DAY}


def test_a_moment_said_twice_is_asked_for_once() -> None:
    assert [list(run) for run in runs([5, 5, 7, 7, 9])] == [[5, 7, 9]]


def test_a_moment_alone_is_a_run_of_one_second() -> None:
    assert list(runs([5])) == [Grid(5, 5, 1000)]


@pytest.mark.parametrize(
    ("second", "between", "found"),
    [
        (Grid(20, 30, 10), 0, [Grid(0, 30, 10)]),
        (Grid(30, 40, 10), 0, [Grid(0, 10, 10), Grid(30, 40, 10)]),
        (Grid(30, 40, 10), 1, [Grid(0, 40, 10)]),
        (Grid(0, 5, 10), 0, [Grid(0, 10, 10)]),
        (Grid(20, 19, 10), 0, [Grid(0, 10, 10)]),
    ],
)
def test_two_grids_that_are_near_each_other_are_one(
    second: Grid, between: int, found: list[Grid]
) -> None:
    assert list(joined([second, Grid(0, 10, 10)], between)) == found


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(-1, 40)), max_size=12), st.integers(0, 50)
)
def test_joined_grids_cover_all_and_leave_the_wide_gaps(
    parts: list[tuple[int, int]], between: int
) -> None:
    grids = [Grid(10 * first, 10 * (first + more), 10) for first, more in parts]

    found = list(joined(grids, between))

    covered = {time for one in found for time in one}
    assert {time for one in grids for time in one} <= covered
    for before, after in itertools.pairwise(found):
        assert after.first - before.last > 10 * (between + 1)
