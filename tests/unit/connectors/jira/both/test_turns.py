"""What holds of the turns after it, on either kind of Jira."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.base import ScanPlan, UpstreamError
from connectors.jira.session import JiraSession
from syncd.demo.serving import Request
from tests.unit.connectors.jira.both.world import LATER
from tests.unit.connectors.jira.stand_in import NOW, StandIn, job, planned, run


def test_a_turn_reads_only_what_was_updated(
    jira: StandIn, session: JiraSession, done: ScanPlan
) -> None:
    jira.put(1, 2, 3)
    jira.conditions["statusCategory = Done"] = lambda issue: issue.id == 2
    first = run(session, done)
    jira.put(1, updated=LATER)
    jira.conditions["statusCategory = Done"] = lambda issue: issue.id in {1, 2}

    turn = run(session, done, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert turn.outcomes == {"1": "pass"}
    assert turn.timelines["1"].since == LATER


def test_changes_are_asked_for_again_within_the_overlap(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1, updated=NOW - timedelta(minutes=9))
    jira.put(2, updated=NOW - timedelta(minutes=11))
    first = run(session, counting)

    turn = run(session, counting, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert set(turn.outcomes) == {"1"}


def test_what_a_turn_read_is_behind_the_next_one(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1)
    first = run(session, counting)
    jira.put(1, updated=LATER)
    jira.moment = hour = NOW + timedelta(hours=1)
    second = run(session, counting, cursor=first.cursor, known=first.outcomes, now=hour)

    third = run(session, counting, cursor=second.cursor, known=first.outcomes, now=hour)

    assert (set(second.outcomes), set(third.outcomes)) == ({"1"}, set())


def test_a_clock_ahead_of_jiras_hides_no_edit(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    ahead = NOW + timedelta(hours=1)
    jira.put(1)
    first = run(session, counting, now=ahead)
    jira.put(1, updated=NOW + timedelta(minutes=1))

    turn = run(session, counting, cursor=first.cursor, known=first.outcomes, now=ahead)

    assert set(turn.outcomes) == {"1"}


def test_a_turn_asks_which_of_the_changed_pass_and_not_of_all(
    jira: StandIn, session: JiraSession, done: ScanPlan
) -> None:
    jira.conditions["statusCategory = Done"] = lambda issue: issue.id == 1
    jira.put(1, 2)
    first = run(session, done)
    jira.put(1, updated=LATER)
    jira.forget_requests()

    run(session, done, cursor=first.cursor, known=first.outcomes, now=LATER)

    about_passing = asked_about(jira, "statusCategory")
    assert about_passing
    assert all("updated >=" in jql for jql in about_passing)


def test_a_turn_without_changes_asks_for_none_that_pass(
    jira: StandIn, session: JiraSession, done: ScanPlan
) -> None:
    jira.conditions["statusCategory = Done"] = lambda issue: issue.id == 1
    jira.put(1, 2)
    first = run(session, done)
    jira.forget_requests()

    run(session, done, cursor=first.cursor, known=first.outcomes, now=NOW + timedelta(hours=1))

    assert asked_about(jira, "statusCategory") == []


def asked_about(jira: StandIn, word: str) -> list[str]:
    asked = [body["jql"] for p in ("/search", "/search/jql") for body in jira.asked(p)]
    return [jql for jql in asked if word in jql]


@pytest.mark.parametrize("lasts", [1, 2, 3])
@pytest.mark.parametrize("cap", [1, 100])
def test_a_token_that_is_nobodys_for_a_moment_hides_nothing_for_longer_than_a_turn(
    jira: StandIn, session: JiraSession, done: ScanPlan, lasts: int, cap: int
) -> None:
    jira.put(1, 2, 3, status="open")
    jira.conditions["statusCategory = Done"] = lambda issue: issue.fields["status"] == "done"
    first = run(session, done)
    jira.put(1, 3, status="done", updated=LATER)
    jira.cap = cap
    # so much later that no overlap brings the edits again
    then, after = LATER + timedelta(days=1), LATER + timedelta(days=2)
    asked: list[Request] = []
    nobodys = range(0)

    def die(request: Request) -> None:
        asked.append(request)
        jira.dead_token = len(asked) in nobodys

    jira.before.append(die)
    went_on = 0
    jira.moment = then
    for cursor in (None, first.cursor):
        nobodys = range(0)
        asked.clear()
        run(session, done, cursor=cursor, known=first.outcomes, now=then)
        for number in range(1, len(asked) + 1):
            nobodys = range(number, number + lasts)
            asked.clear()
            told = {} if cursor is None else dict(first.outcomes)
            try:
                turn = run(session, done, cursor=cursor, known=first.outcomes, now=then)
            except UpstreamError:
                continue
            went_on += 1
            nobodys = range(0)
            assert "gone" not in turn.outcomes.values()
            told |= turn.outcomes
            assert told == {"1": "pass", "2": "fail", "3": "pass"} or turn.outcomes == {}
            jira.moment = after
            told |= run(session, done, cursor=turn.cursor, known=told, now=after).outcomes
            jira.moment = then
            assert told == {"1": "pass", "2": "fail", "3": "pass"}
    assert went_on > 0


def test_an_edit_between_the_pages_is_read_in_the_next_turn(
    jira: StandIn, session: JiraSession, done: ScanPlan
) -> None:
    jira.put(1, 2, 3, 4, status="open")
    jira.conditions["statusCategory = Done"] = lambda issue: issue.fields["status"] == "done"
    jira.cap = 2
    run_of_pages = session.scan(job(done.scope, done.judge))
    next(run_of_pages)
    jira.put(1, status="done", updated=NOW + timedelta(seconds=1))
    *_, last = run_of_pages

    turn = run(session, done, cursor=last.cursor, known=("1", "2", "3", "4"), now=LATER)

    assert turn.outcomes == {"1": "pass"}


def test_an_issue_that_moves_keeps_its_identity_and_changes_its_label(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1, 2)
    first = run(session, counting)
    jira.stored[1].key = "Q-77"
    jira.put(1, updated=LATER)

    turn = run(session, counting, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert {i: line.label for i, line in turn.timelines.items()} == {"1": "Q-77"}


def test_a_deleted_issue_is_gone_at_the_next_turn(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1, 2, 3)
    first = run(session, counting)
    del jira.stored[2]

    turn = run(session, counting, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert turn.outcomes == {"2": "gone"}
    assert turn.timelines["2"].since == LATER


def test_an_issue_that_appears_without_an_edit_is_read_by_its_id(
    jira: StandIn, session: JiraSession, done: ScanPlan
) -> None:
    jira.put(1)
    jira.conditions["statusCategory = Done"] = lambda issue: issue.id == 2
    first = run(session, done)
    jira.put(2)  # a permission was granted

    turn = run(session, done, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert turn.outcomes == {"2": "pass"}


def test_one_new_and_one_edited_issue_need_no_listing(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1, 2)
    first = run(session, counting)
    jira.put(2, 3, updated=LATER)
    jira.forget_requests()

    turn = run(session, counting, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert turn.outcomes == {"2": "pass", "3": "pass"}
    searches = [s for p in ("/search", "/search/jql") for s in jira.asked(p) if s["maxResults"]]
    assert all("updated" in search["jql"] for search in searches)


def test_a_scope_that_moves_with_time_is_listed_each_turn(
    jira: StandIn, session: JiraSession
) -> None:
    jira.conditions["created >= -7d"] = lambda issue: issue.id in young
    plan = planned("jira.count", jql="created >= -7d")
    jira.put(1, 2, 3)
    young = {1, 2}
    first = run(session, plan)
    young = {2, 3}

    turn = run(session, plan, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert turn.outcomes == {"1": "gone", "3": "pass"}


def test_a_passing_query_that_moves_with_time_is_listed_each_turn(
    jira: StandIn, session: JiraSession
) -> None:
    jira.conditions["due > now()"] = lambda issue: issue.id in early
    plan = planned("jira.ratio", jql="project = P", passing="due > now()")
    jira.put(1, 2, 3, 4)
    early = {1, 2, 3}
    first = run(session, plan)
    early = {1, 3, 4}

    turn = run(session, plan, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert turn.outcomes == {"2": "fail", "4": "pass"}


def test_what_flipped_is_read_though_the_token_is_nobodys_as_it_is_asked_for(
    jira: StandIn, session: JiraSession
) -> None:
    jira.conditions["due > now()"] = lambda issue: issue.id in early
    plan = planned("jira.ratio", jql="project = P", passing="due > now()")
    jira.put(1, 2, 3)
    early = {1, 2}
    first = run(session, plan)
    early = {1, 3}
    asked_for = 0

    def die(request: Request) -> None:
        nonlocal asked_for
        by_id = request.path.endswith("/bulkfetch") or b"id in (" in request.body
        asked_for += by_id
        jira.dead_token = by_id and asked_for == 1

    jira.before.append(die)

    turn = run(session, plan, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert asked_for >= 2
    assert turn.outcomes == {"2": "fail", "3": "pass"}


def test_an_issue_that_left_the_scope_is_gone_and_not_judged_again(
    jira: StandIn, session: JiraSession
) -> None:
    jira.conditions["due > now()"] = lambda issue: issue.id in early
    plan = planned("jira.ratio", jql="project = P", passing="due > now()")
    jira.put(1, 2)
    early = {1, 2}
    first = run(session, plan)
    early = {1}
    jira.conditions["project = P"] = lambda issue: issue.id != 2

    turn = run(session, plan, cursor=first.cursor, known=first.outcomes, now=LATER)

    told = [line for batch in turn.batches for line in batch.timelines[0]]
    assert [(line.object_id, line.verdicts) for line in told] == [("2", ())]


def test_an_issue_that_leaves_while_it_is_read_is_told_once_and_gone_next_turn(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1, 2)
    first = run(session, counting)
    jira.put(2, updated=LATER)
    del jira.stored[1]  # so that ids are listed

    def leave(request: Request) -> None:
        if b'"fields": ["id"]' in request.body and b"project = P" in request.body:
            jira.conditions["project = P"] = lambda _: False

    jira.before.append(leave)
    turn = run(session, counting, cursor=first.cursor, known=first.outcomes, now=LATER)
    following = run(session, counting, cursor=turn.cursor, known=["2"], now=LATER)

    told = [line.object_id for batch in turn.batches for line in batch.timelines[0]]
    assert sorted(told) == ["1", "2"]
    assert following.outcomes == {"2": "gone"}
