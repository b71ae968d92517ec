"""JQL, operator by operator. Expected keys are in the order of creation unless a query sorts."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jira.jql_tree import parse
from syncd.demo.jira import dates, words
from syncd.demo.jira.meaning import Asking
from tests.unit.demo.jira.jql.world import ALL, LA, found
from tests.unit.demo.jira.worlds import NOW


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        # equality, by name, key, id, in any case
        ("project = CE", "CE-1 CE-2 CE-4 CE-3"),
        ("project = ce", "CE-1 CE-2 CE-4 CE-3"),
        ('PROJECT = "Customer engineering"', "CE-1 CE-2 CE-4 CE-3"),
        ("project = 10001", "OPS-1"),
        ("project != CE", "OPS-1"),
        ("project in (CE, OPS)", ALL),
        ("project not in (CE)", "OPS-1"),
        ("issuetype = bug", "CE-3"),
        ("type != Bug", "CE-1 CE-2 CE-4 OPS-1"),
        ('status = "In Review"', "CE-3"),
        ("status = 10001", "CE-2 CE-4 OPS-1"),
        ("statusCategory = Done", "CE-1"),
        ('statusCategory = "To Do"', "CE-2 CE-4 OPS-1"),
        ('statusCategory in ("In Progress", 3)', "CE-1 CE-3"),
        ("statusCategory != Done", "CE-2 CE-4 CE-3 OPS-1"),
        # an empty field is found by neither = nor !=
        ("priority = P0", "CE-2 OPS-1"),
        ("priority != P0", "CE-1"),
        ("priority not in (P0, P1)", ""),
        ("NOT priority = P0", "CE-1"),
        ("priority is EMPTY", "CE-4 CE-3"),
        ("priority is not NULL", "CE-1 CE-2 OPS-1"),
        ("priority = EMPTY", "CE-4 CE-3"),
        ("priority != EMPTY", "CE-1 CE-2 OPS-1"),
        ("priority in (P1, EMPTY)", "CE-1 CE-4 CE-3"),
        # priorities by urgency
        ("priority > P1", "CE-2 OPS-1"),
        ("priority <= P1", "CE-1"),
        # fields of many values
        ("labels = CKA", "CE-1 CE-3"),
        ("labels = nobody-has-it", ""),
        ("labels != cka", ""),
        ("labels in (training, other)", "CE-1"),
        ("labels is EMPTY", "CE-2 CE-4 OPS-1"),
        ("component = support", "CE-2 OPS-1"),
        ("component != support", "CE-1"),
        ("component not in (presales)", "OPS-1"),
        ("fixVersion = 1.0", "CE-2"),
        # people
        ("assignee = currentUser()", "CE-1"),
        ("assignee in (currentUser(), u-bob)", "CE-1 CE-3 OPS-1"),
        ('assignee = "Bob Burr"', "CE-3 OPS-1"),
        ("assignee != u-bob", "CE-1"),
        ("assignee is EMPTY", "CE-2 CE-4"),
        (f"reporter = '{'alice@example.org'}'", "CE-2"),
        ("creator = u-alice", "CE-2"),
        # custom fields by name, quoted name, number, name with type
        ("Region = eu", "CE-1"),
        ('"Region" != EU', "CE-2"),
        ("cf[10011] in (EU, US)", "CE-1 CE-2"),
        ('"Region[Dropdown]" = US', "CE-2"),
        ('"PO number" is not EMPTY', "CE-1"),
        ('"po NUMBER" ~ "po-7"', "CE-1"),
        ("Racks = 4", "CE-1"),
        ("Racks >= 4 AND Racks < 12.5", "CE-1"),
        ("Racks > 4", "CE-2"),
        ("Skills = bios", "CE-3"),
        ("Approver = currentUser()", "CE-3"),
        ("Reviewers = u-bob", "CE-3"),
        ("Tags = RED", "CE-3"),
        ('Agreement = "https://a.example/1"', "CE-3"),
        ("Agreement is EMPTY", "CE-1 CE-2 CE-4 OPS-1"),
        # two fields of one name
        ("Twin ~ 'left'", "CE-3"),
        ("Twin ~ 'right'", "OPS-1"),
        # resolutions follow the status
        ("resolution = Done", "CE-1"),
        ("resolution = Unresolved", "CE-2 CE-4 CE-3 OPS-1"),
        ("resolution is EMPTY", "CE-2 CE-4 CE-3 OPS-1"),
        # text
        ('summary ~ "cable"', "CE-3"),
        ('summary ~ "order networks"', "CE-3"),
        ("summary ~ rack", "CE-2"),
        ("summary !~ rack", "CE-1 CE-4 CE-3 OPS-1"),
        ('summary ~ "\\"CKA exam\\""', "CE-1"),
        ('summary ~ "\\"exam CKA\\""', ""),
        ("summary ~ 'net*'", "CE-3"),
        ('summary ~ "net*"', "CE-3"),
        ('text ~ "electrician"', "CE-2"),
        ("text ~ fuse", "CE-2"),
        ("comment ~ blown", "CE-2"),
        ('Notes ~ "long stories"', "CE-3"),
        # keys and ids; a key from before a move still leads to the issue
        ("key = CE-1", "CE-1"),
        ("issuekey in (CE-2, OPS-2)", "CE-2 CE-4"),
        ("id = 10001", "CE-1"),
        ("id > 10002", "CE-4 CE-3 OPS-1"),
        ("id > 10003 AND id < 99999", "CE-4 OPS-1"),
        ("key > CE-2", "CE-4 CE-3"),
        ("key <= CE-2", "CE-1 CE-2"),
        ("id not in (10001, 10002)", "CE-4 CE-3 OPS-1"),
        # absolute dates, in Los Angeles, to the minute
        ('created >= "2026-02-09"', "OPS-1"),
        ('created >= "2026-02-08 23:59"', "CE-3 OPS-1"),
        ('created > "2026/02/08 23:59"', "CE-3 OPS-1"),
        ('created < "2026-01-05 10:31"', "CE-1"),
        ('created <= "2026-01-05 10:30"', ""),
        ("created >= 2026-02-10", "OPS-1"),
        ("due = 2026-02-01", "CE-1"),
        ("due > 2026-02-01", "CE-2"),
        ("duedate is EMPTY", "CE-4 CE-3 OPS-1"),
        ('"Go live" = 2026-02-10', "CE-2"),
        ('"Handed over" >= "2026-02-09 12:00"', "CE-2"),
        ('"Handed over" > "2026-02-09 12:00"', ""),
        ("updated >= 2026-02-10", "CE-2 OPS-1"),
        ('resolved >= "2026-02-01 10:00"', "CE-1"),
        ("statusCategoryChangedDate >= 2026-02-07", "CE-4 CE-3 OPS-1"),
        # relative dates
        ("created >= -7d", "CE-3 OPS-1"),
        ('created >= "-3h"', "OPS-1"),
        ("created < '-4w 2d'", "CE-1 CE-2"),
        ("updated > -1h", "CE-2"),
        ("created <= now()", ALL),
        ("created >= startOfDay()", "OPS-1"),
        ("created >= startOfDay(-2)", "CE-3 OPS-1"),
        ('created >= startOfDay("-2d")', "CE-3 OPS-1"),
        ("created >= startOfWeek()", "CE-3 OPS-1"),
        ("created >= startOfMonth()", "CE-3 OPS-1"),
        ("created <= endOfMonth(-1M)", "CE-1 CE-2 CE-4"),
        ("created >= startOfYear()", ALL),
        ("due <= endOfDay(20)", "CE-1 CE-2"),
        ("due < startOfDay()", "CE-1"),
        ("created > 1770000000000", "CE-3 OPS-1"),
        # AND, OR, NOT and parentheses
        ("project = CE AND labels = cka OR project = OPS", "CE-1 CE-3 OPS-1"),
        ("project = CE AND (labels = cka OR priority = P0)", "CE-1 CE-2 CE-3"),
        ("NOT (project = OPS OR labels = cka)", ""),
        ("NOT (project = OPS OR summary ~ CKA)", "CE-2 CE-4 CE-3"),
        ("!labels is EMPTY && project=CE", "CE-1 CE-3"),
        ("not not project = OPS", "OPS-1"),
        ("not priority > P1 ", "CE-1"),
        ("not project in (OPS) | id = 10004", ALL),
        # history
        ("status was 'In Progress'", "CE-1"),
        ('status WAS "In Progress"', "CE-1"),
        ("status was Done", "CE-1 CE-4"),
        ("status was not Done", "CE-2 CE-3 OPS-1"),
        ("status was in (Done, 'In Review')", "CE-1 CE-4 CE-3"),
        ("status was not in (Done, 'In Review')", "CE-2 OPS-1"),
        ("NOT status was Done", "CE-2 CE-3 OPS-1"),
        ("status was Done after 2026-02-08", "CE-1"),
        ("status was Done before 2026-02-03", "CE-1"),
        ("status was Done on 2026-02-06", "CE-1 CE-4"),
        ('status was Done during ("2026-02-04", "2026-02-06") by u-bob', "CE-1 CE-4"),
        ("status was Done by currentUser()", ""),
        ("status changed", "CE-1 CE-4"),
        ("status changed from Done to 'To Do'", "CE-4"),
        ("status changed after -4d", "CE-4"),
        ("status changed before 2026-01-31", "CE-1"),
        ("not status changed", "CE-2 CE-3 OPS-1"),
        ("assignee was EMPTY", "CE-2 CE-4 CE-3"),
        ("priority changed to P0", "CE-2"),
    ],
)  # fmt: skip
def test_a_query_finds(jql: str, keys: str) -> None:
    assert found(jql) == keys


@pytest.mark.parametrize(
    ("order", "keys"),
    [
        ("created", ALL),
        ("created DESC", "OPS-1 CE-3 CE-4 CE-2 CE-1"),
        ("key", "CE-1 CE-2 CE-3 CE-4 OPS-1"),
        ("id DESC", "CE-4 OPS-1 CE-3 CE-2 CE-1"),
        ("priority DESC, created", "CE-4 CE-3 CE-2 OPS-1 CE-1"),
        ("priority, created DESC", "CE-1 OPS-1 CE-2 CE-3 CE-4"),
        ("due ASC, key", "CE-1 CE-2 CE-3 CE-4 OPS-1"),
        ("due DESC, key", "CE-3 CE-4 OPS-1 CE-2 CE-1"),
        ("status, key desc", "OPS-1 CE-4 CE-2 CE-3 CE-1"),
        ("assignee, key", "CE-1 CE-3 OPS-1 CE-2 CE-4"),
        ("summary", "CE-4 CE-3 CE-1 CE-2 OPS-1"),
        ("Racks DESC, cf[10011], key", "CE-3 CE-4 OPS-1 CE-2 CE-1"),
        ("Rank", "CE-1 CE-2 CE-3 OPS-1 CE-4"),
        ("updated, id", "CE-1 CE-4 CE-3 OPS-1 CE-2"),
    ],
)
def test_order_by_sorts_by_each_field_in_turn(order: str, keys: str) -> None:
    jql = f"project in (CE, OPS) ORDER BY {order}"
    assert found(jql) == keys


_FIELDS = st.sampled_from(
    ["priority = P0", "labels = cka", "Racks > 4", "assignee is EMPTY", "project = CE",
     "summary ~ rack", "status was Done", 'created >= "2026-02-09"', "component = support"]
)  # fmt: skip


@given(_FIELDS, _FIELDS)
def test_and_or_and_not_agree_with_sets(one: str, other: str) -> None:
    def of(jql: str) -> set[str]:
        return set(found(jql).split())

    assert of(f"{one} AND {other}") == of(one) & of(other)
    assert of(f"{one} OR {other}") == of(one) | of(other)
    assert of(f"NOT NOT ({one})") == of(one)
    assert of(f"NOT ({one})") & of(one) == set()
    assert of(f"NOT ({one} OR {other})") == of(f"NOT ({one})") & of(f"NOT ({other})")


def test_escapes_in_quotes_and_words_are_read() -> None:
    assert parse(r'a = "say \"x\" \u0041\t"') == parse("a = 'say \"x\" A\t'")
    assert parse(r"a = b\ c") != parse("a = bc")


def test_the_same_query_finds_other_issues_in_another_timezone() -> None:
    jql = "created >= 2026-02-09"
    assert found(jql) == "OPS-1"
    assert found(jql, Asking(NOW, ZoneInfo("UTC"), "u-alice")) == "CE-3 OPS-1"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-15", datetime(2026, 1, 15, 8, tzinfo=UTC)),
        ("2026-07-15", datetime(2026, 7, 15, 7, tzinfo=UTC)),  # summer time
        ("2026/1/5 9:30", datetime(2026, 1, 5, 17, 30, tzinfo=UTC)),
        ("-1d", datetime(2026, 2, 9, 20, tzinfo=UTC)),
        ("1w 1d 1h 1m", datetime(2026, 2, 18, 21, 1, tzinfo=UTC)),
        ("- 2h", datetime(2026, 2, 10, 18, tzinfo=UTC)),
        ("2026-02-30", None),
        ("2026-01-15T", None),
        ("7", datetime(1970, 1, 1, 0, 0, 0, 7000, tzinfo=UTC)),
        ("", None),
    ],
)
def test_a_date_of_a_query_means(text: str, moment: datetime | None) -> None:
    assert dates.literal(text, NOW, LA) == moment


def test_a_day_of_the_clock_change_begins_and_ends_at_midnight() -> None:
    at = datetime(2026, 3, 8, 20, tzinfo=UTC)
    assert dates.called("startOfDay", (), at, LA) == datetime(2026, 3, 8, 8, tzinfo=UTC)
    assert dates.called("endOfDay", (), at, LA) == datetime(2026, 3, 9, 6, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "text", "matches"),
    [
        ("fail", "Fans failed", True),
        ("fan -failed", "Fans failed", False),
        ("fan OR pump", "A pump", True),
        ("fan pump", "A pump", False),
        ("fa?s", "Fans failed", True),
        ("x", "", False),
        ("ops-1", "see OPS-1", True),
        ('"see ops"', "see OPS-1", True),
    ],
)
def test_text_matches(query: str, text: str, matches: bool) -> None:
    assert words.matcher(query)(text) is matches
