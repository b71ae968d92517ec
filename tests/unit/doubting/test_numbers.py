"""Which numbers are believed at once."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Aggregate, Aggregation, Dimension, NumberPlan, ScanPlan, Scope
from syncd.doubting import doubt_of, is_outside, limits_of, shrink_doubt
from syncd.model import (
    Combination,
    Combining,
    Coverage,
    Doubt,
    DoubtKind,
    Indicator,
    Manual,
    Part,
    Plausible,
)
from tests.store.catalogues import Named

NUMBERS = st.floats(-1e9, 1e9)
SIZES = st.floats(0.01, 1e6)


def kind(value: float, limits: Plausible, good: float | None = None) -> DoubtKind | None:
    found = doubt_of(value, limits, good)
    return None if found is None else found.kind


@pytest.mark.parametrize(
    ("value", "limits", "good", "wanted"),
    [
        (50, Plausible(low=0, high=100), None, None),
        (-1, Plausible(low=0, high=100), None, DoubtKind.RANGE),
        (101, Plausible(low=0, high=100), 99, DoubtKind.RANGE),
        (0.1 + 0.2, Plausible(high=0.3), None, None),
        (1.3, Plausible(least=0, most=1, high=2), 0.9, DoubtKind.IMPOSSIBLE),
        (math.nan, Plausible(), None, DoubtKind.IMPOSSIBLE),
        (math.inf, Plausible(), 1, DoubtKind.IMPOSSIBLE),
        (10, Plausible(counter=True), 5000, DoubtKind.COUNTER),
        (5000, Plausible(counter=True), 5000, None),
        (5001, Plausible(counter=True), 5000, None),
        (120, Plausible(step=20), 100, None),
        (121, Plausible(step=20), 100, DoubtKind.STEP),
        (79, Plausible(step=20), 100, DoubtKind.STEP),
        (121, Plausible(step=0.2, step_relative=True), 100, DoubtKind.STEP),
        (-121, Plausible(step=0.2, step_relative=True), -100, DoubtKind.STEP),
        (7, Plausible(step=0.2, step_relative=True), 0, None),
        (1e6, Plausible(step=20, counter=True), None, None),
        (40, Plausible(counts=True), 100, DoubtKind.SHRINK),
        (40, Plausible(), 100, None),
        # what is this close to a limit is on it, whether that is small, large or nothing
        (-1e-9, Plausible(low=0), None, None),
        (-1.5e-9, Plausible(low=0), None, DoubtKind.RANGE),
        (1e-9, Plausible(high=0), None, None),
        (1e12 + 500, Plausible(high=1e12), None, None),
        (1e12 + 5000, Plausible(high=1e12), None, DoubtKind.RANGE),
        (-1e-9, Plausible(counter=True), 0, None),
        (-1.5e-9, Plausible(counter=True), 0, DoubtKind.COUNTER),
        (0.5 + 1e-9, Plausible(step=0.5), 0, None),
        (1e12 + 500, Plausible(step=1e12), 0, None),
        # that the one before was outside too is not enough, where nobody has confirmed it
        (150, Plausible(high=100), 150, DoubtKind.RANGE),
    ],
)
def test_a_number_is_doubted_for_a_cause(
    value: float, limits: Plausible, good: float | None, wanted: DoubtKind | None
) -> None:
    assert kind(value, limits, good) is wanted


@given(value=NUMBERS, good=st.none() | NUMBERS)
def test_nothing_is_doubted_where_nothing_is_declared(value: float, good: float | None) -> None:
    assert doubt_of(value, Plausible(), good) is None


@given(low=NUMBERS, size=SIZES, at=st.floats(-2, 3))
def test_a_range_doubts_exactly_what_is_outside(low: float, size: float, at: float) -> None:
    value, limits = low + at * size, Plausible(low=low, high=low + size)
    slack = 1e-6 * max(1.0, abs(low), abs(low + size))
    if low - slack <= value <= low + size + slack:
        return  # too near to the limit for rounding to tell
    assert kind(value, limits) is DoubtKind.RANGE
    middle = low + size / 2
    assert kind(middle, limits) is None


@given(good=NUMBERS, step=SIZES, part=st.floats(0, 0.999), up=st.booleans())
def test_a_step_within_the_limit_is_believed_and_a_larger_one_is_not(
    good: float, step: float, part: float, up: bool
) -> None:
    sign = 1 if up else -1
    limits = Plausible(step=step)
    assert kind(good + sign * part * step, limits, good) is None
    far = good + sign * (step * 1.01 + 1e-5 * max(1.0, abs(good)))
    assert kind(far, limits, good) is DoubtKind.STEP


@given(good=NUMBERS, value=NUMBERS)
def test_a_counter_doubts_only_what_runs_backwards(good: float, value: float) -> None:
    slack = 1e-6 * max(1.0, abs(good))
    found = kind(value, Plausible(counter=True), good)
    if value >= good:
        assert found is None
    elif value < good - slack:
        assert found is DoubtKind.COUNTER


@given(good=st.floats(100.5, 1e6), nearer=st.floats(0, 1.19), beyond=st.floats(1.21, 9))
def test_what_was_confirmed_outside_is_believed_until_it_goes_further_out(
    good: float, nearer: float, beyond: float
) -> None:
    limits = Plausible(low=0, high=100)
    assert doubt_of(100 + (good - 100) * nearer, limits, good, outside=True) is None
    assert doubt_of(100 + (good - 100) * beyond, limits, good, outside=True) is not None
    assert doubt_of(-good, limits, good, outside=True) is not None


@pytest.mark.parametrize(
    ("value", "good", "believed"),
    [(1.2, 1.0, True), (0.6 + 1e-9, 0.5, True), (0.6 + 3e-9, 0.5, False), (2e-9, None, False)],
)
def test_further_out_by_a_fifth_is_not_further_out(
    value: float, good: float | None, believed: bool
) -> None:
    found = doubt_of(value, Plausible(high=0.0), good, outside=True)

    assert (found is None) is believed


def test_no_number_at_all_is_not_outside() -> None:
    assert [is_outside(value, Plausible(low=0.0)) for value in (None, 0.0, -1.0)] == [
        False,
        False,
        True,
    ]


@given(before=st.integers(0, 10_000), after=st.integers(0, 10_000), ratio=st.floats(0, 1))
def test_a_scope_may_lose_its_share_and_grow_as_it_likes(
    before: int, after: int, ratio: float
) -> None:
    lost = before - after
    if abs(lost - ratio * before) < 1e-6 * max(1, before):
        return
    assert (shrink_doubt(before, after, ratio) is not None) is (lost > ratio * before)


@pytest.mark.parametrize(
    ("before", "after", "believed"),
    [(19, 0, True), (20, 0, False), (1000, 500, True), (1000, 499, False), (0, 0, True)],
)
def test_without_a_declaration_more_than_half_of_twenty_do_not_go_at_once(
    before: int, after: int, believed: bool
) -> None:
    assert (shrink_doubt(before, after, None) is None) is believed
    assert shrink_doubt(before, after, 1.0) is None  # the way to switch it off


def test_a_scope_that_shrank_says_from_how_many_to_how_many_and_what_may_go() -> None:
    assert shrink_doubt(1000, 100, None) == Doubt(
        DoubtKind.SHRINK, value=100.0, good=1000.0, limit=0.5, relative=True
    )


def scanned(how: Aggregation, dimension: Dimension) -> Indicator:
    plan = ScanPlan(Scope("jira", {}), Named("n"), Aggregate(how, 90.0), dimension)
    return Indicator("x", "jira.x", "jira", plan, dimension, None, {})


def numbered(dimension: Dimension, unit: str | None = None, *, counts: bool = False) -> Indicator:
    plan = NumberPlan("netbox", {}, dimension, counts=counts)
    return Indicator("x", "x", "netbox", plan, dimension, unit, {})


def differing(how: Combining) -> Indicator:
    plan = Combination(how, (Part("a"), Part("b")))
    return Indicator("x", "combine", None, plan, Dimension.COUNT, None, {})


@pytest.mark.parametrize(
    ("indicator", "impossible", "doubted", "believed"),
    [
        (scanned(Aggregation.SHARE, Dimension.RATIO), [-0.1, 1.1], [], [0, 1]),
        (scanned(Aggregation.COUNT, Dimension.COUNT), [-1], [], [0, 1e6]),
        (scanned(Aggregation.PERCENTILE, Dimension.DURATION), [], [-1], [0, 1e9]),
        (numbered(Dimension.RATIO, "ratio"), [], [], [-0.5, 2.0]),
        (numbered(Dimension.COUNT), [], [-1], [0]),
        (numbered(Dimension.COUNT, counts=True), [-1], [], [0]),
        (numbered(Dimension.OTHER, "USD"), [], [], [-5.0]),
        (differing(Combining.DIFFERENCE), [], [], [-5.0]),
        (differing(Combining.SUM), [], [-5.0], [5.0]),
    ],
)
def test_a_kind_of_number_has_limits_of_its_own(
    indicator: Indicator,
    impossible: list[float],
    doubted: list[float],
    believed: list[float],
) -> None:
    limits = limits_of(indicator)
    assert {kind(value, limits) for value in impossible} <= {DoubtKind.IMPOSSIBLE}
    assert {kind(value, limits) for value in doubted} <= {DoubtKind.RANGE}
    assert {kind(value, limits) for value in believed} <= {None}
    assert all(kind(value, limits) is not None for value in [*impossible, *doubted])


def test_what_a_person_gives_has_the_limits_that_are_declared_and_no_others() -> None:
    indicator = Indicator("x", "manual", None, Manual(86_400.0), Dimension.COUNT, None, {})

    assert limits_of(indicator) == indicator.plausible


def test_a_number_of_things_may_not_shrink_as_it_likes_where_its_source_counts_them() -> None:
    limits = limits_of(numbered(Dimension.COUNT, counts=True))

    assert kind(40, limits, 100) is DoubtKind.SHRINK
    assert kind(40, limits_of(numbered(Dimension.COUNT)), 100) is None


def test_the_share_of_a_coverage_is_within_the_whole() -> None:
    indicator = Indicator("x", "coverage", None, Coverage("a", "b"), Dimension.RATIO, None, {})
    assert kind(1.01, limits_of(indicator)) is DoubtKind.IMPOSSIBLE
