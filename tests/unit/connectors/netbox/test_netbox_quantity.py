from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.quantity import SECONDS, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30 s", 30), ("5 min", 300), ("24 h", 86_400), ("7 d", 604_800), ("1.5 w", 907_200)],
)
def test_a_duration_is_read_in_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("5m", "5 min"),
        ("5 m", "5 min"),
        ("24h", "24 h"),
        ("24", "24 h"),
        ("2  days", "2 d"),
        ("-3 h", "24 h"),
        ("soon", "24 h"),
        ("0 h", "24 h"),
        ("٣ h", "24 h"),
        ("", "24 h"),
    ],
)
def test_what_is_no_duration_is_refused_with_what_to_write(text: str, fix: str) -> None:
    with pytest.raises(ValueError, match=f"for example {fix}$"):
        parse_duration(text)


@given(st.integers(1, 10_000), st.sampled_from(sorted(SECONDS)))
def test_every_whole_number_of_every_unit_is_that_many_seconds(number: int, unit: str) -> None:
    assert parse_duration(f"{number} {unit}") == number * SECONDS[unit]
