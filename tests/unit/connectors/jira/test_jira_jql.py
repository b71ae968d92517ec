from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.jira.jql import (
    WESTERNMOST,
    checked,
    moves_with_time,
    wall_minute,
    within,
    without_order,
)

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Antarctica/Troll",  # two hours
    "Pacific/Chatham",
    "Asia/Kathmandu",
    "Africa/Casablanca",
]
moments = st.datetimes(
    min_value=datetime(2015, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
words = st.text(alphabet=st.sampled_from(list("abc ()[]\"'\\=,-7d")), min_size=0, max_size=30)


@pytest.mark.parametrize(
    "jql",
    [
        "project = CE",
        'summary ~ "a ) b"',
        "summary ~ 'it \\' is'",
        'cf[10010] = "x" AND (status in (A, "B C"))',
        '"order by" is not EMPTY',
        "project = CE\n  AND labels = cka",
        "orders = bygone",
    ],
)
def test_a_query_that_may_be_right_is_kept_as_written(jql: str) -> None:
    assert checked(f"  {jql}\n") == jql


@pytest.mark.parametrize(
    ("jql", "words"),
    [
        ("", "empty query"),
        ("   ", "empty query"),
        ("project = CE ORDER BY rank", "ORDER BY"),
        ("project = CE order   \n by created DESC", "ORDER BY"),
        ("Order By id", "ORDER BY"),
        ('project = PLAT AND summary ~ "rack', 'never closed, from: "rack'),
        ("summary ~ 'rack", "never closed"),
        ("status in (A, B", r"never closed, from: \(A, B"),
        ("status in A, B)", r"a \) that nothing opened"),
        ("cf[10010 = 1", "never closed"),
        ("(a = b]", r"a \] that nothing opened"),
        ("project = A) OR (project = B", "nothing opened"),
    ],
)
def test_a_query_that_cannot_be_right_is_refused_with_words(jql: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        checked(jql)


def test_conditions_are_joined_whole() -> None:
    joined = within("project = A OR project = B", "status = Done OR x = y", "updated >= z")

    assert joined == "(project = A OR project = B) AND (status = Done OR x = y) AND (updated >= z)"


@given(words, words)
def test_what_is_checked_stays_inside_its_own_parentheses(scope: str, passing: str) -> None:
    try:
        parts = checked(scope), checked(passing)
    except ValueError:
        return

    assert checked(within(*parts)) == f"({parts[0]}) AND ({parts[1]})"


@pytest.mark.parametrize(
    ("saved", "conditions"),
    [
        ("project = CE ORDER BY Rank ASC", "project = CE"),
        ("project = CE\norder by created, key desc", "project = CE"),
        ('summary ~ "order by" ORDER BY id', 'summary ~ "order by"'),
        ("project = CE", "project = CE"),
        ("ORDER BY Rank", ""),
        ("", ""),
    ],
)
def test_a_saved_filter_is_taken_without_its_order(saved: str, conditions: str) -> None:
    assert without_order(saved) == conditions


@pytest.mark.parametrize(
    "jql",
    [
        "created >= -7d",
        'created >= "-7d"',
        "created >= '-1w 2d'",
        "due <= 3d",
        "created > startOfDay()",
        'created > startOfMonth("-1M")',
        "sprint in openSprints()",
        "project = A AND due < now ()",
        "assignee in membersOf(sre)",
    ],
)
def test_members_that_change_by_themselves_are_noticed(jql: str) -> None:
    assert moves_with_time(jql)


@pytest.mark.parametrize(
    "jql",
    [
        "project = CE AND labels = cka",
        'created >= "2026-01-01" AND (status in (A, B) OR NOT (x = y))',
        "status was in (Done, Closed)",
        "status changed FROM (A) TO (B)",
        "assignee = currentUser()",
        'summary ~ "see now() and -7d"',
        'cf[10010] = "PO-7d"',
    ],
)
def test_members_that_change_only_by_edits_are_not(jql: str) -> None:
    assert not moves_with_time(jql)


@given(moments, st.sampled_from(ZONES))
@example(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin")
@example(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Berlin")
@example(datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "Europe/Berlin")
@example(datetime(2026, 4, 4, 14, 45, tzinfo=UTC), "Australia/Lord_Howe")
def test_a_date_is_never_later_than_the_moment_nor_much_earlier(
    moment: datetime, zone: str
) -> None:
    text = wall_minute(moment, ZoneInfo(zone))

    wall = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))
    meanings = [wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    assert all(meaning <= moment for meaning in meanings)
    assert moment - min(meanings) < timedelta(hours=4, minutes=31)


def test_a_date_is_to_the_minute_in_the_accounts_zone() -> None:
    moment = datetime(2026, 7, 1, 10, 20, 59, tzinfo=UTC)

    assert wall_minute(moment, ZoneInfo("Europe/Berlin")) == "2026-07-01 12:20"
    assert wall_minute(moment, ZoneInfo("America/New_York")) == "2026-07-01 06:20"


def test_the_hour_that_comes_twice_is_asked_for_from_before_it() -> None:
    # 02:30 summer time; read as winter time it would be an hour later
    moment = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    assert wall_minute(moment, ZoneInfo("Europe/Berlin")) == "2026-10-25 01:30"


@given(moments, st.sampled_from(ZONES))
def test_the_westernmost_date_is_early_enough_in_any_zone(moment: datetime, zone: str) -> None:
    text = wall_minute(moment, WESTERNMOST)

    wall = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))
    assert wall.astimezone(UTC) <= moment
