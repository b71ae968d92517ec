"""Moments as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.intake.moments import coming_moment, day_begins, past_moment

PACIFIC = "America/Los_Angeles"
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-15", datetime(2026, 2, 16, 8, tzinfo=UTC)),
        ("2026-03-07", datetime(2026, 3, 8, 8, tzinfo=UTC)),
        ("2026-03-08", datetime(2026, 3, 9, 7, tzinfo=UTC)),  # 23 hours long
        ("2026-02-15T09:00", datetime(2026, 2, 15, 17, tzinfo=UTC)),
        ("2026-02-15 09:00:30", datetime(2026, 2, 15, 17, 0, 30, tzinfo=UTC)),
        ("2026-02-15T09:00Z", datetime(2026, 2, 15, 9, tzinfo=UTC)),
        ("2026-02-15T09:00+05:30", datetime(2026, 2, 15, 3, 30, tzinfo=UTC)),
        ("2026-03-20", NOW),
    ],
)
def test_a_day_is_its_end_and_a_time_is_the_organisations(text: str, expected: datetime) -> None:
    assert past_moment(text, PACIFIC, NOW) == expected


@pytest.mark.parametrize("text", ["2026-03-21", "2026-03-20T12:00:01Z", "9999-12-31"])
def test_what_has_not_come_yet_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a day \(2026-02-15\)"):
        past_moment(text, PACIFIC, NOW)


@pytest.mark.parametrize("zone", [PACIFIC, "Asia/Tokyo"])
@pytest.mark.parametrize("text", ["", "yesterday", "15.02.2026", "2026-02-30"])
def test_what_is_no_moment_is_refused_in_words(text: str, zone: str) -> None:
    with pytest.raises(ValueError, match=r"; expected a day \(2026-02-15\)"):
        past_moment(text, zone, NOW)


def test_the_first_day_there_is_has_no_moment_before_it() -> None:
    with pytest.raises(ValueError, match="expected a day"):
        past_moment("0001-01-01", "Asia/Tokyo", NOW)


@given(st.text(max_size=30))
def test_any_text_is_a_moment_of_the_past_or_refused(text: str) -> None:
    try:
        found = past_moment(text, PACIFIC, NOW)
    except ValueError:
        return
    assert found <= NOW
    assert found.tzinfo is UTC


@given(st.timedeltas(timedelta(0), timedelta(days=3000)))
def test_a_moment_written_with_its_offset_comes_back(age: timedelta) -> None:
    moment = NOW - age
    there = moment.astimezone(ZoneInfo("Asia/Kathmandu"))

    assert past_moment(there.isoformat(), PACIFIC, NOW) == moment


def test_a_day_begins_at_its_midnight() -> None:
    assert day_begins("2026-03-09", PACIFIC) - day_begins("2026-03-08", PACIFIC) == timedelta(
        hours=23
    )
    with pytest.raises(ValueError, match="a day such as 2026-01-01"):
        day_begins("soon", PACIFIC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-20", datetime(2026, 3, 21, 7, tzinfo=UTC)),
        ("2026-11-01", datetime(2026, 11, 2, 8, tzinfo=UTC)),  # 25 hours long
        ("2026-03-20T05:00:01", datetime(2026, 3, 20, 12, 0, 1, tzinfo=UTC)),
    ],
)
def test_a_day_to_come_is_over_at_the_midnight_after_it(text: str, expected: datetime) -> None:
    assert coming_moment(text, PACIFIC, NOW) == expected


@pytest.mark.parametrize("text", ["2026-03-19", "2026-03-20T12:00Z", "0001-01-01", "", "soon"])
def test_what_has_passed_or_is_no_moment_does_not_come(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a day \(2026-02-15\)"):
        coming_moment(text, PACIFIC, NOW)
