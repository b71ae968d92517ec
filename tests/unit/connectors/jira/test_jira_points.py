"""Moments in the life of an issue: each is the first time that something was so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import BadAnswer, Json, Row
from connectors.jira.changelog import Change, Person
from connectors.jira.needs import Needs
from connectors.jira.points import Occurrence, Said, point_json, point_of
from connectors.jira.sla import Cycle
from connectors.jira.statuses import Statuses

BORN = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
ANN, BOB = Person(frozenset({"ann"}), "Ann"), Person(frozenset({"bob"}), "Bob")
STATUSES = Statuses(
    [
        {"id": number, "name": name, "statusCategory": {"key": key, "name": shown}}
        for number, name, key, shown in (
            ("1", "Open", "new", "To Do"),
            ("2", "Routed", "indeterminate", "Doing"),
            ("3", "Fixed", "done", "Done"),
        )
    ],
    "jira",
)
Side = tuple[str | None, str | None]
"""The id and the words of what a field held."""
NOTHING: Side = (None, None)


def hour(number: float) -> datetime:
    return BORN + timedelta(hours=number)


def change(field: str, at: float, before: Side, after: Side, by: Person | None = BOB) -> Change:
    return Change(hour(at), by, field, *before, *after)


def issue(field: str = "status", *changes: Change, **fields: Json) -> Row:
    """An issue that Ann created, and what its log says of the field."""
    return {
        "key": "X-1",
        "fields": {"created": BORN.isoformat(), "creator": {"name": "Ann"}, **fields},
        "changes": {field: changes},
        "statuses": STATUSES,
    }


def first(point: Json, row: Row, *, begins: bool = False) -> tuple[float, Person | None] | None:
    """After how many hours it was first so, and by whom."""
    found = point_of(point, begins=begins).first(row)
    return None if found is None else ((found.at - BORN) / timedelta(hours=1), found.author)


BY_ANN, BY_BOB = (0.0, ANN), (2.0, BOB)


# ------------------------------------------------------------------------------------ what is meant


@pytest.mark.parametrize(
    ("written", "words", "fields", "needs"),
    [
        ("created", "created", "created", Needs()),
        (
            "resolved", "resolved", "resolution resolutiondate created",
            Needs(changes=frozenset({"resolution"})),
        ),
        (
            "assigned", "assignee", "assignee created",
            Needs(changes=frozenset({"assignee"})),
        ),
        ({"field": "Owner"}, "Owner", "Owner created", Needs(changes=frozenset({"Owner"}))),
        (
            {"status": "Routed"}, "Routed", "status created",
            Needs(changes=frozenset({"status"}), statuses=frozenset({"Routed"})),
        ),
        (
            {"status_category": "done"}, "done", "status created",
            Needs(changes=frozenset({"status"}), categories=frozenset({"done"})),
        ),
        (
            {"transition": {"from": "Open", "to": "Fixed"}}, "Open → Fixed",
            "status created",
            Needs(changes=frozenset({"status"}), statuses=frozenset({"Open", "Fixed"})),
        ),
        ({"comment": "first"}, "comment", "comment", Needs(comments=True)),
        ({"sla": "Repair"}, "Repair", "", Needs(slas=frozenset({"Repair"}))),
    ],
)  # fmt: skip
def test_a_point_is_known_by_what_its_author_wrote_and_says_what_it_looks_at(
    written: Json, words: str, fields: str, needs: Needs
) -> None:
    point = point_of(written)

    assert (point.definition, point.words) == (written, words)
    assert point.needs == needs | Needs(fields=frozenset(fields.split()))
    assert point_json(written) is written


def test_the_beginning_of_an_agreement_is_another_point_than_its_end() -> None:
    begins, ends = point_of({"sla": "Repair"}, begins=True), point_of({"sla": "Repair"})

    assert begins.definition == {"sla": "Repair", "begins": True}
    assert begins != ends


def test_names_are_trimmed() -> None:
    assert point_of({"status": " Open "}) == point_of({"status": "Open"})
    assert point_of({"transition": {"from": " A", "to": "B "}}).words == "A → B"


EXPECTED = (
    "expected created, resolved, assigned, or one of {status: S}, {status_category: C}, "
    "{transition: {from: A, to: B}}, {field: F}, {comment: first}, {sla: NAME}"
)
NO_SIDES = "got a transition without from and to; expected {from: A, to: B}"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("sometimes", f'got "sometimes"; {EXPECTED}'),
        (7, f"got 7; {EXPECTED}"),
        ({}, f"got {{}}; {EXPECTED}"),
        ({"status": "a", "field": "b"}, f"got {{'status': 'a', 'field': 'b'}}; {EXPECTED}"),
        ({"journal": "x"}, f"got {{journal: ...}}; {EXPECTED}"),
        ({"comment": "last"}, "got {comment: last}; expected {comment: first}"),
        ({"transition": "Open"}, NO_SIDES),
        ({"transition": {"from": "A"}}, NO_SIDES),
        ({"transition": {"from": "A", "to": "B", "by": "C"}}, NO_SIDES),
        ({"transition": {"from": 7, "to": "B"}}, "got 7 as from; expected its name"),
        ({"transition": {"from": "A", "to": " "}}, "got ' ' as to; expected its name"),
        ({"status": None}, "got None as status; expected its name"),
        ({"status_category": ""}, "got '' as status_category; expected its name"),
        ({"field": ["F"]}, "got ['F'] as field; expected its name"),
        ({"sla": 7}, "got 7 as sla; expected its name"),
    ],
)
def test_what_is_no_point_is_refused_with_what_to_write(written: Json, words: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  its whole words are compared
        point_json(written)

    assert str(caught.value) == words


# --------------------------------------------------------------------------------- created, resolved


def test_an_issue_is_created_by_whom_jira_names() -> None:
    assert first("created", issue()) == BY_ANN
    assert first("created", issue(creator=None)) == (0.0, None)


@pytest.mark.parametrize(
    ("point", "more"),
    [("created", {"created": "soon"}), ("resolved", {"resolutiondate": "soon", "resolution": "x"})],
)
def test_a_moment_that_jira_writes_otherwise_is_refused(point: str, more: dict[str, Json]) -> None:
    field = next(iter(more))

    with pytest.raises(BadAnswer) as caught:
        first(point, issue("resolution", **more))

    assert str(caught.value) == (
        f"issue X-1: {field}: expected a time with its offset or milliseconds, got 'soon'"
    )


RESOLVED = change("resolution", 2, NOTHING, ("7", "Fixed"))
DONE = {"id": "7", "name": "Fixed"}


@pytest.mark.parametrize(
    ("changes", "now", "date", "expected"),
    [
        ((RESOLVED,), DONE, hour(5), BY_BOB),
        ((RESOLVED,), DONE, None, BY_BOB),
        ((), DONE, hour(5), (5.0, None)),  # an import: it has no log, and Jira says when
        ((), DONE, hour(0), BY_ANN),
        ((), DONE, hour(-5), BY_ANN),
        ((), DONE, None, BY_ANN),
        ((), None, hour(5), None),
        ((), None, None, None),
    ],
)
def test_an_issue_is_resolved_by_its_log_and_without_one_when_jira_says(
    changes: tuple[Change, ...],
    now: Json,
    date: datetime | None,
    expected: tuple[float, Person | None] | None,
) -> None:
    row = issue("resolution", *changes, resolution=now, resolutiondate=date and date.isoformat())

    assert first("resolved", row) == expected


# -------------------------------------------------------------------------------------- what it held


@pytest.mark.parametrize(
    "value",
    [
        "x",
        0,
        False,
        {"accountId": "5b10"},
        {"key": "JIRAUSER1"},
        {"id": "7"},
        {"name": "x"},
        {"value": "EU"},
        {"displayName": "Ann"},
        *([{word: "x"}] for word in ("name", "value", "displayName", "key")),
        [None, "x"],
        {"type": "doc", "content": [{"type": "paragraph"}]},
    ],
)
def test_a_field_that_was_never_changed_is_filled_since_the_creation(value: Json) -> None:
    assert first({"field": "F"}, issue("F", F=value)) == BY_ANN


@pytest.mark.parametrize(
    "value",
    [None, "", "  ", [], [None], [""], {}, {"id": None, "value": ""}, {"type": "doc"}],
)
def test_a_field_that_holds_nothing_has_not_been_filled(value: Json) -> None:
    assert first({"field": "F"}, issue("F", F=value)) is None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (NOTHING, ("7", None), BY_BOB),
        (NOTHING, (None, "x"), BY_BOB),
        (("", " "), ("", "x"), BY_BOB),
        (("7", None), (None, "x"), BY_ANN),
        ((None, "x"), NOTHING, BY_ANN),
        (NOTHING, (None, " "), None),
    ],
)
def test_a_field_that_was_changed_is_filled_since_what_its_log_says(
    before: Side, after: Side, expected: tuple[float, Person] | None
) -> None:
    log = (change("F", 2, before, after), change("F", 3, after, NOTHING))

    assert first({"field": "F"}, issue("F", *log, F=None)) == expected
    assert first("assigned", issue("assignee", *log)) == expected


A, B = (None, "A"), (None, "B")


@pytest.mark.parametrize("field", ["components", "fixVersions", "versions"])
@pytest.mark.parametrize(
    ("log", "now", "expected"),
    [
        ([(NOTHING, B)], "A B", BY_ANN),  # A was there and is not in the log
        ([(NOTHING, B)], "B", BY_BOB),
        ([(NOTHING, B), (A, NOTHING)], "B", BY_ANN),
        ([(NOTHING, B), (B, NOTHING)], "", BY_BOB),
        ([(NOTHING, A), (A, NOTHING), (NOTHING, A)], "A", BY_BOB),
        ([(B, NOTHING), (NOTHING, A)], "A", BY_ANN),
    ],
)
def test_values_that_are_logged_one_by_one_are_counted_back_from_what_is_there_now(
    field: str, log: list[tuple[Side, Side]], now: str, expected: tuple[float, Person]
) -> None:
    changes = [change(field, 2 + number, *sides) for number, sides in enumerate(log)]
    row = issue(field, *changes, **{field: [{"name": name} for name in now.split()]})

    assert first({"field": field}, row) == expected


def test_values_that_are_logged_all_at_once_are_not_counted_back() -> None:
    row = issue("labels", change("labels", 2, (None, ""), (None, "B")), labels=["A", "B"])

    assert first({"field": "labels"}, row) == BY_BOB


def test_what_is_no_list_has_nothing_to_count_back() -> None:
    row = issue("versions", change("versions", 2, NOTHING, B), versions=None)

    assert first({"field": "versions"}, row) == BY_BOB


# ------------------------------------------------------------------------------------------ statuses

OPEN, ROUTED, FIXED = ("1", "Open"), ("2", "Routed"), ("3", "Fixed")


@pytest.mark.parametrize(
    ("point", "log", "now", "expected"),
    [
        # created in it, by id or by a name that is no more
        ({"status": "open"}, [], {"id": 1, "name": "Neu"}, BY_ANN),
        ({"status": "Gone"}, [], {"id": "99", "name": "gone"}, BY_ANN),
        ({"status": "Gone"}, [], {"name": "Gone"}, BY_ANN),
        ({"status": "Fixed"}, [], {"id": "1", "name": "Open"}, None),
        # sent back and come again: the first time counts
        ({"status": "Routed"}, [(OPEN, ROUTED), (ROUTED, OPEN), (OPEN, ROUTED)], None, BY_BOB),
        ({"status": "Open"}, [(OPEN, ROUTED), (ROUTED, OPEN)], None, BY_ANN),
        # by category, in its key or as it is shown; a status that is no more is of none
        ({"status_category": "done"}, [(OPEN, ROUTED), (ROUTED, FIXED)], None, (3.0, BOB)),
        ({"status_category": "Doing"}, [(OPEN, ROUTED)], None, BY_BOB),
        ({"status_category": "new"}, [], {"id": "1"}, BY_ANN),
        ({"status_category": "done"}, [(OPEN, ("99", "Shipped"))], None, None),
        # from one to another, and to nothing else
        ({"transition": {"from": "Open", "to": "Routed"}}, [(OPEN, ROUTED)], None, BY_BOB),
        ({"transition": {"from": "Open", "to": "Fixed"}}, [(OPEN, ROUTED)], None, None),
        ({"transition": {"from": "Fixed", "to": "Routed"}}, [(OPEN, ROUTED)], None, None),
        ({"transition": {"from": "Routed", "to": "Open"}}, [(OPEN, ROUTED)], None, None),
        (
            {"transition": {"from": "Routed", "to": "Fixed"}},
            [(OPEN, ROUTED), (("98", "routed"), ("97", "FIXED"))], None, (3.0, BOB),
        ),
        ({"transition": {"from": "Open", "to": "Open"}}, [], {"id": "1"}, None),
    ],
)  # fmt: skip
def test_a_status_is_reached_when_it_was_first(
    point: Json,
    log: list[tuple[Side, Side]],
    now: Json,
    expected: tuple[float, Person] | None,
) -> None:
    changes = [change("status", 2 + number, *sides) for number, sides in enumerate(log)]

    assert first(point, issue("status", *changes, status=now)) == expected


# ------------------------------------------------------------------------- comments and agreements


def test_a_comment_is_the_oldest_one_with_its_author() -> None:
    said = (Said(hour(2), BOB), Said(hour(3), ANN))

    assert first({"comment": "first"}, {"comments": said}) == BY_BOB
    assert first({"comment": "first"}, {"comments": ()}) is None


def cycle(start: float, stop: float | None) -> Cycle:
    return Cycle(hour(start), None if stop is None else hour(stop), None, False, 0.0)


@pytest.mark.parametrize(
    ("cycles", "begins", "ends"),
    [
        ({"repair": (cycle(1, 2), cycle(3, 4))}, (1.0, None), (2.0, None)),
        ({"repair": (cycle(1, None), cycle(3, 4))}, (1.0, None), (4.0, None)),
        ({"repair": (cycle(1, None),)}, (1.0, None), None),
        ({"repair": ()}, None, None),
        ({"other": (cycle(1, 2),)}, None, None),
        (None, None, None),
    ],
)
def test_an_agreement_begins_with_its_first_cycle_and_ends_with_the_first_complete_one(
    cycles: Any, begins: Any, ends: Any
) -> None:
    row: Row = {"slas": cycles}

    assert first({"sla": "Repair"}, row, begins=True) == begins
    assert first({"sla": "Repair"}, row) == ends


def test_who_ended_an_agreement_is_not_told() -> None:
    row: Row = {"slas": {"repair": (cycle(1, 2),)}}

    assert point_of({"sla": "Repair"}).first(row) == Occurrence(hour(2), None)
