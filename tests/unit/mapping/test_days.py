"""Days begin and end where people live, also where clocks change."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.mapping.period import begins, day, ends, period, zone

days = st.dates(min_value=date(2000, 1, 1), max_value=date(2199, 12, 30))
zones = st.sampled_from(
    [ZoneInfo(name) for name in ("UTC", "America/Los_Angeles", "Europe/London", "Africa/Cairo",
                                 "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu")]
)  # fmt: skip


@given(days, zones)
def test_a_day_ends_just_before_the_next_one_begins(on: date, timezone: ZoneInfo) -> None:
    end = ends(on, timezone)
    assert end.tzinfo is UTC
    assert end + timedelta(microseconds=1) == begins(on + timedelta(days=1), timezone)
    assert begins(on, timezone).astimezone(timezone).date() == on
    assert end.astimezone(timezone).date() == on


@pytest.mark.parametrize(
    ("on", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 2, 1), 24)]
)
def test_a_day_is_as_long_as_clocks_make_it(on: date, hours: int) -> None:
    pacific = ZoneInfo("America/Los_Angeles")
    length = ends(on, pacific) - begins(on, pacific) + timedelta(microseconds=1)
    assert length == timedelta(hours=hours)


def test_where_clocks_skip_midnight_the_day_begins_at_the_change() -> None:
    # Cairo, 24 April 2026: 00:00 becomes 01:00
    assert begins(date(2026, 4, 24), ZoneInfo("Africa/Cairo")) == datetime(
        2026, 4, 23, 22, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-1-5", "20260105", "1999-12-31", "2200-01-01", "٢٠٢٦-01-01", ""]
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert day(text) is None


@pytest.mark.parametrize(
    "text",
    ["2026-Q5", "2026-q1", "Q1", "26", "2026-02-01/2026-01-01", "2026-01-01/", "1200", "0000-Q1"],
)
def test_what_is_no_period_is_none(text: str) -> None:
    assert period(text) is None


@given(st.integers(2000, 2199))
def test_four_quarters_are_a_year_without_gap(year: int) -> None:
    quarters = [period(f"{year}-Q{number}") for number in (1, 2, 3, 4)]
    whole = period(str(year))
    assert whole is not None
    assert all(it is not None for it in quarters)
    found = [it for it in quarters if it is not None]
    assert (found[0].first, found[-1].last) == (whole.first, whole.last)
    for before, after in itertools.pairwise(found):
        assert before.last + timedelta(days=1) == after.first


def test_a_timezone_is_known_by_its_name_only() -> None:
    assert zone("Europe/London") == ZoneInfo("Europe/London")
    assert zone("PST") is None
    assert zone("../etc/passwd") is None
