"""What a full scan with a history writes down of each issue."""

from __future__ import annotations

from datetime import timedelta

from connectors.jira.related import ISSUES_A_LOG
from tests.unit.connectors.jira.past.world import (
    NOW,
    SINCE,
    Opener,
    Told,
    _since,
    holding,
    issue,
    planned,
)
from tests.unit.connectors.jira.stand_in import job


def test_a_timeline_begins_where_the_history_does_and_says_each_thing_once(jira: Opener) -> None:
    served = jira(
        issue(1, ("08T09:00", "status", "Done"), ("12T09:00", "labels", ["x"])),
        issue(2, ("12T09:00", "status", "Done"), ("13T09:00", "status", "To Do")),
        issue(3, created="2026-01-15T09:00:00Z"),
    )

    told = Told(served, planned("jira.ratio", passing="status = Done"))

    assert told.lines() == {
        "PROC-1": [("10 00:00", None, "pass")],
        "PROC-2": [
            ("10 00:00", "12 09:00", "fail"),
            ("12 09:00", "13 09:00", "pass"),
            ("13 09:00", None, "fail"),
        ],
        "PROC-3": [("15 09:00", None, "fail")],
    }
    assert {each.since for each in told.timelines.values()} == {SINCE}


def test_an_issue_that_left_the_scope_is_found_and_its_stay_is_told(jira: Opener) -> None:
    served = jira(
        issue(1, ("12T09:00", "status", "Done"), ("14T09:00", "status", "To Do")),
        issue(2, ("06T09:00", "status", "Done"), ("07T09:00", "status", "To Do")),
        issue(3, ("16T09:00", "status", "Done")),
    )

    told = Told(served, planned(jql="project = PROC AND status = Done"))

    # The second left before the history begins.
    assert told.lines() == {
        "PROC-1": [("12 09:00", "14 09:00", "pass")],
        "PROC-3": [("16 09:00", None, "pass")],
    }


def test_a_read_with_a_history_that_was_cut_goes_on(jira: Opener) -> None:
    # Cloud's pages are joined to as many issues as it gives change logs of at once
    numbers = range(1, ISSUES_A_LOG + 8)
    done = (issue(number, ("12T09:00", "status", "Done")) for number in numbers)
    served = jira(*done, page_size=ISSUES_A_LOG // 2)
    plan = planned(jql="project = PROC AND status = Done")
    begun = served.session.scan(_since(job(plan.scope, plan.judge, now=NOW), SINCE))
    first = next(begun)
    begun.close()

    rest = list(
        served.session.scan(
            _since(job(plan.scope, plan.judge, now=NOW, resume=first.resume), SINCE)
        )
    )

    labels = [each.label for batch in (first, *rest) for each in batch.timelines[0]]
    assert labels == [f"PROC-{number}" for number in numbers]
    assert rest[-1].untold


def test_the_turn_after_a_history_reads_only_changes(jira: Opener) -> None:
    served = jira(issue(1, ("12T09:00", "status", "Done")), issue(2), overlap=0)
    plan = planned("jira.ratio", passing="status = Done")
    cursor = Told(served, plan).batches[-1].cursor
    served.later(minutes=5)
    served.jira.edit_issue("PROC-2", {"status": "Done"})
    served.later(minutes=1)
    served.jira.forget_requests()

    turn = served.read(plan, cursor=cursor, known=["10001", "10002"])

    assert {each.label: each.since for each in turn.timelines.values()} == {
        "PROC-2": served.clock.now
    }
    assert turn.batches[-1].untold == ()
    assert served.asked("/changelog/bulkfetch") == []


def test_a_boards_filter_is_told_of_the_past(jira: Opener) -> None:
    served = jira(issue(1, ("12T09:00", "status", "Done")))

    assert Told(served, planned(board=7)).lines() == {"PROC-1": [("12 09:00", None, "pass")]}


def test_milestones_are_told_of_the_past(jira: Opener) -> None:
    served = jira(issue(1, ("12T09:00", "status", "Done")), issue(2))
    plan = planned("jira.milestones", issues={"site": "PROC-1", "plan": "PROC-2"})

    told = Told(served, plan)

    for moment, done in ((SINCE, 0), (SINCE + timedelta(days=2, hours=9), 1), (NOW, 1)):
        outcomes = [outcome for outcome, *_ in holding(told.timelines, moment).values()]
        assert (outcomes.count("pass"), len(outcomes)) == (done, 2)


def test_a_judge_of_whole_timelines_tells_only_of_the_time_in_the_scope(jira: Opener) -> None:
    served = jira(
        issue(1, ("08T09:00", "status", "Ordered")),
        issue(2, ("12T09:00", "status", "Done")),
        issue(3, ("07T09:00", "status", "Done"), ("13T09:00", "status", "To Do")),
    )
    plan = planned(
        "jira.duration", "project = PROC AND status != Done",
        **{"from": "created", "to": {"status": "Ordered"}, "mean": True},
    )  # fmt: skip

    told = Told(served, plan)

    assert told.lines() == {
        "PROC-1": [("05 09:00", "08 09:00", "pending"), ("08 09:00", None, "pass")],
        "PROC-2": [("05 09:00", "12 09:00", "pending")],
        "PROC-3": [("05 09:00", "07 09:00", "pending"), ("13 09:00", None, "pending")],
    }
    assert told.timelines["10003"].verdicts[1].since == told.timelines["10003"].verdicts[0].since
    # What has a `since` and ended is out of the scope; the others' whole history is rewritten.
    assert {i: each.since is None for i, each in told.timelines.items()} == {
        "10001": True,
        "10002": False,
        "10003": True,
    }
    assert "those that left it are missing" not in told.untold


def test_a_judge_of_whole_timelines_says_of_a_query_without_a_past_what_it_cannot_tell(
    jira: Opener,
) -> None:
    served = jira(issue(1, ("08T09:00", "status", "Ordered")), issue(2))
    plan = planned("jira.rate", "project = PROC AND status CHANGED", at="created", per="w",
                   window="4 w")  # fmt: skip

    told = Told(served, plan)

    assert told.lines() == {"PROC-1": [("05 09:00", "02 09:00", "pass")]}
    assert "does not answer status changed" in told.untold
    assert "those that left it are missing" in told.untold


def test_an_issue_created_this_moment_has_no_past(jira: Opener) -> None:
    served = jira(issue(1, created=NOW.isoformat()))

    [timeline] = Told(served, planned()).timelines.values()

    assert [v.valid_from for v in timeline.verdicts] == [NOW]
