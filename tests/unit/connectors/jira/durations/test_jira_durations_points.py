"""From when until when an issue took: read from planted change logs, on Cloud and on Data Center."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.jira.related import HISTORIES_A_PAGE
from tests.unit.connectors.jira.durations.world import (
    NOW,
    ROUTER,
    Opener,
    issue,
    lines,
    plan,
    seed,
    short,
)
from tests.unit.connectors.jira.sandboxes import serving


@pytest.mark.parametrize(
    ("point", "at"),
    [
        ("created", "12 09:00"),
        ("assigned", "13 09:00"),
        ("resolved", "14 09:00"),
        ({"status": "Routed"}, "12 10:00"),
        ({"status": "routed"}, "12 10:00"),
        ({"status": "Open"}, "12 09:00"),
        ({"status_category": "done"}, "14 09:00"),
        ({"status_category": "In Progress"}, "12 10:00"),
        ({"status_category": "new"}, "12 09:00"),
        ({"transition": {"from": "Fixed", "to": "Routed"}}, "15 09:00"),
        ({"field": "PO number"}, "16 09:00"),
        ({"field": "customfield_10010"}, "16 09:00"),
        ({"field": "Components"}, "17 09:00"),
        ({"comment": "first"}, "18 09:00"),
    ],
)
def test_every_point_is_its_first_time(jira: Opener, point: Any, at: str) -> None:
    served = jira(
        issue(
            1,
            ("12T10:00", "status", "Routed"),
            ("13T09:00", "assignee", "u-bob"),
            ("13T10:00", "assignee", None),
            ("14T09:00", "status", "Fixed"),
            ("15T09:00", "status", "Routed"),
            ("15T10:00", "assignee", "u-alice"),
            ("16T09:00", "PO number", "PO-1"),
            ("16T10:00", "PO number", None),
            ("17T09:00", "components", ["net"]),
            ("17T10:00", "components", ["net", "power"]),
            ("19T09:00", "status", "Closed"),
            comments=[
                {"at": "2026-01-18T09:00:00Z", "author": "u-bob", "body": "Looking"},
                {"at": "2026-01-18T10:00:00Z", "author": "u-alice", "body": "Thanks"},
            ],
        )
    )
    end = {"status": "Closed"}

    found = lines(served, plan(point, end))["ONCALL-1"]

    assert found[0][:3] == (at, "19 09:00", "pending")
    assert found[1][:3] == ("19 09:00", None, "pass")


@pytest.mark.parametrize(
    "point",
    [
        "assigned",
        "resolved",
        {"status": "Fixed"},
        {"status_category": "done"},
        {"field": "PO number"},
        {"field": "components"},
    ],
)
def test_what_an_issue_was_created_with_counts_from_its_creation(jira: Opener, point: Any) -> None:
    served = jira(
        issue(
            1, ("13T10:00", "components", ["net", "power"]), ("13T11:00", "components", ["power"]),
            ("14T10:00", "PO number", "PO-2"), ("15T10:00", "status", "Closed"),
            assignee="u-bob", status="Fixed", PO_number="PO-1", components=["net"],
        )
    )  # fmt: skip

    found = lines(served, plan("created", point))["ONCALL-1"]

    assert found == [("12 09:00", None, "pass", 0.0)]


@pytest.mark.parametrize(
    "point",
    [
        "assigned",
        "resolved",
        {"status": "Closed"},
        {"status_category": "done"},
        {"transition": {"from": "Open", "to": "Closed"}},
        {"field": "PO number"},
        {"comment": "first"},
    ],
)
def test_from_a_point_that_never_came_nothing_is_judged(jira: Opener, point: Any) -> None:
    served = jira(issue(1, ("12T10:00", "status", "Routed")))

    assert lines(served, plan(point, {"status": "Routed"})) == {"ONCALL-1": []}
    assert served.read(plan(point, {"status": "Routed"})).timelines["10001"].since is None


def test_an_end_before_the_start_passes_at_once_with_no_time(jira: Opener) -> None:
    served = jira(issue(1, ("12T10:00", "status", "Routed"), ("13T10:00", "assignee", "u-bob")))

    found = lines(served, plan("assigned", {"status": "Routed"}, within="1 h"))

    assert found == {"ONCALL-1": [("13 10:00", None, "pass", 0.0)]}


def test_an_issue_that_moved_keeps_its_past(jira: Opener) -> None:
    served = jira(issue(1, ("12T10:00", "status", "Routed"), ("12T11:00", "key", "DESK-9")))

    found = lines(served, plan("created", {"status": "Routed"}, "project = DESK"))

    assert found["DESK-9"][-1] == ("12 10:00", None, "pass", 3600.0)


# ------------------------------------------------------------------------------------- deadlines


def test_in_time_late_and_open_issues_against_a_limit(jira: Opener) -> None:
    served = jira(
        issue(1, ("12T13:00", "status", "Routed")),
        issue(2, ("12T13:01", "status", "Routed")),
        issue(3),
        issue(4, created="2026-01-20T11:00:00Z"),
    )

    found = lines(served, plan("created", {"status": "Routed"}, within="4 h"))

    assert found == {
        "ONCALL-1": [("12 09:00", "12 13:00", "pending", None), ("12 13:00", None, "pass", 14400)],
        "ONCALL-2": [
            ("12 09:00", "12 13:00", "pending", None),
            ("12 13:00", "12 13:01", "fail", None),
            ("12 13:01", None, "fail", 14460),
        ],
        "ONCALL-3": [("12 09:00", "12 13:00", "pending", None), ("12 13:00", None, "fail", None)],
        # The deadline is still to come, and is written down: nobody has to read when it passes.
        "ONCALL-4": [("20 11:00", "20 15:00", "pending", None), ("20 15:00", None, "fail", None)],
    }


def test_an_open_issue_that_fails_says_what_it_lacks(jira: Opener) -> None:
    served = jira(issue(1))

    [_, late] = (
        served.read(plan("created", {"status": "Routed"}, within="4 h")).timelines["10001"].verdicts
    )

    assert late.missing == ("no Routed yet",)


def test_a_turn_reads_again_only_what_was_edited(jira: Opener) -> None:
    served = jira(issue(1), issue(2, created="2026-01-20T11:00:00Z"), overlap=0)
    made = plan("created", {"status": "Routed"}, within="4 h")
    first = served.read(made)
    served.later(hours=1)
    served.jira.edit_issue("ONCALL-2", {"status": "Routed"})
    served.later(minutes=1)
    served.jira.forget_requests()

    turn = served.read(made, cursor=first.cursor, known=first.timelines)

    assert [each.label for each in turn.timelines.values()] == ["ONCALL-2"]
    assert turn.timelines["10002"].verdicts[-1].number == 7200
    if jira.flavour == "cloud":
        assert served.asked("/changelog/bulkfetch") == [
            {"issueIdsOrKeys": ["10002"], "fieldIds": ["status"], "maxResults": HISTORIES_A_PAGE}
        ]


def test_numbers_of_a_mean_are_of_finished_issues(jira: Opener) -> None:
    served = jira(issue(1, ("12T13:00", "status", "Routed")), issue(2))

    found = lines(served, plan("created", {"status": "Routed"}))

    assert found == {
        "ONCALL-1": [("12 09:00", "12 13:00", "pending", None), ("12 13:00", None, "pass", 14400)],
        "ONCALL-2": [("12 09:00", None, "pending", None)],
    }


# -------------------------------------------------------------------------------------- accounts


@pytest.mark.parametrize(
    ("flavour", "account"),
    [
        ("cloud", "u-bob"), ("cloud", "bob@example.org"), ("cloud", "Bob Burr"),
        ("datacenter", "bob"), ("datacenter", "BOB@example.org"), ("datacenter", "bob burr"),
    ],
)  # fmt: skip
def test_an_account_may_be_written_as_people_know_it(flavour: Any, account: str) -> None:
    with serving(flavour, seed(issue(1, ("12T10:00", "status", "Routed")))) as served:
        served.clock.now = NOW
        made = plan("created", {"status": "Routed"}, within="4 h", to_by=[ROUTER, account])

        assert lines(served, made)["ONCALL-1"][-1][2] == "pass"


def test_another_account_fails_from_the_moment_it_acts(jira: Opener) -> None:
    served = jira(issue(1, ("12T10:00", "status", "Routed")))
    made = plan("created", {"status": "Routed"}, within="4 h", to_by=ROUTER)

    [open_, done] = served.read(made).timelines["10001"].verdicts

    assert (open_.outcome, short(open_.valid_to)) == ("pending", "12 10:00")
    assert (done.outcome, done.number) == ("fail", 3600)
    assert done.missing == (f"Routed by Bob Burr, not {ROUTER}",)


def test_the_creator_brings_about_what_an_issue_was_created_with(jira: Opener) -> None:
    served = jira(issue(1, status="Routed", reporter="u-router"), issue(2, status="Routed"))

    found = lines(
        served, plan("created", {"status": "Routed"}, within="1 h", to_by="On-call router")
    )

    assert {key: line[-1][2] for key, line in found.items()} == {
        "ONCALL-1": "pass",
        "ONCALL-2": "fail",
    }


def test_the_first_comment_decides_who_answered(jira: Opener) -> None:
    comments = [
        {"at": "2026-01-12T09:05:00Z", "author": "u-alice", "body": "Anyone?"},
        {"at": "2026-01-12T09:10:00Z", "author": "u-bob", "body": "Yes"},
    ]
    served = jira(issue(1, comments=comments), issue(2, comments=comments[1:]))

    found = lines(served, plan("created", {"comment": "first"}, within="1 h", to_by="Bob Burr"))

    assert [line[-1] for line in found.values()] == [
        ("12 09:05", None, "fail", 300),
        ("12 09:10", None, "pass", 600),
    ]
