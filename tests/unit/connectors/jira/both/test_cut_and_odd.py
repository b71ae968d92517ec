"""Reads that were cut, boards, and answers that cannot be believed, on either kind of Jira."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.base import BadAnswer, QueryRefused, ScanPlan
from connectors.jira.session import JiraSession
from syncd.demo.serving import Answer
from tests.unit.connectors.jira.both.world import LATER
from tests.unit.connectors.jira.stand_in import NOW, StandIn, job, planned, run


def test_a_cut_full_read_goes_on_where_it_stopped(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(*range(1, 8))
    jira.cap = 2
    begun = session.scan(job(counting.scope, counting.judge))
    batches = [next(begun), next(begun)]
    begun.close()

    rest = run(session, counting, resume=batches[-1].resume)

    assert sorted(rest.outcomes, key=int) == ["5", "6", "7"]


def test_a_resumed_read_looks_for_changes_since_its_first_part(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(*range(1, 6))
    jira.cap = 2
    begun = session.scan(job(counting.scope, counting.judge))
    resume = next(begun).resume
    begun.close()
    jira.put(1, updated=NOW + timedelta(minutes=1))
    rest = run(session, counting, resume=resume, now=NOW + timedelta(hours=1))

    known = [str(n) for n in jira.stored]
    after = NOW + timedelta(hours=1, minutes=5)
    turn = run(session, counting, cursor=rest.cursor, known=known, now=after)

    assert "1" in turn.outcomes


def test_a_board_is_read_by_its_filter_without_its_order(
    jira: StandIn, session: JiraSession
) -> None:
    jira.boards[7] = "project = P ORDER BY Rank ASC"
    jira.put(1)

    assert run(session, planned("jira.count", board=7)).outcomes == {"1": "pass"}


def test_a_board_whose_filter_changed_is_read_anew(jira: StandIn, session: JiraSession) -> None:
    plan = planned("jira.count", board=7)
    jira.boards[7] = "project = P"
    jira.conditions["project = Q"] = lambda issue: issue.id >= 2
    jira.put(1, 2, 3)
    first = run(session, plan)
    jira.boards[7] = "project = Q"

    turn = run(session, plan, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert turn.outcomes == {"1": "gone", "2": "pass", "3": "pass"}


def test_a_board_without_any_condition_is_refused(jira: StandIn, session: JiraSession) -> None:
    jira.boards[7] = "ORDER BY Rank"

    with pytest.raises(QueryRefused, match="filter of board 7"):
        run(session, planned("jira.count", board=7))


def test_a_refused_query_is_told_in_jiras_words(jira: StandIn, session: JiraSession) -> None:
    with pytest.raises(QueryRefused, match="Error in the JQL Query"):
        run(session, planned("jira.count", jql="projekt = P"))


def test_many_issues_unreadable_at_once_are_not_vouched_for(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(*range(1, 41))
    first = run(session, counting)
    for number in range(1, 31):
        del jira.stored[number]

    turn = run(session, counting, cursor=first.cursor, known=first.outcomes, now=LATER)
    whole = run(session, counting, known=first.outcomes, now=LATER)

    assert list(turn.outcomes.values()) == ["gone"] * 30
    assert not turn.batches[-1].vouched
    assert not whole.batches[-1].vouched


def test_a_resumed_read_does_not_vouch_for_its_second_part(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(*range(1, 201))
    jira.cap = 60
    begun = session.scan(job(counting.scope, counting.judge))
    resume = next(begun).resume
    begun.close()
    known = [str(number) for number in jira.stored]
    for number in range(61, 201):
        del jira.stored[number]

    turn = run(session, counting, resume=resume, known=known)

    assert not turn.batches[-1].vouched


def test_many_issues_that_only_left_the_scope_are_gone(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(*range(1, 41))
    first = run(session, counting)
    jira.conditions["project = P"] = lambda issue: issue.id > 30

    turn = run(session, counting, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert list(turn.outcomes.values()) == ["gone"] * 30
    assert turn.batches[-1].vouched


def test_dates_are_asked_for_in_the_accounts_zone(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.zone = "Asia/Kathmandu"  # +05:45
    first = run(session, counting)
    jira.forget_requests()

    run(session, counting, cursor=first.cursor, known=(), now=LATER)

    asked = [body["jql"] for p in ("/search", "/search/jql") for body in jira.asked(p)]
    assert '(project = P) AND (updated >= "2026-02-02 17:35") ORDER BY id ASC' in asked


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {},
        {"issues": None, "total": 1, "isLast": True},
        {"issues": [{"key": "P-1"}], "total": 1, "isLast": True},
        {"issues": [{"id": "x", "key": "P-1"}], "total": 1, "isLast": True},
        {"issues": [{"id": "1", "fields": {}}], "total": 1, "isLast": True},
        {"issues": [{"id": "1", "key": "P-1"}], "total": 1, "isLast": True},
    ],
)
def test_an_answer_of_another_shape_is_a_bad_answer(
    jira: StandIn, session: JiraSession, counting: ScanPlan, broken: object
) -> None:
    jira.before.append(
        lambda request: (
            Answer.json(broken)
            if request.path.endswith(("/search", "/search/jql"))
            and b'"maxResults": 0' not in request.body
            else None
        )
    )

    with pytest.raises(BadAnswer):
        run(session, counting)


def test_a_page_of_html_is_a_bad_answer(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.before.append(
        lambda request: Answer.html("<html>hello</html>") if "search" in request.path else None
    )

    with pytest.raises(BadAnswer):
        run(session, counting)
