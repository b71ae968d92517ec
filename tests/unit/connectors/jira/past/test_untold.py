"""What no change log tells of the past is named, and nothing is guessed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.base import ServerFailed
from tests.unit.connectors.jira.past.world import NOW, SINCE, Opener, Told, _since, issue, planned
from tests.unit.connectors.jira.stand_in import job


@pytest.mark.parametrize(
    "condition",
    [
        "summary ~ rack",
        "status WAS Done",
        "status CHANGED",
        "updated >= 2026-01-01",
        "created >= -30d",
        "created >= startOfYear()",
        "assignee = currentUser()",
        'assignee = "a@example.org"',
        "priority >= P1",
        "Racks > 2",
        "due IS EMPTY",
        "resolved >= 2026-01-01",
        "Approver = u-b",
    ],
)
def test_a_condition_that_no_log_answers_is_named_and_nothing_is_guessed(
    jira: Opener, condition: str
) -> None:
    served = jira(issue(1, ("12T09:00", "status", "Done")), issue(2))
    jql = f"project = PROC AND ({condition} OR status = Done)"

    told = Told(served, planned(jql=jql))

    assert f"the past of {jql} is not known: Jira's change log does not answer" in told.untold
    field = condition.split()[0]
    assert field in told.untold.split("does not answer")[1]
    now = served.read(planned(jql=jql)).timelines
    assert {i: each.verdicts for i, each in told.timelines.items()} == {
        i: each.verdicts for i, each in now.items()
    }


def test_only_the_judge_that_needs_it_lacks_its_past(jira: Opener) -> None:
    served = jira(issue(1, ("12T09:00", "status", "Done")))
    counted = planned()
    share = planned("jira.ratio", passing="summary ~ Buy")
    both = job(counted.scope, counted.judge, share.judge, now=NOW)

    batches = list(served.session.scan(_since(both, SINCE)))

    [of_count] = [line for batch in batches for line in batch.timelines[0]]
    [of_share] = [line for batch in batches for line in batch.timelines[1]]
    assert [v.valid_from for v in of_count.verdicts] == [SINCE]
    assert [v.valid_from for v in of_share.verdicts] == [NOW]
    said = [" ".join(batches[-1].untold_for(place)) for place in (0, 1)]
    assert ["summary ~ Buy" in sentences for sentences in said] == [False, True]


def test_a_field_that_no_log_keeps_is_named(jira: Opener) -> None:
    served = jira(issue(1))
    plan = planned("jira.completeness", required=[{"fields": ["comment"]}])

    told = Told(served, plan)

    assert "the past of Comment is not in the change log" in told.untold
    assert told.lines() == {"PROC-1": [("20 12:00", None, "fail")]}


def test_an_account_of_data_center_is_not_guessed(jira: Opener) -> None:
    served = jira(issue(1, ("12T09:00", "assignee", "u-b")))

    told = Told(served, planned(jql="project = PROC AND assignee = u-b"))

    if jira.flavour == "cloud":
        assert told.lines() == {"PROC-1": [("12 09:00", None, "pass")]}
    else:
        assert "does not answer assignee = " in told.untold
        assert told.lines() == {"PROC-1": [("20 12:00", None, "pass")]}


def test_what_cannot_be_listed_any_more_is_said(jira: Opener) -> None:
    served = jira(issue(1), issue(2, ("12T09:00", "deleted", True)))

    told = Told(served, planned())

    assert list(told.lines()) == ["PROC-1"]
    assert "deleted, hidden from this account or moved to another project" in told.untold


def test_a_query_that_nothing_lasting_bounds_is_told_of_what_it_finds_now(jira: Opener) -> None:
    served = jira(
        issue(1, ("12T09:00", "labels", ["x"])),
        issue(2, ("12T09:00", "labels", ["x"]), ("13T09:00", "labels", [])),
    )

    told = Told(served, planned(jql="labels = x"))

    assert told.lines() == {"PROC-1": [("12 09:00", None, "pass")]}
    assert "those that left it are missing" in told.untold


def test_an_issue_of_which_jira_says_otherwise_is_told_from_now_on(jira: Opener) -> None:
    served = jira(issue(1, ("12T09:00", "status", "Done")), issue(2, status="Done"))
    plan = planned("jira.ratio", passing="status = Done")
    # Edited after what passes was listed: the conditions and Jira's answer disagree.
    listed = False

    def edit(_: Any) -> None:
        nonlocal listed
        asked = [body["jql"] for path in ("/search", "/search/jql") for body in served.asked(path)]
        if not listed and any("status = Done" in jql for jql in asked):
            listed = True
            served.jira.edit_issue("PROC-2", {"status": "To Do"})

    served.watcher.then.append(edit)

    told = Told(served, plan)

    assert listed
    assert told.lines()["PROC-2"] == [("20 12:00", None, "pass")]
    assert told.lines()["PROC-1"][0] == ("10 00:00", "12 09:00", "fail")
    assert "the past of 1 issues is not told" in told.untold


def test_a_moved_milestone_that_goes_before_its_log_is_read_is_not_told(
    datacenter: Opener,
) -> None:
    served = datacenter(issue(1, ("12T09:00", "status", "Done")), issue(2))
    served.jira.move_issue("PROC-1", "CE")

    def hide(exchange: Any) -> None:
        if exchange.path.endswith("/issue/PROC-1"):
            served.jira.hide_issue("CE-1")

    served.watcher.then.append(hide)

    told = Told(served, planned("jira.milestones", issues={"site": "PROC-1", "racked": "PROC-2"}))

    assert [label for label, lines in told.lines().items() if lines] == ["racked: PROC-2"]


def test_a_fault_amid_the_change_logs_ends_the_run(jira: Opener) -> None:
    served = jira(issue(1, ("12T09:00", "status", "Done")))
    path = "changelog/bulkfetch" if jira.flavour == "cloud" else "/search$"
    served.jira.fail_with(503, path=path)

    with pytest.raises(ServerFailed):
        Told(served, planned("jira.ratio", passing="status = Done"))


@pytest.mark.parametrize(
    ("field", "condition"),
    [
        ("components", "component = lab"),
        ("components", "component = LAB"),
        ("labels", "labels = lab"),
    ],
)
def test_what_was_taken_away_and_came_back_is_told(
    jira: Opener, field: str, condition: str
) -> None:
    served = jira(
        issue(1, ("12T09:00", field, ["dc"]), ("13T09:00", field, []),
              ("14T09:00", field, ["dc", "lab"]), ("15T09:00", field, ["dc"]), **{field: ["lab"]}),
    )  # fmt: skip

    told = Told(served, planned(jql=f"project = PROC AND {condition}"))

    assert told.lines() == {
        "PROC-1": [("10 00:00", "12 09:00", "pass"), ("14 09:00", "15 09:00", "pass")]
    }


def test_options_that_a_comma_blurs_are_not_guessed(jira: Opener) -> None:
    served = jira(
        issue(1, ("12T09:00", "Skills", ["net"]), ("13T09:00", "Skills", []),
              Skills=["net", "net, wide"]),
    )  # fmt: skip

    told = Told(served, planned(jql="project = PROC AND Skills = net"))

    assert told.lines() == {"PROC-1": [("12 09:00", "13 09:00", "pass")]}
    assert "options with a comma" in told.untold


def test_a_stay_in_a_status_that_jira_no_longer_has_is_not_guessed(jira: Opener) -> None:
    served = jira(
        issue(1, ("12T09:00", "status", "Ordered"), ("13T09:00", "status", "Done")),
    )
    statuses = [
        {"id": "10001", "name": "To Do", "statusCategory": {"key": "new"}},
        {"id": "10003", "name": "Done", "statusCategory": {"key": "done"}},
    ]
    served.jira.fail_with(
        200, body=json.dumps(statuses), content_type="application/json", path="/status$"
    )

    told = Told(served, planned("jira.done"))

    assert told.lines() == {
        "PROC-1": [("10 00:00", "12 09:00", "fail"), ("13 09:00", None, "pass")]
    }
    assert "1 issues were in a status that Jira no longer has" in told.untold
