"""Business time: against a loop that looks at every minute, and at the edges of the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import BusinessHours
from connectors.business import BusinessClock, business_clock
from tests.examples import examples

WEEKDAYS = frozenset(range(5))
OFFICE = BusinessHours(WEEKDAYS, time(9), time(17), "America/Los_Angeles")
PACIFIC = ZoneInfo("America/Los_Angeles")
HOUR = 3600.0


def clock(**changes: object) -> BusinessClock:
    given_hours = {
        "days": WEEKDAYS,
        "opens": time(9),
        "closes": time(17),
        "timezone": "America/Los_Angeles",
        "closed": frozenset(),
    }
    return BusinessClock(BusinessHours(**(given_hours | changes)))  # type: ignore[arg-type]


def at(text: str) -> datetime:
    """A wall time in Los Angeles."""
    return datetime.fromisoformat(text).replace(tzinfo=PACIFIC)


def by_the_minute(hours: BusinessHours, start: datetime, end: datetime) -> float:
    """The naive answer: every minute whose wall time lies in a window of its day."""
    zone, seconds = ZoneInfo(hours.timezone), 0.0
    moment = start
    while moment < end:
        wall = moment.astimezone(zone)
        today, now = wall.date(), wall.time()
        if hours.opens < hours.closes:
            opened, inside = today, hours.opens <= now < hours.closes
        else:
            late = now >= hours.opens
            opened, inside = (
                today if late else today - timedelta(days=1),
                late or now < hours.closes,
            )
        if inside and opened.weekday() in hours.days and opened not in hours.closed:
            seconds += 60
        moment += timedelta(minutes=1)
    return seconds


moments = st.integers(0, 13 * 24 * 60).map(
    lambda minutes: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
any_hours = st.builds(
    BusinessHours,
    days=st.frozensets(st.integers(0, 6)),
    opens=st.sampled_from([time(0), time(3, 30), time(9), time(22)]),
    closes=st.sampled_from([time(0), time(6), time(12, 15), time(17)]),
    timezone=st.sampled_from(["America/Los_Angeles", "Asia/Kathmandu", "UTC"]),
    closed=st.frozensets(st.dates(date(2026, 3, 1), date(2026, 3, 14)), max_size=3),
)


@settings(max_examples=40, deadline=None)
@given(hours=any_hours, start=moments, minutes=st.integers(0, 4 * 24 * 60))
def test_the_seconds_are_those_of_a_loop_over_every_minute(
    hours: BusinessHours, start: datetime, minutes: int
) -> None:
    end = start + timedelta(minutes=minutes)
    assert BusinessClock(hours).elapsed(start, end) == by_the_minute(hours, start, end)


@settings(max_examples=examples(40), deadline=None)
@given(hours=any_hours, start=moments, seconds=st.integers(1, 60 * 3600))
def test_a_deadline_is_the_last_moment_with_no_more_than_its_seconds_behind_it(
    hours: BusinessHours, start: datetime, seconds: int
) -> None:
    found = BusinessClock(hours)
    deadline = found.deadline(start, seconds)

    if deadline is None:
        assert not hours.days
        return
    assert found.elapsed(start, deadline) == seconds
    assert found.elapsed(start, deadline + timedelta(seconds=1)) > seconds


@settings(max_examples=examples(40), deadline=None)
@given(hours=any_hours, start=moments, one=st.integers(0, 9000), two=st.integers(0, 9000))
def test_business_time_adds_up(hours: BusinessHours, start: datetime, one: int, two: int) -> None:
    found = BusinessClock(hours)
    middle = start + timedelta(minutes=one)
    end = middle + timedelta(minutes=two)
    whole = found.elapsed(start, end)
    assert found.elapsed(start, middle) + found.elapsed(middle, end) == pytest.approx(whole)


def test_a_night_and_a_weekend_do_not_count() -> None:
    assert clock().elapsed(at("2026-01-09T16:00"), at("2026-01-12T10:00")) == 2 * HOUR


def test_a_holiday_does_not_count() -> None:
    shut = clock(closed=frozenset({date(2026, 1, 19)}))
    assert shut.elapsed(at("2026-01-16T16:00"), at("2026-01-20T10:00")) == 2 * HOUR


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-08", 7.0), ("2026-11-01", 9.0), ("2026-03-09", 8.0)]
)
def test_a_window_that_holds_a_change_of_the_clocks_is_an_hour_shorter_or_longer(
    day: str, hours: float
) -> None:
    early = clock(days=frozenset(range(7)), opens=time(0, 0), closes=time(8, 0))
    assert early.elapsed(at(f"{day}T00:00"), at(f"{day}T23:00")) == hours * HOUR


def test_work_after_the_change_of_the_clocks_is_not_shifted() -> None:
    friday, monday = at("2026-03-06T16:00"), at("2026-03-09T10:00")
    assert clock().elapsed(friday, monday) == 2 * HOUR
    assert clock().deadline(friday, 1.5 * HOUR) == at("2026-03-09T09:30")


def test_an_end_before_the_start_is_no_time() -> None:
    assert clock().elapsed(at("2026-01-12T12:00"), at("2026-01-12T10:00")) == 0.0


def test_a_deadline_that_ends_with_the_days_work_lasts_until_the_next_opening() -> None:
    assert clock().deadline(at("2026-01-09T15:00"), 2 * HOUR) == at("2026-01-12T09:00")


def test_the_closings_are_those_between_two_moments() -> None:
    found = list(clock().closings(at("2026-01-08T12:00"), at("2026-01-12T17:00")))
    assert found == [at("2026-01-08T17:00"), at("2026-01-09T17:00")]


def test_a_closing_at_the_beginning_is_over_already() -> None:
    found = list(clock().closings(at("2026-01-08T17:00"), at("2026-01-10T00:00")))
    assert found == [at("2026-01-09T17:00")]


@pytest.mark.parametrize("closes", [time(3, 15), time(3, 30)])
def test_a_window_that_the_change_of_the_clocks_leaves_nothing_of_does_not_close(
    closes: time,
) -> None:
    gone = clock(days=frozenset(range(7)), opens=time(2, 30), closes=closes)
    found = list(gone.closings(at("2026-03-07T12:00"), at("2026-03-09T12:00")))
    assert [each.astimezone(PACIFIC).day for each in found] == [9]


def test_work_goes_on_after_years_of_closing() -> None:
    years = frozenset(date(2026, 1, 1) + timedelta(days=day) for day in range(3000))
    assert clock(closed=years).deadline(at("2026-01-01T00:00"), HOUR) == at("2034-03-20T10:00")


def test_the_clock_of_the_same_hours_is_the_same_one() -> None:
    found = business_clock(OFFICE)
    assert found.elapsed(at("2026-01-12T09:00"), at("2026-01-12T10:00")) == HOUR
    assert business_clock(OFFICE) is found


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [("08:59", False), ("09:00", True), ("16:59", True), ("17:00", False)],
)
def test_a_window_holds_its_opening_and_not_its_closing(moment: str, is_open: bool) -> None:
    assert clock().is_open(at(f"2026-01-12T{moment}")) is is_open


def test_without_any_day_nothing_passes() -> None:
    never = clock(days=frozenset())
    assert never.elapsed(at("2026-01-01T00:00"), at("2027-01-01T00:00")) == 0.0
    assert never.deadline(at("2026-01-01T00:00"), 1.0) is None
    assert never.is_open(at("2026-01-05T12:00")) is False
