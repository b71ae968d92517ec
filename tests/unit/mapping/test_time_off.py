"""Freezes and holidays: days that do not count as time to progress."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from syncd.mapping.calendar import Calendar, Freeze
from syncd.mapping.time_off import time_off
from syncd.model import KeyResult, TimeOff
from tests.unit.mapping.mutations import GOOD
from tests.unit.mapping.stand_in_measures import ORGANISATION, load_files, load_folder

QUARTER = (date(2026, 1, 1), date(2026, 3, 31))
LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)

days = st.dates(date(2026, 1, 1), date(2026, 4, 30))
freezes = st.builds(
    lambda title, first, length, teams: Freeze(title, first, first + length * DAY, teams),
    st.sampled_from(["A", "B", "C"]), days, st.integers(0, 20),
    st.sampled_from([frozenset(), frozenset({"ops"}), frozenset({"net"})]),
)  # fmt: skip


def good() -> dict[str, KeyResult]:
    catalogue = load_folder(GOOD).catalogue
    assert catalogue is not None
    return dict(catalogue.key_results)


def shown(off: tuple[TimeOff, ...], zone: ZoneInfo) -> list[tuple[str, str, str]]:
    """Title, first day and last day of each, all of whose ends are midnights there."""
    found = []
    for it in off:
        first, after = it.start.astimezone(zone), it.end.astimezone(zone)
        assert (first.hour, first.minute, after.hour, after.minute) == (0, 0, 0, 0)
        found.append((it.title, f"{first.date()}", f"{after.date() - DAY}"))
    return found


def test_freezes_of_organisation_and_team_and_holidays_come_in_order_and_clipped() -> None:
    off = good()["net-o1-kr1"].time_off
    assert shown(off, ZoneInfo("America/Los_Angeles")) == [
        # began in the year before, and has New Year's Day in it
        ("Year-end change freeze", "2026-01-01", "2026-01-04"),
        ("Martin Luther King Jr. Day", "2026-01-19", "2026-01-19"),
        ("Power work", "2026-02-09", "2026-02-11"),
        ("Move of the lab", "2026-02-12", "2026-02-13"),  # 11 February is off already
        ("Washington's Birthday", "2026-02-16", "2026-02-16"),
    ]


def test_a_freeze_for_some_teams_is_not_for_others_nor_for_a_rollup() -> None:
    titles = {key: {it.title for it in found.time_off} for key, found in good().items()}
    assert "Power work" not in titles["ops-o1-kr1"]
    assert "Power work" not in titles["hiring"]
    assert "Year-end change freeze" in titles["ops-o1-kr1"] & titles["hiring"]
    assert "Move of the lab" not in titles["dcim-o1-kr1"]


def test_a_team_has_the_holidays_of_its_own_country_and_the_freezes_of_all() -> None:
    off = good()["plat-o1-kr1"].time_off
    assert shown(off, ZoneInfo("America/Los_Angeles")) == [
        ("Year-end change freeze", "2026-01-01", "2026-01-04")
    ]  # no public holiday in Great Britain until Good Friday, in April


def test_days_are_whole_in_the_timezone_of_the_team_and_of_the_key_result() -> None:
    kr = good()["dcim-o1-kr2"]  # from 15 January to 15 March, London
    assert shown(kr.time_off, LONDON) == [
        ("Martin Luther King Jr. Day", "2026-01-19", "2026-01-19"),
        ("Power work", "2026-02-09", "2026-02-11"),
        ("Washington's Birthday", "2026-02-16", "2026-02-16"),
    ]
    assert kr.time_off[1].start == datetime(2026, 2, 9, tzinfo=UTC)


def test_the_day_on_which_clocks_change_is_a_whole_day() -> None:
    freeze = Freeze("Clocks", date(2026, 3, 29), date(2026, 3, 29))
    found = time_off(Calendar(freezes=(freeze,)), "ops", *QUARTER, LONDON)
    assert found[0].end - found[0].start == timedelta(hours=23)


def test_a_duplicate_has_the_time_off_of_the_other() -> None:
    key_results = good()
    assert key_results["net-o1-kr2"].time_off == key_results["dcim-o1-kr2"].time_off


def test_a_part_of_a_country_has_its_own_days(tmp_path: Path) -> None:
    ops = """\
team: ops
calendar: {holidays: US-CA}
objectives:
  - {id: o, title: T, key_results: [{id: k, title: T, indicator: {measure: jira.count, jql: a = b}}]}
"""
    catalogue = load_files(tmp_path, None, organisation=ORGANISATION, ops=ops).catalogue
    assert catalogue is not None
    titles = [it.title for it in catalogue.key_results["k"].time_off]
    assert "Cesar Chavez Day" in titles


@given(st.lists(freezes, max_size=6), days, st.integers(0, 60))
def test_days_off_are_those_of_any_freeze_once_within_the_dates(
    declared: list[Freeze], first: date, length: int
) -> None:
    last = first + length * DAY
    found = time_off(Calendar(freezes=tuple(declared)), "ops", first, last, LONDON)

    told = [(it.start, it.end) for it in found]
    assert told == sorted(told)
    assert all(earlier.end <= later.start for earlier, later in itertools.pairwise(found))
    for day in (first - DAY + n * DAY for n in range(length + 3)):
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=LONDON)
        of_day = [it for it in found if it.start <= noon < it.end]
        wanted = [it for it in declared if it.first <= day <= it.last and it.teams != {"net"}]
        if not first <= day <= last or not wanted:
            assert of_day == []
        else:
            assert [it.title for it in of_day] == [wanted[0].title]
