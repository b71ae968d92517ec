"""What holds of a full scan on either kind of Jira."""

from __future__ import annotations

import pytest

from connectors.base import Outcome, QueryRefused, ScanPlan, Unauthorised
from connectors.jira.session import JiraSession
from syncd.demo.serving import Request
from tests.unit.connectors.jira.stand_in import NOW, StandIn, job, planned, run


@pytest.fixture
def complete() -> ScanPlan:
    return planned(
        "jira.completeness", jql="project = P", required=[{"fields": ["PO number", "Due date"]}]
    )


def test_every_issue_of_the_scope_counts_and_leads_to_its_page(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1, 2, 3)

    read = run(session, counting)

    assert read.outcomes == {"1": "pass", "2": "pass", "3": "pass"}
    first = read.timelines["1"]
    assert (first.label, first.url) == ("P-1", f"{jira.url}/browse/P-1")
    assert first.since == NOW
    assert [(v.valid_from, v.valid_to) for v in first.verdicts] == [(NOW, None)]


def test_only_the_last_batch_carries_the_cursor(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(*range(1, 8))
    jira.cap = 3

    read = run(session, counting)

    assert [batch.cursor is not None for batch in read.batches] == [False] * 3 + [True]
    assert read.batches[0].total == 7


def test_short_pages_are_not_the_end(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(*range(1, 10))
    jira.page_sizes = [100] if jira.flavour == "datacenter" else []  # the count's
    jira.page_sizes += [1, 4, 2]

    assert len(run(session, counting).outcomes) == 9


def test_passing_is_asked_of_the_server_inside_the_scope(
    jira: StandIn, session: JiraSession, done: ScanPlan
) -> None:
    jira.put(1, 2, 3)
    jira.conditions["statusCategory = Done"] = lambda issue: issue.id == 2

    assert run(session, done).outcomes == {"1": "fail", "2": "pass", "3": "fail"}


def test_required_fields_are_found_by_the_name_people_see(
    jira: StandIn, session: JiraSession, complete: ScanPlan
) -> None:
    jira.put(1, customfield_1="PO-7", duedate="2026-03-01")
    jira.put(2, customfield_1="", duedate=None)

    read = run(session, complete)

    assert read.outcomes == {"1": "pass", "2": "fail"}
    assert read.timelines["2"].verdicts[0].missing == ("PO number", "Due date")


def test_two_judges_of_one_scope_share_one_reading(
    jira: StandIn, session: JiraSession, done: ScanPlan, complete: ScanPlan
) -> None:
    jira.put(1, customfield_1="PO-7", duedate="2026-03-01")
    jira.conditions["statusCategory = Done"] = lambda _: False

    batches = list(session.scan(job(done.scope, done.judge, complete.judge)))

    outcomes = [lines[0].verdicts[0].outcome for lines in batches[0].timelines]
    assert outcomes == [Outcome.FAIL, Outcome.PASS]
    assert [len(batch.timelines) for batch in batches] == [2, 2]


def test_two_fields_of_one_name_are_refused_with_both_ids(
    jira: StandIn, session: JiraSession, complete: ScanPlan
) -> None:
    jira.named_fields.append({"id": "customfield_9", "name": "po NUMBER", "custom": True})

    with pytest.raises(QueryRefused, match="customfield_1, customfield_9"):
        run(session, complete)


def test_a_field_that_vanishes_while_issues_are_read_is_no_missing_value(
    jira: StandIn, session: JiraSession, complete: ScanPlan
) -> None:
    jira.put(1, customfield_1="PO-7", duedate="2026-03-01")

    def vanish(request: Request) -> None:
        if "search" in request.path:
            jira.named_fields = [f for f in jira.named_fields if f["id"] != "customfield_1"]
            jira.stored[1].fields.pop("customfield_1", None)

    jira.before.append(vanish)

    with pytest.raises(QueryRefused, match='no field "PO number"'):
        run(session, complete)


def test_a_field_no_issue_can_have_is_missing_as_long_as_it_exists(
    jira: StandIn, session: JiraSession, complete: ScanPlan
) -> None:
    jira.put(1, duedate="2026-03-01")

    assert run(session, complete).timelines["1"].verdicts[0].missing == ("PO number",)


def test_nothing_found_is_not_believed_of_a_dead_token(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1)
    jira.dead_token = True

    with pytest.raises(Unauthorised):
        run(session, counting)


def test_a_token_that_dies_before_the_first_page_makes_no_empty_set(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(1)

    def die(request: Request) -> None:
        jira.dead_token = jira.dead_token or "search" in request.path

    jira.before.append(die)

    with pytest.raises(Unauthorised):
        run(session, counting)


def test_a_token_that_dies_between_pages_makes_no_smaller_set(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    jira.put(*range(1, 7))
    jira.cap = 2
    searches = 0

    def die(request: Request) -> None:
        nonlocal searches
        searches += "search" in request.path
        jira.dead_token = searches > 2

    jira.before.append(die)

    with pytest.raises(Unauthorised):
        run(session, counting)


def test_an_empty_set_is_believed_of_a_living_token(
    jira: StandIn, session: JiraSession, counting: ScanPlan
) -> None:
    assert run(session, counting).outcomes == {}
