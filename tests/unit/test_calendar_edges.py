"""Where calendars are not even: summer time that begins or ends inside a quarter (in Lord Howe by half
an hour), days whose midnight there is not, and the end of a year.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import BusinessHours
from connectors.business import BusinessClock
from syncd.assess.line import expected, expected_line, expected_on
from syncd.backfill import moments
from syncd.intake.moments import past_moment
from syncd.mapping.period import begins, ends, period
from syncd.model import (
    Evidence,
    Former,
    KeyResult,
    Reading,
    Status,
    Target,
    TargetType,
    TimeOff,
)
from syncd.outgoing.timing import Quiet, Rhythm, Timing
from syncd.surfaces.company_page import week_begins
from syncd.surfaces.curve.placing import placed
from syncd.wording import clock
from syncd.wording import date as day_of
from tests.unit.assess.cases import INSTANT, judged_once, key_result

BERLIN, LORD_HOWE, SAO_PAULO = "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo"
ZONES = (BERLIN, LORD_HOWE, SAO_PAULO, "America/New_York", "Pacific/Auckland", "UTC")
HALF_HOUR = timedelta(minutes=30)
zones = st.sampled_from(ZONES)
days = st.one_of(
    # around each change of this year, and the year's end
    *(
        st.dates(middle - timedelta(days=3), middle + timedelta(days=3))
        for middle in (
            date(2026, 3, 8),
            date(2026, 3, 29),
            date(2026, 4, 5),
            date(2026, 10, 4),
            date(2026, 10, 25),
            date(2026, 11, 1),
            date(2026, 12, 31),
            date(2018, 11, 4),  # Sao Paulo had no midnight
        )
    )
)


def of_quarter(name: str, timezone: str) -> KeyResult:
    """A key result of a quarter, in a timezone: from its first moment to its last."""
    found = period(name)
    assert found is not None
    zone = ZoneInfo(timezone)
    return key_result(
        start=begins(found.first, zone), due=ends(found.last, zone), timezone=timezone
    )


@given(st.sampled_from(["2026-Q1", "2026-Q2", "2026-Q4"]), zones, st.floats(0, 1))
def test_the_expected_line_is_straight_by_the_clock_that_only_runs(
    name: str, timezone: str, share: float
) -> None:
    kr = of_quarter(name, timezone)
    at = kr.start + (kr.due - kr.start) * share

    assert expected(kr, None, 1.0, at) == pytest.approx(share, abs=1e-9)


@given(days, zones, st.integers(1, 4), st.integers(1, 20))
def test_the_expected_line_never_jumps_nor_falls_and_stands_still_in_time_off_only(
    on: date, timezone: str, off: int, goal: int
) -> None:
    zone = ZoneInfo(timezone)
    first, last = on - timedelta(days=10), on + timedelta(days=9)
    free = TimeOff("freeze", begins(on, zone), begins(on + timedelta(days=off), zone))
    kr = key_result(
        Target(TargetType.AT_LEAST, goal=float(goal)),
        start=begins(first, zone), due=ends(last, zone), timezone=timezone, time_off=(free,),
    )  # fmt: skip
    counts = (kr.due - kr.start) - (free.end - free.start)
    line = expected_line(kr, None, float(goal))
    steps = [kr.start + n * HALF_HOUR for n in range((kr.due - kr.start) // HALF_HOUR + 1)]
    heights = [expected_on(line, at) for at in steps]

    for at, (before, after) in zip(steps, pairwise(heights), strict=False):
        assert before is not None
        assert after is not None
        inside = free.start <= at and at + HALF_HOUR <= free.end
        outside = at + HALF_HOUR <= free.start or at >= free.end
        most = HALF_HOUR / counts
        assert 0 <= after - before <= most + 1e-9
        assert not inside or after == before
        assert not outside or after - before == pytest.approx(most)


@given(days, zones)
def test_an_edited_target_goes_on_from_where_the_line_stood_on_whichever_day(
    on: date, timezone: str
) -> None:
    zone = ZoneInfo(timezone)
    dates = {
        "start": begins(on - timedelta(days=10), zone),
        "due": ends(on + timedelta(days=10), zone),
        "timezone": timezone,
    }
    was = key_result(Target(TargetType.AT_LEAST, goal=10.0), **dates)
    now = key_result(Target(TargetType.AT_LEAST, goal=20.0), **dates)
    edited = begins(on, zone)
    line = expected_line(now, None, 20.0, former=(Former(edited, was),))

    before, after = expected_on(line, edited - INSTANT), expected_on(line, edited)

    assert before is not None
    assert after is not None
    assert before * 10 == pytest.approx(after * 20, abs=1e-6)
    assert before == pytest.approx((edited - now.start) / (now.due - now.start), abs=1e-6)


@given(days, zones)
def test_a_rebuilt_history_has_the_end_of_each_day_and_of_none_twice(
    on: date, timezone: str
) -> None:
    zone = ZoneInfo(timezone)
    since, until = begins(on - timedelta(days=3), zone), ends(on + timedelta(days=3), zone)

    found = list(moments(since, until, timedelta(days=1), timezone, now=until + INSTANT))

    assert [at.astimezone(zone).date() - on for at in found] == [
        timedelta(days=n) for n in range(-3, 4)
    ]
    assert all((at + INSTANT).astimezone(zone).date() > at.astimezone(zone).date() for at in found)


@given(days, zones)
def test_on_a_curve_days_are_alike_and_time_only_goes_on(on: date, timezone: str) -> None:
    zone = ZoneInfo(timezone)
    midnights = [begins(on + timedelta(days=n), zone) for n in range(-2, 3)]
    every = [
        midnights[0] + n * HALF_HOUR for n in range((midnights[-1] - midnights[0]) // HALF_HOUR)
    ]

    places = [placed(at, zone) for at in every]

    assert all(0 < after - before <= 3_600_000 for before, after in pairwise(places))
    alike = [after - before for before, after in pairwise(placed(at, zone) for at in midnights)]
    assert alike == [86_400_000.0] * 4


@given(days, zones, st.integers(0, 7 * 24 * 60))
def test_the_week_begins_with_its_monday(on: date, timezone: str, minutes: int) -> None:
    zone = ZoneInfo(timezone)
    now = begins(on, zone) + timedelta(minutes=minutes)

    monday = week_begins(now, timezone)

    assert monday == begins(monday.astimezone(zone).date(), zone)
    assert monday.astimezone(zone).weekday() == 0
    assert monday <= now < begins(monday.astimezone(zone).date() + timedelta(days=7), zone)


@pytest.mark.parametrize("timezone", ZONES)
@pytest.mark.parametrize(
    ("value", "at_the_end", "after"),
    [(1.0, Status.ACHIEVED, Status.ACHIEVED), (0.9, Status.AT_RISK, Status.MISSED)],
)
def test_a_key_result_of_the_last_quarter_is_due_with_the_years_last_instant_where_it_is_of(
    timezone: str, value: float, at_the_end: Status, after: Status
) -> None:
    kr = of_quarter("2026-Q4", timezone)
    year = datetime(2027, 1, 1, tzinfo=ZoneInfo(timezone)).astimezone(UTC)

    assert kr.due == year - INSTANT
    assert status(kr, value, kr.due - INSTANT) in (at_the_end, Status.ON_TRACK)
    assert status(kr, value, year) is after


def status(kr: KeyResult, value: float, now: datetime) -> Status:
    """What is told of a value that was read an instant ago."""
    reading = Reading(
        id=1,
        indicator=kr.indicator,
        value=value,
        observed_at=now - INSTANT,
        at=now - INSTANT,
        recorded_at=now,
    )
    return judged_once(kr, Evidence(reading=reading, interval_seconds=300.0), now).status


@given(days, zones)
def test_a_day_that_is_asked_about_is_its_whole_length_however_long(
    on: date, timezone: str
) -> None:
    end = past_moment(on.isoformat(), timezone, datetime(2028, 1, 1, tzinfo=UTC))

    assert end - INSTANT == ends(on, ZoneInfo(timezone))
    assert begins(on + timedelta(days=1), ZoneInfo(timezone)) == end


@given(
    days,
    st.sampled_from(ZONES),
    st.integers(0, 6 * 24 * 60),
    st.sampled_from([(time(0), time(3)), (time(9), time(17)), (time(22), time(6))]),
)
def test_business_time_is_that_of_a_loop_over_every_quarter_of_an_hour(
    on: date, timezone: str, minutes: int, hours: tuple[time, time]
) -> None:
    opens, closes = hours
    found = BusinessClock(BusinessHours(frozenset(range(7)), opens, closes, timezone))
    start = datetime(on.year, on.month, on.day, tzinfo=UTC)
    end = start + timedelta(minutes=minutes // 15 * 15)
    zone, quarters, at = ZoneInfo(timezone), 0, start
    while at < end:
        wall = at.astimezone(zone).time()
        inside = opens <= wall < closes if opens < closes else wall >= opens or wall < closes
        quarters += inside
        at += timedelta(minutes=15)

    assert found.elapsed(start, end) == quarters * 900


@given(days, zones, st.integers(0, 48 * 60), st.times())
def test_a_digest_is_told_after_what_it_tells_of_and_within_a_day_and_a_bit(
    on: date, timezone: str, minutes: int, at: time
) -> None:
    oldest = datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(minutes=minutes)
    timing = Timing(timezone, Rhythm.DAILY, at=at.replace(microsecond=0))

    opens = timing.opens_at(oldest, oldest)

    assert timedelta(0) < opens - oldest <= timedelta(hours=25)


@given(days, zones, st.integers(0, 48 * 60), st.times(), st.times())
def test_nothing_is_told_in_quiet_hours_nor_held_back_for_more_than_a_day(
    on: date, timezone: str, minutes: int, begin: time, end: time
) -> None:
    now = datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(minutes=minutes)
    begin, end = (one.replace(second=0, microsecond=0) for one in (begin, end))
    timing = Timing(timezone, gather_seconds=0.0, quiet=Quiet(begin, end))

    opens = timing.opens_at(now, now)

    assert timedelta(0) <= opens - now <= timedelta(hours=25)


@pytest.mark.parametrize(
    ("moment", "timezone", "day", "time_of_day"),
    [
        ("2026-03-29T00:59:00", BERLIN, "29 Mar", "01:59"),
        ("2026-03-29T01:00:00", BERLIN, "29 Mar", "03:00"),
        ("2026-10-25T00:30:00", BERLIN, "25 Oct", "02:30"),
        ("2026-10-25T01:30:00", BERLIN, "25 Oct", "02:30"),
        ("2026-04-04T14:59:00", LORD_HOWE, "5 Apr", "01:59"),
        ("2026-04-04T15:00:00", LORD_HOWE, "5 Apr", "01:30"),
        ("2026-12-31T22:59:00", BERLIN, "31 Dec", "23:59"),
        ("2026-12-31T23:00:00", BERLIN, "1 Jan 2027", "00:00"),
        ("2027-01-01T02:59:00", SAO_PAULO, "31 Dec", "23:59"),
    ],
)
def test_moments_are_told_by_the_clock_on_the_wall_there(
    moment: str, timezone: str, day: str, time_of_day: str
) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    asked = datetime(2026, 7, 1, tzinfo=UTC)

    assert day_of(at, timezone, asked) == day
    assert clock(at, timezone, at) == time_of_day
