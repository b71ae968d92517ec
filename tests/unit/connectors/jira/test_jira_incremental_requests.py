"""What a reading asks of Jira: no more than its measures need, and fields once in a while."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from jira.resources import Resource

from connectors.base import QueryRefused, Unauthorised
from connectors.jira.session import JiraSession
from syncd.demo.serving import Answer
from tests.unit.connectors.jira.sandboxes import Served, serving
from tests.unit.connectors.jira.stand_in import NOW, StandIn, job, opened, planned, run

WORK = {"jql": "project = PROC"}
SUM = planned("jira.sum", **WORK, field="Racks")


@pytest.fixture(params=["cloud", "datacenter"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with serving(request.param) as one:
        yield one


def field_lists(served: Served) -> int:
    """How often the list of fields was read."""
    return sum(seen.path.endswith("/field") for seen in served.jira.requests)


def searches(served: Served) -> list[Any]:
    """The bodies of all reads of issues with fields."""
    bodies = [*served.asked("/search"), *served.asked("/search/jql")]
    return [body for body in bodies if body.get("maxResults") and body["fields"] != ["id"]]


# ------------------------------------------------------------------------------- what bulk reads ask


@pytest.mark.parametrize(
    ("name", "given", "fields"),
    [
        ("jira.count", {}, set()),
        ("jira.sum", {"field": "Racks"}, {"customfield_10010"}),
        ("jira.sum", {"field": "timespent", "evidence": "titles"}, {"timespent", "summary"}),
        ("jira.done", {}, {"status"}),
        ("jira.done", {"by": {"weight": "Racks"}}, {"status", "customfield_10010"}),
        (
            "jira.done",
            {"by": "time"},
            {"status", "timeoriginalestimate", "timeestimate", "timespent"},
        ),
        ("jira.keys", {"key": "key"}, set()),
        (
            "jira.keys",
            {
                "key": {"field": "Serial numbers", "split": ","},
                "required": [{"when": {"Region": "EU"}, "fields": ["Cluster"]}],
            },
            {"customfield_10011", "customfield_10012", "customfield_10013"},
        ),
    ],
)
def test_only_the_fields_that_are_judged_are_read(
    served: Served, name: str, given: dict[str, Any], fields: set[str]
) -> None:
    served.put(Racks=1)

    served.read(planned(name, **WORK, **given))

    assert searches(served)
    for body in searches(served):
        assert set(body["fields"]) == fields | {"updated"}


def test_measures_of_one_scope_share_its_pages(served: Served) -> None:
    for _ in range(7):
        served.put(Racks=1)
    plans = [SUM, planned("jira.mean", **WORK, field="Racks"), planned("jira.done", **WORK)]
    asked = job(SUM.scope, *(plan.judge for plan in plans), now=served.clock.now)

    list(served.session.scan(asked))

    pages = searches(served)
    assert {tuple(body["fields"]) for body in pages} == {("customfield_10010", "status", "updated")}
    # Three issues a page; Data Center's last one is empty.
    assert len(pages) == (3 if served.asked("/search/jql") else 4)


def test_a_turn_without_changes_reads_no_issue_and_no_fields(served: Served) -> None:
    served.put(Racks=1)
    served.later(minutes=15)
    first = served.read(SUM)
    served.jira.forget_requests()
    served.later(minutes=5)

    turn = served.read(SUM, cursor=first.cursor, known=first.outcomes)

    assert turn.timelines == {}
    assert field_lists(served) == 0
    assert all("updated" in body["jql"] for body in searches(served))
    # what changed, and how many there are: as many as are known, so nobody doubts the token
    assert len(served.jira.requests) == 2


def test_no_objects_are_built_of_issues(served: Served) -> None:
    for _ in range(7):
        served.put(Racks=1)
    batches = served.session.scan(job(SUM.scope, SUM.judge, now=served.clock.now))

    for _ in batches:
        assert not any(isinstance(each, Resource) for each in gc.get_objects())


# --------------------------------------------------------------------------------- the list of fields


def test_the_list_of_fields_is_read_once_in_ten_minutes(served: Served) -> None:
    served.put(Racks=1)
    for _ in range(3):
        served.read(SUM)
        served.later(minutes=4)
    assert field_lists(served) == 1

    served.read(SUM)

    assert field_lists(served) == 2


def test_a_clock_that_was_put_back_does_not_keep_the_list_for_ever(served: Served) -> None:
    served.put(Racks=1)
    served.read(SUM)
    served.later(days=-1)

    served.read(SUM)

    assert field_lists(served) == 2


def test_a_measure_of_jiras_own_fields_never_reads_the_list(served: Served) -> None:
    served.put()

    for plan in (planned("jira.done", **WORK, by="time"), planned("jira.keys", **WORK, key="key")):
        served.read(plan)

    assert field_lists(served) == 0


def test_a_word_that_is_not_in_the_list_is_looked_for_in_a_new_one(jira: StandIn) -> None:
    session = opened(jira)
    jira.put(1, customfield_9=3)
    plan = planned("jira.sum", jql="project = P", field="Racks")
    run(session, planned("jira.sum", jql="project = P", field="Due date"))
    with pytest.raises(QueryRefused, match='no field "Racks"'):
        run(session, plan)
    jira.named_fields.append({"id": "customfield_9", "name": "Racks", "custom": True})

    assert run(session, plan).outcomes == {"1": "pass"}
    session.close()


def test_a_list_that_was_just_read_is_not_read_again_for_a_word_it_lacks(jira: StandIn) -> None:
    session = opened(jira)

    with pytest.raises(QueryRefused):
        run(session, planned("jira.sum", jql="project = P", field="Racks"))

    assert sum(seen.path.endswith("/field") for seen in jira.requests) == 1
    session.close()


def test_a_name_that_means_another_field_now_makes_everything_be_read_again(jira: StandIn) -> None:
    plan = planned("jira.sum", jql="project = P", field="PO number")
    jira.put(1, 2, customfield_1=1, customfield_2=7)
    session = opened(jira)
    first = run(session, plan)
    session.close()
    jira.named_fields = [
        {"id": "customfield_1", "name": "Old number", "custom": True},
        {"id": "customfield_2", "name": "PO number", "custom": True},
    ]
    session = opened(jira)

    turn = run(session, plan, cursor=first.cursor, known=first.outcomes)

    assert {line.verdicts[0].number for line in turn.timelines.values()} == {7.0}
    assert len(turn.timelines) == 2
    session.close()


# ----------------------------------------------------------------------------------- who we are


def times_asked_who_we_are(served: Served) -> int:
    return sum(each.path.endswith("/myself") for each in served.jira.requests)


def test_who_we_are_is_asked_once_in_ten_minutes_whatever_is_read(served: Served) -> None:
    served.put(Racks=1)
    for _ in range(3):
        served.read(SUM)
        served.read(planned("jira.sum", jql="project = PROC AND Racks > 0", field="Racks"))
        served.later(minutes=3)
    assert times_asked_who_we_are(served) == 1

    served.later(minutes=1)
    served.read(SUM)

    assert times_asked_who_we_are(served) == 2


def test_a_token_that_died_since_is_told_although_who_we_are_was_just_asked(
    jira: StandIn, session: JiraSession
) -> None:
    plan = planned("jira.count", jql="project = P")
    jira.put(1, 2)
    first = run(session, plan)
    jira.dead_token = True

    with pytest.raises(Unauthorised):
        run(session, plan, cursor=first.cursor, known=first.outcomes, now=NOW)


def test_a_query_that_a_dead_token_may_not_ask_is_no_wrong_query(
    jira: StandIn, session: JiraSession
) -> None:
    plan = planned("jira.count", jql="project = P")
    run(session, plan)
    jira.dead_token = True
    jira.before.append(
        lambda request: (
            None
            if request.path.endswith("myself")
            else Answer.json({"errorMessages": ["The value 'P' does not exist"], "errors": {}}, 400)
        )
    )

    with pytest.raises(Unauthorised):
        run(session, plan)


def test_a_changed_timezone_is_noticed_and_everything_read_once(
    jira: StandIn, session: JiraSession
) -> None:
    plan = planned("jira.count", jql="project = P")
    jira.zone = "Asia/Tokyo"
    jira.put(1)
    first = run(session, plan)
    jira.zone = "America/Los_Angeles"

    soon = run(session, plan, cursor=first.cursor, known=("1",), now=NOW + timedelta(minutes=9))
    turn = run(session, plan, cursor=soon.cursor, known=("1",), now=NOW + timedelta(minutes=10))
    again = run(session, plan, cursor=turn.cursor, known=("1",), now=NOW + timedelta(minutes=11))

    assert [each.outcomes for each in (soon, turn, again)] == [{}, {"1": "pass"}, {}]
