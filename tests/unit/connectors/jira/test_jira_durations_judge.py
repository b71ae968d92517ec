"""The judge and the measure of durations, without a Jira."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import (
    Aggregation,
    BusinessHours,
    Dimension,
    Outcome,
    PlanContext,
    Row,
    ScanPlan,
    Verdict,
)
from connectors.jira import connector
from connectors.jira.changelog import Change, Person
from connectors.jira.durations import Duration
from connectors.jira.needs import Needing
from connectors.jira.points import point_of
from connectors.jira.statuses import Statuses
from connectors.waiting import Wait
from tests.examples import examples

CREATED = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
HOURS = BusinessHours(frozenset(range(5)), time(9), time(17), "Europe/London")
NAMES = ("Open", "Routed", "Fixed")
STATUSES = Statuses(
    [
        {"id": str(number), "name": name, "statusCategory": {"key": category, "name": category}}
        for number, (name, category) in enumerate(
            zip(NAMES, ("new", "indeterminate", "done"), strict=True), start=1
        )
    ],
    "jira",
)
ALICE = Person(frozenset({"alice"}), "Alice")
BOB = Person(frozenset({"bob"}), "Bob")
History = list[tuple[int, str, Person | None]]
"""Steps: minutes after the creation, the status entered, by whom."""


def row(history: History, until: datetime) -> Row:
    """The issue as Jira would have told it at a moment, created as Open."""
    changes, before = [], "Open"
    for minutes, after, author in sorted(history, key=lambda step: step[0]):
        at = CREATED + timedelta(minutes=minutes)
        if at <= until and after != before:
            ids = (str(NAMES.index(before) + 1), before, str(NAMES.index(after) + 1), after)
            changes.append(Change(at, author, "status", *ids))
            before = after
    return {
        "id": "1",
        "key": "X-1",
        "url": None,
        "fields": {
            "created": "2026-03-05T10:00:00.000+0000",
            "creator": {"displayName": "Alice"},
            "status": {"id": str(NAMES.index(before) + 1), "name": before},
        },
        "changes": {"status": tuple(changes)},
        "statuses": STATUSES,
    }


def holding(verdicts: tuple[Verdict, ...], moment: datetime) -> list[Any]:
    return [
        (v.outcome, v.number, v.missing)
        for v in verdicts
        if v.valid_from <= moment and (v.valid_to is None or moment < v.valid_to)
    ]


points = st.sampled_from(
    [
        "created",
        {"status": "Routed"},
        {"status": "Fixed"},
        {"status_category": "done"},
        {"transition": {"from": "Routed", "to": "Fixed"}},
    ]
)
limits = st.one_of(st.none(), st.integers(1, 5000).map(lambda minutes: minutes * 60.0))
minutes = st.integers(1, 10_000)
histories = st.lists(
    st.tuples(minutes, st.sampled_from(NAMES), st.sampled_from([ALICE, BOB, None])),
    max_size=8,
    unique_by=lambda step: step[0],
)
judges = st.builds(
    lambda start, end, by, within, hours, aged: Duration(
        start=point_of(start, begins=True),
        end=point_of(end),
        by=by,
        wait=Wait(within, hours, aged=aged and within is None),
    ),
    points, points, st.sampled_from([None, ("alice",), ("bob", "carol")]), limits,
    st.sampled_from([None, HOURS]), st.booleans(),
)  # fmt: skip


@settings(max_examples=examples(100), deadline=None)
@given(judge=judges, history=histories, moment=minutes)
def test_what_the_timeline_says_of_a_moment_is_what_was_said_then(
    judge: Duration, history: History, moment: int
) -> None:
    then = CREATED + timedelta(minutes=moment)
    now = CREATED + timedelta(minutes=10_001)

    told_now = judge.judge(row(history, now), now)
    told_then = judge.judge(row(history, then), then)

    assert told_now.since is None
    assert holding(told_now.verdicts, then) == holding(told_then.verdicts, then)


@settings(max_examples=examples(100), deadline=None)
@given(judge=judges, history=histories)
def test_verdicts_follow_each_other_without_gap_or_overlap(
    judge: Duration, history: History
) -> None:
    now = CREATED + timedelta(minutes=10_001)
    verdicts = judge.judge(row(history, now), now).verdicts

    assert all(v.valid_to is None or v.valid_from < v.valid_to for v in verdicts)
    assert [v.valid_to for v in verdicts[:-1]] == [v.valid_from for v in verdicts[1:]]
    assert not verdicts or verdicts[-1].valid_to is None


def test_a_status_that_was_renamed_is_known_by_its_id() -> None:
    judge = Duration(point_of("created"), point_of({"status": "Fixed"}))
    given_row = dict(row([], CREATED))
    given_row["changes"] = {
        "status": (
            Change(CREATED + timedelta(hours=1), BOB, "status", "1", "Neu", "3", "Repariert"),
        )
    }

    assert judge.judge(given_row, CREATED + timedelta(days=1)).verdicts[-1].number == 3600


def test_a_status_that_is_no_more_is_known_by_the_name_it_had() -> None:
    judge = Duration(point_of("created"), point_of({"status": "Routed"}))
    given_row = dict(row([], CREATED))
    given_row["changes"] = {
        "status": (
            Change(CREATED + timedelta(hours=1), BOB, "status", "1", "Open", "99", "routed"),
        )
    }

    assert judge.judge(given_row, CREATED + timedelta(days=1)).verdicts[-1].number == 3600


def test_an_import_without_a_log_was_resolved_when_jira_says() -> None:
    judge = Duration(point_of("created"), point_of("resolved"))
    given_row = dict(row([], CREATED))
    given_row["changes"] = {"resolution": ()}
    given_row["fields"] = {
        **given_row["fields"],
        "resolution": {"id": "1", "name": "Done"},
        "resolutiondate": "2026-03-06T10:00:00.000+0000",
    }

    assert judge.judge(given_row, CREATED + timedelta(days=9)).verdicts[-1].number == 86400


def test_titles_are_kept_where_they_are_wanted() -> None:
    made = planned({"evidence": "titles", "to": {"status": "Fixed"}, "mean": True})
    told = dict(row([], CREATED))
    told["fields"] = {**told["fields"], "summary": "A fan"}

    assert made.judge.judge(told, CREATED).label == "X-1 A fan"
    assert "summary" in made.judge.fields  # type: ignore[attr-defined]


# ------------------------------------------------------------------------------------ the measure


def planned(query: dict[str, Any], context: PlanContext | None = None) -> ScanPlan:
    whole = {"measure": "jira.duration", "jql": "project = X", "from": "created"} | query
    model = connector.measures["jira.duration"].model_validate(
        {name: value for name, value in whole.items() if value is not ...}
    )
    made = model.plan("jira", context or PlanContext(business_hours=HOURS))
    assert isinstance(made, ScanPlan)
    return made


@pytest.mark.parametrize(
    ("query", "how", "percentile", "dimension"),
    [
        ({"within": "5 min"}, Aggregation.SHARE, None, Dimension.RATIO),
        ({"percentile": 90}, Aggregation.PERCENTILE, 90, Dimension.DURATION),
        ({"mean": True}, Aggregation.MEAN, None, Dimension.DURATION),
        (
            {"from": ..., "to": {"sla": "Fix"}, "within": "goal"},
            Aggregation.SHARE, None, Dimension.RATIO,
        ),
    ],
)  # fmt: skip
def test_what_is_asked_decides_how_it_is_read(
    query: dict[str, Any], how: Aggregation, percentile: float | None, dimension: Dimension
) -> None:
    made = planned({"to": {"status": "Fixed"}} | query)

    assert (made.aggregate.how, made.aggregate.percentile) == (how, percentile)
    assert made.dimension is dimension
    assert made.retrospective
    assert isinstance(made.judge, Needing)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "exactly one of within, percentile, mean; got none of them"),
        ({"within": "5 min", "mean": True}, "got within and mean"),
        ({"from": ..., "mean": True}, "got no from"),
        ({"to": "created", "mean": True}, "two moments"),
        ({"from": "assigned", "to": "created", "mean": True}, "write it as from"),
        ({"to_by": [], "mean": True}, "names no account"),
        ({"within": "goal"}, "a goal of its own"),
        ({"within": "5m"}, "5 min"),
        ({"percentile": 0}, "greater than 0"),
        ({"from": "first_seen", "mean": True}, 'got "first_seen"; expected created, resolved'),
        ({"from": {"journal": "x"}, "mean": True}, "got {journal: ...}; expected created"),
        ({"from": {"status": " "}, "mean": True}, "as status; expected its name"),
        ({"from": {"status": "a", "sla": "b"}, "mean": True}, "expected created"),
        ({"from": {"comment": "last"}, "mean": True}, "expected {comment: first}"),
        ({"from": {"transition": "Open"}, "mean": True}, "expected {from: A, to: B}"),
        ({"from": ..., "to": {"sla": "F"}, "within": "4 h"}, "fix: within: goal"),
        ({"from": ..., "to": {"sla": "F"}, "mean": True, "hours": "business"}, "its own calendar"),
        ({"to": {"sla": "F"}, "mean": True, "to_by": "bob"}, "does not say who"),
    ],
)
def test_what_makes_no_sense_is_refused_with_words(query: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        planned({"to": {"status": "Fixed"}} | query)

    assert words in str(refusal.value)


def test_business_hours_that_no_mapping_declares_are_refused() -> None:
    query = {"to": {"status": "Fixed"}, "mean": True, "hours": "business"}

    with pytest.raises(ValueError, match="the mapping declares none"):
        planned(query, PlanContext())


def test_a_changed_option_is_another_judgement() -> None:
    queries: list[dict[str, Any]] = [
        {"within": "5 min"},
        {"within": "6 min"},
        {"within": "5 min", "to_by": "bob"},
        {"within": "5 min", "hours": "business"},
        {"mean": True},
        {"mean": True, "from": "assigned"},
        {"percentile": 90, "hours": "business"},
        {"mean": True, "evidence": "titles"},
        {"from": ..., "to": {"sla": "Fix"}, "mean": True},
        {"from": {"sla": "Fix"}, "mean": True},
        {"to": {"sla": "Fix"}, "mean": True},
    ]
    definitions = [str(planned({"to": {"status": "Fixed"}} | q).judge.definition) for q in queries]

    assert len(set(definitions)) == len(queries)


def test_without_business_hours_percentile_and_mean_share_their_verdicts() -> None:
    to = {"to": {"status": "Fixed"}}
    assert planned(to | {"mean": True}).judge.definition == (
        planned(to | {"percentile": 90}).judge.definition
    )


def test_editors_are_told_the_points() -> None:
    schema = connector.measures["jira.duration"].model_json_schema(by_alias=True)
    offered = schema["properties"]["to"]["anyOf"]

    assert offered[0] == {"enum": ["created", "resolved", "assigned"]}
    assert [next(iter(each["properties"])) for each in offered[1:]] == [
        "status", "status_category", "transition", "field", "comment", "sla",
    ]  # fmt: skip


def test_moments_are_judged_and_no_values() -> None:
    judge = Duration(point_of({"field": "Owner"}), point_of("resolved"))

    assert judge.valued == frozenset()
    assert judge.fields == {"Owner", "resolution", "resolutiondate", "created"}


# -------------------------------------------------------------------------------- what it came to

HOUR = 3600.0
NOBODY = "Fixed by nobody that Jira names, wanted bob or carol"
BY_ALICE = "Fixed by Alice, not bob or carol"


@pytest.mark.parametrize(
    ("within", "by", "author", "told"),
    [
        (None, None, ALICE, [("pending", None, ()), ("pass", HOUR, ())]),
        (HOUR, None, None, [("pending", None, ()), ("pass", HOUR, ())]),
        (
            HOUR - 1, None, ALICE,
            [("pending", None, ()), ("fail", None, ("no Fixed yet",)), ("fail", HOUR, ())],
        ),
        # at whose hands: another's fail it, and nobody's prove nothing, but what is late is late
        (HOUR, ("bob", "carol"), BOB, [("pending", None, ()), ("pass", HOUR, ())]),
        (HOUR, ("bob", "carol"), ALICE, [("pending", None, ()), ("fail", HOUR, (BY_ALICE,))]),
        (HOUR, ("bob", "carol"), None, [("pending", None, ()), ("pending", HOUR, (NOBODY,))]),
        (
            HOUR - 1, ("bob", "carol"), None,
            [("pending", None, ()), ("fail", None, ("no Fixed yet",)), ("fail", HOUR, (NOBODY,))],
        ),
    ],
)  # fmt: skip
def test_an_issue_that_arrived_after_an_hour(
    within: float | None, by: tuple[str, ...] | None, author: Person | None, told: list[Any]
) -> None:
    judge = Duration(point_of("created"), point_of({"status": "Fixed"}), by=by, wait=Wait(within))
    now = CREATED + timedelta(days=9)

    verdicts = judge.judge(row([(60, "Fixed", author)], now), now).verdicts

    assert [(each.outcome, each.number, each.missing) for each in verdicts] == told


def test_what_arrived_before_it_began_took_no_time() -> None:
    judge = Duration(point_of({"status": "Fixed"}), point_of("created"), wait=Wait(60.0))
    now = CREATED + timedelta(days=9)

    [verdict] = judge.judge(row([(60, "Fixed", ALICE)], now), now).verdicts

    assert verdict == Verdict(CREATED + timedelta(hours=1), None, Outcome.PASS, number=0.0)


def test_an_issue_that_has_not_begun_is_not_judged() -> None:
    judge = Duration(point_of({"status": "Fixed"}), point_of("created"))

    assert judge.judge(row([], CREATED), CREATED).verdicts == ()


def test_past_its_deadline_it_fails_for_want_of_what_did_not_come() -> None:
    judge = Duration(point_of("created"), point_of({"status": "Fixed"}), wait=Wait(60.0))

    _, late = judge.judge(row([], CREATED), CREATED).verdicts

    assert late.missing == ("no Fixed yet",)


def test_who_it_was_is_asked_for_only_where_that_counts() -> None:
    start, end = point_of("created"), point_of({"status": "Fixed"})

    anybody, bobs = Duration(start, end), Duration(start, end, by=("bob",))

    assert not anybody.needs.people
    assert "creator" not in anybody.fields
    assert bobs.needs.people
    assert bobs.fields == anybody.fields | {"creator"}
    assert bobs.needs.changes == anybody.needs.changes == {"status"}
