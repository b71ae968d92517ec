"""What is made of the values over a window."""

from __future__ import annotations

import math
import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from connectors.prometheus.aggregates import (
    Aggregated,
    Condition,
    PercentileOf,
    ShareOf,
    Simple,
    aggregated,
)

numbers = st.floats(-1e12, 1e12)
some = st.lists(numbers, min_size=1, max_size=50)


@given(some)
def test_the_simple_ones_are_what_they_are_called(values: list[float]) -> None:
    assert aggregated("max", values).value == max(values)
    assert aggregated("min", values).value == min(values)
    assert aggregated("last", values).value == values[-1]
    assert aggregated("avg", values).value == statistics.fmean(values)


@given(some, st.floats(0.001, 100))
def test_a_percentile_is_a_value_with_as_many_below_as_asked(
    values: list[float], rank: float
) -> None:
    found = aggregated(PercentileOf(percentile=rank), values).value

    assert found in values
    at_most = sum(value <= found for value in values)
    below = sum(value < found for value in values)
    assert at_most >= rank / 100 * len(values) - 1e-6
    assert below < rank / 100 * len(values)


def test_a_percentile_does_not_slip_a_rank_by_rounding() -> None:
    values = [float(n) for n in range(1, 1001)]

    for tenths in range(1, 1001):
        found = aggregated(PercentileOf(percentile=tenths / 10), values).value
        assert found == float(tenths)


@given(some, st.floats(-100, 100))
def test_a_share_and_its_opposite_are_the_whole(values: list[float], bound: float) -> None:
    text = f"{bound:.3f}"
    above = aggregated(ShareOf(share=f"> {text}"), values)
    rest = aggregated(ShareOf(share=f"<= {text}"), values)

    assert above.numerator is not None
    assert rest.numerator is not None
    assert above.numerator + rest.numerator == above.denominator == len(values)
    assert above.value == above.numerator / len(values)


@pytest.mark.parametrize("how", ["avg", "max", "min", "last", PercentileOf(percentile=5)])
def test_nothing_comes_of_nothing(how: Simple | PercentileOf) -> None:
    assert aggregated(how, []).value is None


def test_a_sum_that_is_too_large_has_no_mean() -> None:
    assert aggregated("avg", [1e308, 1e308]).value is None


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("> 0.9", 0.9, False),
        (">0.9", 0.91, True),
        (">= 0.9", 0.9, True),
        ("< -1", -1.5, True),
        ("<= 0", 0.0, True),
        ("== 7", 7.0, True),
        ("!= 7", 7.0, False),
        (" > 1 ", math.pi, True),
    ],
)
def test_a_condition_holds_or_not(text: str, value: float, holds: bool) -> None:
    assert Condition.of(text).holds(value) is holds


@pytest.mark.parametrize("text", ["", "0.9", "> 90 %", "=> 1", "> x", "> 1 and < 2", "> bool 1"])
def test_what_is_no_comparison_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  its whole words are compared
        Condition.of(text)

    assert str(caught.value) == (
        f'got "{text}"; expected a comparison with what the query gives, such as "> 0.9" '
        "(one of > >= < <= == !=, then a number without a unit)"
    )
    with pytest.raises(ValidationError):
        ShareOf(share=text)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *((name, name) for name in ("avg", "max", "min", "last")),
        ({"percentile": 95}, PercentileOf(percentile=95)),
        ({"share": "> 0.9"}, ShareOf(share="> 0.9")),
    ],
)
def test_an_aggregate_is_a_word_or_one_of_two_with_a_number(written: Any, meant: Any) -> None:
    assert TypeAdapter(Aggregated).validate_python(written) == meant


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"percentile": 0}, "greater than 0"),
        ({"percentile": 100.5}, "less than or equal to 100"),
        ({"percentile": 95, "of": "all"}, "not permitted"),
        ({"share": "> 0.9", "of": "all"}, "not permitted"),
        ("median", "Input should be 'avg', 'max', 'min' or 'last'"),
    ],
)
def test_an_aggregate_that_cannot_be_right_is_refused(written: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        TypeAdapter(Aggregated).validate_python(written)


def test_an_aggregate_stays_what_its_author_wrote() -> None:
    percentile, share = PercentileOf(percentile=95), ShareOf(share="> 0.9")

    with pytest.raises(ValidationError, match="frozen"):
        percentile.percentile = 96
    with pytest.raises(ValidationError, match="frozen"):
        share.share = "> 0.8"


@pytest.mark.parametrize("written", [7, None, ["avg"], {"median": True}])
def test_what_is_no_word_is_told_to_be_one(written: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Aggregated).validate_python(written)

    first = caught.value.errors()[0]
    assert (first["type"], first["msg"]) == ("string_type", "expected text")
