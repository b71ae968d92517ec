"""Combinations: a number made of numbers, never surer than its parts."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.compose import Composed, PartReadings, combine
from syncd.model import Combination, Combining, Part, Reading
from tests.unit.compose.sets import NOW

SUM, MINIMUM, RATIO, DIFFERENCE, MEAN = (
    Combining.SUM,
    Combining.MINIMUM,
    Combining.RATIO,
    Combining.DIFFERENCE,
    Combining.WEIGHTED_MEAN,
)


def reading(value: float | None, **more: object) -> Reading:
    return replace(Reading("x", value, NOW, NOW, NOW), **more)  # type: ignore[arg-type]


def part(value: float | None, *, complete: bool = True, **more: object) -> PartReadings:
    return PartReadings("name", reading(value, **more), complete)


def combined(
    how: Combining,
    *parts: PartReadings,
    factors: tuple[float, ...] = (),
    weights: tuple[float, ...] = (),
) -> Composed:
    names = [f"part{n}" for n in range(len(parts))]
    spec = Combination(
        how,
        tuple(
            Part(name, factor, weight)
            for name, factor, weight in zip(
                names,
                factors or (1.0,) * len(parts),
                weights or (1.0,) * len(parts),
                strict=True,
            )
        ),
    )
    found = combine(
        spec, {name: replace(one, name=name) for name, one in zip(names, parts, strict=True)}
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("how", "values", "expected"),
    [
        (SUM, (2.0, 3.0, 5.0), 10.0),
        (MINIMUM, (2.0, 3.0, 1.5), 1.5),
        (RATIO, (3.0, 4.0), 0.75),
        (DIFFERENCE, (3.0, 4.0), -1.0),
        (MEAN, (1.0, 4.0), 2.5),
    ],
)
def test_the_value(how: Combining, values: tuple[float, ...], expected: float) -> None:
    assert combined(how, *map(part, values)).value == expected


def test_a_part_is_converted_by_its_factor_before() -> None:
    found = combined(SUM, part(1.0), part(30.0), factors=(1.0, 1 / 60))

    assert found.value == 1.5
    assert found.details == {"parts": {"part0": 1.0, "part1": 0.5}}


def test_weights_count_in_a_mean() -> None:
    assert combined(MEAN, part(1.0), part(5.0), weights=(3.0, 1.0)).value == 2.0


def test_a_mean_of_which_no_part_weighs_anything_has_no_value_and_says_why() -> None:
    found = combined(MEAN, part(1.0), part(5.0), weights=(0.0, 0.0))

    assert (found.value, found.details["untold"]) == (None, "all weights are 0")
    assert combined(MEAN, part(1.0), part(5.0), weights=(0.75, 0.25)).value == 2.0


def test_a_ratio_tells_what_it_divides() -> None:
    found = combined(RATIO, part(3.0), part(4.0))

    assert (found.numerator, found.denominator) == (3.0, 4.0)


def test_a_ratio_over_nothing_has_no_value_and_says_why() -> None:
    found = combined(RATIO, part(3.0), part(0.0))

    assert found.value is None
    assert "part1 is 0" in found.details["untold"]


@pytest.mark.parametrize("how", list(Combining))
def test_a_part_without_a_value_leaves_none_and_is_named(how: Combining) -> None:
    found = combined(how, part(3.0), part(None))

    assert found.value is None
    assert found.details["untold"] == "part1 has no value"


def test_all_parts_without_a_value_are_named() -> None:
    found = combined(SUM, part(None), part(None))

    assert found.details["untold"] == "part0 and part1 have no value"


def test_a_part_without_a_reading_leaves_nothing_to_say() -> None:
    spec = Combination(SUM, (Part("a"), Part("b")))

    assert combine(spec, {"a": part(1.0), "b": PartReadings("b", None)}) is None


def test_it_is_as_old_as_its_oldest_part() -> None:
    old = NOW - timedelta(hours=5)

    assert combined(SUM, part(1.0), part(2.0, observed_at=old)).observed_at == old


def test_it_is_complete_and_exact_only_if_all_parts_are() -> None:
    assert combined(SUM, part(1.0), part(2.0)).complete
    assert not combined(SUM, part(1.0), part(2.0, complete=False)).complete
    assert combined(SUM, part(1.0), part(2.0, approximate=True)).approximate


def test_a_part_of_which_nothing_else_is_said_is_complete() -> None:
    spec = Combination(SUM, (Part("a"), Part("b")))
    found = combine(spec, {name: PartReadings(name, reading(1.0)) for name in ("a", "b")})

    assert found is not None
    assert found.complete


def test_pending_objects_add_up() -> None:
    assert combined(MINIMUM, part(1.0, pending=2), part(2.0, pending=3)).pending == 5
    assert combined(MINIMUM, part(1.0), part(2.0)).pending is None


def test_what_is_too_large_has_no_value() -> None:
    found = combined(SUM, part(1.7e308), part(1.7e308))

    assert found.value is None
    assert found.details["untold"] == "the result is too large for a number"


class TestLowerBounds:
    @pytest.mark.parametrize("how", [SUM, MEAN])
    def test_carry_through_what_grows_with_its_parts(self, how: Combining) -> None:
        found = combined(how, part(1.0), part(2.0, lower_bound=True))

        assert found.lower_bound
        assert found.complete

    def test_do_not_matter_to_a_mean_in_which_they_weigh_nothing(self) -> None:
        bound = part(2.0, lower_bound=True)

        assert not combined(MEAN, part(1.0), bound, weights=(1.0, 0.0)).lower_bound

    def test_matter_to_a_minimum_only_where_they_are_it(self) -> None:
        assert combined(MINIMUM, part(2.0), part(1.0, lower_bound=True)).lower_bound
        assert not combined(MINIMUM, part(1.0), part(2.0, lower_bound=True)).lower_bound
        assert not combined(MINIMUM, part(1.0), part(1.0, lower_bound=True)).lower_bound

    @pytest.mark.parametrize("how", [RATIO, DIFFERENCE])
    def test_of_the_first_part_carry_through(self, how: Combining) -> None:
        found = combined(how, part(1.0, lower_bound=True), part(2.0))

        assert (found.lower_bound, found.complete) == (True, True)

    @pytest.mark.parametrize("how", [RATIO, DIFFERENCE])
    def test_of_the_second_part_make_it_partial(self, how: Combining) -> None:
        found = combined(how, part(1.0), part(2.0, lower_bound=True))

        assert (found.lower_bound, found.complete) == (False, False)
        assert found.details["unclear"] == (
            "a part is a lower bound, so this may be larger or smaller"
        )

    @pytest.mark.parametrize("how", [RATIO, DIFFERENCE])
    def test_of_both_parts_make_it_partial_and_nothing_else(self, how: Combining) -> None:
        found = combined(how, part(1.0, lower_bound=True), part(2.0, lower_bound=True))

        assert (found.lower_bound, found.complete) == (False, False)

    def test_no_part_makes_a_difference_neither(self) -> None:
        found = combined(DIFFERENCE, part(1.0), part(2.0))

        assert (found.lower_bound, found.complete) == (False, True)

    @pytest.mark.parametrize(("below", "rises"), [(0.5, True), (-0.5, False)])
    def test_of_what_is_divided_go_the_way_of_what_divides_it(
        self, below: float, rises: bool
    ) -> None:
        found = combined(RATIO, part(1.0, lower_bound=True), part(below))

        assert (found.lower_bound, found.complete) == (rises, rises)


VALUES = st.floats(-1e6, 1e6, allow_nan=False)
PARTS = st.builds(
    lambda value, complete, lower_bound: part(value, complete=complete, lower_bound=lower_bound),
    st.none() | VALUES,
    st.booleans(),
    st.booleans(),
)


@given(
    how=st.sampled_from([SUM, MINIMUM, MEAN]),
    parts=st.lists(PARTS, min_size=2, max_size=5),
    data=st.data(),
)
def test_the_order_of_the_parts_changes_nothing(
    how: Combining, parts: list[PartReadings], data: st.DataObject
) -> None:
    straight = combined(how, *parts)

    shuffled = combined(how, *data.draw(st.permutations(parts)))

    assert (straight.value, straight.complete, straight.lower_bound) == (
        shuffled.value,
        shuffled.complete,
        shuffled.lower_bound,
    )


@given(how=st.sampled_from(list(Combining)), parts=st.lists(PARTS, min_size=2, max_size=2))
def test_it_is_never_surer_than_its_parts(how: Combining, parts: list[PartReadings]) -> None:
    found = combined(how, *parts)

    if any(one.reading is not None and one.reading.value is None for one in parts):
        assert found.value is None
    if not all(one.complete for one in parts):
        assert not found.complete
    assert found.value is None or math.isfinite(found.value)


@given(
    how=st.sampled_from(list(Combining)),
    values=st.tuples(st.floats(-100, 100), st.floats(-100, 100)),
    bounds=st.tuples(st.booleans(), st.booleans()),
    more=st.tuples(st.floats(0, 100), st.floats(0, 100)),
)
def test_a_lower_bound_is_one(
    how: Combining,
    values: tuple[float, float],
    bounds: tuple[bool, bool],
    more: tuple[float, float],
) -> None:
    """Whatever the true values of the parts are, the whole is at least what a complete one says."""
    said = combined(how, *(part(v, lower_bound=b) for v, b in zip(values, bounds, strict=True)))
    true = combined(
        how,
        *(part(v + m if b else v) for v, b, m in zip(values, bounds, more, strict=True)),
    )

    if said.value is None or true.value is None or not said.complete:
        return
    slack = 1e-9 * max(1.0, abs(said.value))
    if said.lower_bound:
        assert true.value >= said.value - slack
    else:
        assert abs(true.value - said.value) <= slack
