"""The window of a measure: so long before a moment, or a period as far as it has gone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from connectors.base import PlanContext, fingerprint
from connectors.prometheus.windows import Window, WindowText, day_and_time

QUARTER = PlanContext("America/Los_Angeles", date(2026, 1, 1), date(2026, 3, 31))
BEGINS = datetime(2026, 1, 1, 8, tzinfo=UTC)
ENDS = datetime(2026, 4, 1, 7, tzinfo=UTC)
"""The clocks went forward between the two."""
MIDDLE = datetime(2026, 2, 1, tzinfo=UTC)
HOUR = 3_600_000


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@given(st.integers(1, 1000), st.sampled_from(["s", "min", "h", "d"]))
def test_a_window_is_read_as_it_was_written(number: int, unit: str) -> None:
    window = Window.of(f"{number} {unit}", QUARTER)

    assert Window.read(window.definition) == window
    fingerprint(window.definition)


@pytest.mark.parametrize("text", ["1 s", "28 d", "1830 d", "period"])
def test_a_window_is_a_duration_or_the_period(text: str) -> None:
    assert TypeAdapter(WindowText).validate_python(text) == text


NO_DURATION = (
    'got "28"; a duration is a number, one space and a unit (s, min, h, d, w), for example 28 h'
)
TOO_SHORT_OR_LONG = 'got "{}"; a window is between 1 s and 5 years long'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0.9 s", TOO_SHORT_OR_LONG),
        ("1830.1 d", TOO_SHORT_OR_LONG),
        ("28", "{duration}; or period, for the mapping's own"),
    ],
)
def test_a_window_that_cannot_be_right_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(WindowText).validate_python(text)

    [error] = caught.value.errors()
    assert error["msg"] == "Value error, " + words.format(text, duration=NO_DURATION)


@pytest.mark.parametrize(
    "context",
    [PlanContext(), PlanContext(first=date(2026, 1, 1)), PlanContext(last=date(2026, 1, 1))],
)
def test_the_period_of_a_file_without_one_is_refused(context: PlanContext) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  its whole words are compared
        Window.of("period", context)

    assert str(caught.value) == (
        "window: period, and the file has no period; fix: period: 2026-Q1 at its top, or a window "
        "such as 90 d"
    )


def test_a_length_is_looked_back_from_any_moment() -> None:
    window = Window.of("1.5 h", QUARTER)

    assert window == Window(length_ms=5_400_000)
    assert window.longest_ms == 5_400_000
    assert window.bounds(MIDDLE) == (ms(MIDDLE) - 5_400_000, ms(MIDDLE))


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (MIDDLE, MIDDLE),
        (ENDS, ENDS),
        (datetime(2026, 5, 1, tzinfo=UTC), ENDS),
        (datetime(2025, 5, 1, tzinfo=UTC), datetime(2025, 5, 1, tzinfo=UTC)),
    ],
)
def test_a_period_is_looked_at_from_its_first_day_until_now_or_its_last(
    now: datetime, end: datetime
) -> None:
    window = Window.of("period", QUARTER)

    assert window == Window(since=BEGINS, until=ENDS)
    assert window.longest_ms == (90 * 24 - 1) * HOUR
    assert window.bounds(now) == (ms(BEGINS), ms(end))


@pytest.mark.parametrize(
    ("text", "definition"),
    [
        ("90 d", {"ms": 90 * 24 * HOUR}),
        ("period", {"since": "2026-01-01T08:00:00+00:00", "until": "2026-04-01T07:00:00+00:00"}),
    ],
)
def test_a_window_is_known_by_what_it_means(text: str, definition: dict[str, object]) -> None:
    window = Window.of(text, QUARTER)

    assert window.definition == definition
    assert Window.read(definition) == window


def test_a_moment_is_told_in_utc() -> None:
    assert day_and_time(ms(BEGINS)) == "2026-01-01 08:00:00 UTC"
