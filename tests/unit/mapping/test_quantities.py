"""Quantities: a number, one space, a unit; exact in base units and back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Dimension
from syncd.mapping import quantity
from syncd.mapping.quantity import Quantity

values = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12).filter(
    lambda value: value == 0 or abs(value) > 1e-12
)


@given(values, st.sampled_from(Dimension))
def test_a_value_written_and_read_again_is_the_same(value: float, dimension: Dimension) -> None:
    unit = "USD/host/h" if dimension is Dimension.OTHER else None
    text = quantity.written(value, dimension, unit)
    read = quantity.parse(text)
    assert read is not None
    assert quantity.base(read, dimension, unit) == value


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9
    ),
    st.sampled_from([None, "%", "x", "d", "min", "USD/host/h"]),
)
def test_a_quantity_as_text_is_the_same_quantity(number: Decimal, unit: str | None) -> None:
    assert quantity.parse(str(Quantity(number, unit))) == Quantity(number, unit)


@given(st.text(max_size=40))
def test_no_text_makes_the_parser_or_the_guess_fail(text: str) -> None:
    quantity.parse(text)
    for dimension in Dimension:
        assert quantity.corrected(text, dimension)


@given(st.text(max_size=40), st.sampled_from(Dimension))
def test_a_correction_is_always_a_right_quantity(text: str, dimension: Dimension) -> None:
    corrected = quantity.parse(quantity.corrected(text, dimension))
    assert corrected is not None
    assert quantity.base(corrected, dimension) is not None


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("80 %", Dimension.RATIO, 0.8),
        ("2 x", Dimension.RATIO, 2.0),
        ("99.99 %", Dimension.RATIO, 0.9999),
        ("90 s", Dimension.DURATION, 90.0),
        ("5 min", Dimension.DURATION, 300.0),
        ("1 d", Dimension.DURATION, 86_400.0),
        ("2 w", Dimension.DURATION, 1_209_600.0),
        ("16", Dimension.COUNT, 16.0),
        ("-3.5", Dimension.OTHER, -3.5),
    ],
)
def test_units_are_turned_into_the_base_unit(text: str, dimension: Dimension, value: float) -> None:
    read = quantity.parse(text)
    assert read is not None
    assert quantity.base(read, dimension) == value


@pytest.mark.parametrize(
    "text",
    ["", "80%", "80  %", "1 000", "1,000", "1e3", ".5", "5.", "+5", "٣ d", "5 d ", "5\n", "NaN"],
)
def test_sloppy_writing_is_refused(text: str) -> None:
    assert quantity.parse(text) is None


@pytest.mark.parametrize(
    ("text", "dimension"),
    [("80 %", Dimension.DURATION), ("5 m", Dimension.DURATION), ("0.8", Dimension.RATIO),
     ("5 d", Dimension.RATIO), ("5 d", Dimension.COUNT), ("7", Dimension.DURATION)],
)  # fmt: skip
def test_a_unit_of_another_dimension_is_refused(text: str, dimension: Dimension) -> None:
    read = quantity.parse(text)
    assert read is not None
    assert quantity.base(read, dimension) is None


@pytest.mark.parametrize(
    ("text", "dimension", "corrected"),
    [
        ("0.8", Dimension.RATIO, "80 %"),
        ("1", Dimension.RATIO, "100 %"),
        ("80", Dimension.RATIO, "80 %"),
        ("80percent", Dimension.RATIO, "80 %"),
        ("5m", Dimension.DURATION, "5 min"),
        ("24hours", Dimension.DURATION, "24 h"),
        ("7", Dimension.DURATION, "7 d"),
        ("1,000", Dimension.COUNT, "1000"),
        ("3 repos", Dimension.COUNT, "3"),
        ("soon", Dimension.DURATION, "7 d"),
    ],
)
def test_what_was_most_likely_meant_is_suggested(
    text: str, dimension: Dimension, corrected: str
) -> None:
    assert quantity.corrected(text, dimension) == corrected
