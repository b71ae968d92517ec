"""What holds of a scan on Jira Cloud only."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from connectors.base import BadAnswer, NotFound, QueryRefused, ScanPlan
from connectors.jira.session import JiraSession
from syncd.demo.serving import Answer, Request
from tests.unit.connectors.jira.stand_in import NOW, StandIn, job, opened, planned, run

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def counting() -> ScanPlan:
    return planned("jira.count", jql="project = P")


def test_an_empty_page_with_a_token_is_not_the_end(
    cloud: StandIn, cloud_session: JiraSession, counting: ScanPlan
) -> None:
    cloud.put(1, 2, 3)
    cloud.page_sizes = [0, 2, 0, 0]

    assert set(run(cloud_session, counting).outcomes) == {"1", "2", "3"}


def test_a_repeated_token_ends_the_walk_with_an_error(
    cloud: StandIn, cloud_session: JiraSession, counting: ScanPlan
) -> None:
    page = {"issues": [], "nextPageToken": "again", "isLast": False}
    cloud.before.append(
        lambda request: Answer.json(page) if request.path.endswith("/search/jql") else None
    )

    with pytest.raises(BadAnswer, match="same page token"):
        run(cloud_session, counting)


def test_more_pages_promised_without_a_token_are_a_bad_answer(
    cloud: StandIn, cloud_session: JiraSession, counting: ScanPlan
) -> None:
    page = {"issues": [], "isLast": False}
    cloud.before.append(
        lambda request: Answer.json(page) if request.path.endswith("/search/jql") else None
    )

    with pytest.raises(BadAnswer, match="no page token"):
        run(cloud_session, counting)


def test_a_token_refused_in_the_middle_begins_the_walk_again(
    cloud: StandIn, cloud_session: JiraSession, counting: ScanPlan
) -> None:
    cloud.put(*range(1, 6))
    cloud.cap = 2
    batches = cloud_session.scan(job(counting.scope, counting.judge))
    seen = [line.object_id for line in next(batches).timelines[0]]
    cloud.expire_tokens()

    seen += [line.object_id for batch in batches for line in batch.timelines[0]]

    assert seen == ["1", "2", "1", "2", "3", "4", "5"]


def test_a_token_refused_twice_is_a_refused_query(
    cloud: StandIn, cloud_session: JiraSession, counting: ScanPlan
) -> None:
    cloud.put(*range(1, 6))
    cloud.cap = 2
    cloud.before.append(lambda _: cloud.expire_tokens())

    with pytest.raises(QueryRefused, match="page token twice"):
        run(cloud_session, counting)


def test_an_expired_resume_begins_again(
    cloud: StandIn, cloud_session: JiraSession, counting: ScanPlan
) -> None:
    cloud.put(*range(1, 6))
    cloud.cap = 2
    begun = cloud_session.scan(job(counting.scope, counting.judge))
    resume = next(begun).resume
    begun.close()
    cloud.expire_tokens()

    assert len(run(cloud_session, counting, resume=resume).outcomes) == 5


def test_an_issue_that_left_is_found_by_the_census_when_the_count_hides_it(
    cloud: StandIn, cloud_session: JiraSession, counting: ScanPlan
) -> None:
    cloud.put(1, 2, 3)
    first = run(cloud_session, counting)
    del cloud.stored[2]
    cloud.miscount = 1  # the approximate count is late
    known = tuple(first.outcomes)

    soon = run(cloud_session, counting, cursor=first.cursor, known=known, now=LATER)
    after_an_hour = NOW + timedelta(hours=1)
    later = run(cloud_session, counting, cursor=soon.cursor, known=known, now=after_an_hour)

    assert soon.outcomes == {}
    assert later.outcomes == {"2": "gone"}


def test_a_count_that_is_always_off_by_as_much_asks_for_one_listing_only(
    cloud: StandIn, cloud_session: JiraSession, counting: ScanPlan
) -> None:
    cloud.put(1, 2, 3)
    cloud.miscount = 2
    first = run(cloud_session, counting)
    known = tuple(first.outcomes)
    second = run(cloud_session, counting, cursor=first.cursor, known=known, now=LATER)
    cloud.forget_requests()

    run(cloud_session, counting, cursor=second.cursor, known=known, now=LATER)

    assert [
        body["jql"] for body in cloud.asked("/search/jql") if "updated" not in body["jql"]
    ] == []


def test_how_often_the_census_is_taken_can_be_set(cloud: StandIn, counting: ScanPlan) -> None:
    often = opened(cloud, census_every="1 min")
    cloud.put(1, 2)
    first = run(often, counting)
    del cloud.stored[2]
    cloud.miscount = 1

    turn = run(often, counting, cursor=first.cursor, known=first.outcomes, now=LATER)

    assert turn.outcomes == {"2": "gone"}
    often.close()


def test_ids_are_listed_five_thousand_a_page(cloud: StandIn, cloud_session: JiraSession) -> None:
    cloud.conditions["priority = P0"] = lambda _: True
    plan = planned("jira.ratio", jql="project = P", passing="priority = P0")

    run(cloud_session, plan)

    sizes = {tuple(b["fields"]): b["maxResults"] for b in cloud.asked("/search/jql")}
    assert sizes[("id",)] == 5000


def test_an_unbounded_query_is_refused_with_jiras_words(
    cloud: StandIn, cloud_session: JiraSession
) -> None:
    words = "Unbounded JQL queries are not allowed here."
    cloud.before.append(
        lambda request: (
            Answer.json({"errorMessages": [words]}, 400) if "search" in request.path else None
        )
    )

    with pytest.raises(QueryRefused, match="Unbounded JQL"):
        run(cloud_session, planned("jira.count", jql="labels = x"))


def test_the_search_that_cloud_removed_says_to_set_the_flavour(
    cloud: StandIn, counting: ScanPlan
) -> None:
    cloud.version = "2"
    mistaken = opened(cloud, flavour="datacenter")

    with pytest.raises(NotFound, match="set flavour: cloud"):
        run(mistaken, counting)

    mistaken.close()
    cloud.nonconforming.clear()  # of course


def test_a_fault_on_the_second_page_leaves_a_resume_behind(
    cloud: StandIn, cloud_session: JiraSession, counting: ScanPlan
) -> None:
    cloud.put(*range(1, 6))
    cloud.cap = 2

    def fail(request: Request) -> Answer | None:
        body = json.loads(request.body or b"{}")
        return Answer.html("<html>502</html>", 502) if body.get("nextPageToken") else None

    cloud.before.append(fail)
    batches = cloud_session.scan(job(counting.scope, counting.judge))
    resume = next(batches).resume
    with pytest.raises(Exception, match="502"):
        next(batches)
    cloud.before.clear()

    assert set(run(cloud_session, counting, resume=resume).outcomes) == {"3", "4", "5"}
