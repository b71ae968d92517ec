"""What holds of a scan on Jira Data Center only."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.base import BadAnswer, NotFound, ScanPlan
from connectors.jira.session import JiraSession
from syncd.demo.serving import Answer, Request
from tests.unit.connectors.jira.stand_in import NOW, StandIn, job, opened, planned, run

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def counting() -> ScanPlan:
    return planned("jira.count", jql="project = P")


def test_pages_are_sought_by_id_and_never_by_offset(
    datacenter: StandIn, datacenter_session: JiraSession, counting: ScanPlan
) -> None:
    datacenter.put(1, 5, 9)
    datacenter.cap = 2

    run(datacenter_session, counting)

    asked = [body for body in datacenter.asked("/search") if body["maxResults"]]
    assert [body["jql"] for body in asked] == [
        "(project = P) ORDER BY id ASC",
        "(project = P) AND id > 5 ORDER BY id ASC",
        "(project = P) AND id > 9 ORDER BY id ASC",
    ]
    assert all("startAt" not in body for body in asked)


def test_ids_that_do_not_ascend_are_a_bad_answer(
    datacenter: StandIn, datacenter_session: JiraSession, counting: ScanPlan
) -> None:
    page = {"total": 2, "issues": [{"id": n, "key": n, "fields": {}} for n in ("7", "3")]}
    datacenter.before.append(
        lambda request: Answer.json(page) if request.path.endswith("/search") else None
    )

    with pytest.raises(BadAnswer, match="do not ascend"):
        run(datacenter_session, counting)


def test_a_walk_that_ends_before_what_was_promised_is_a_bad_answer(
    datacenter: StandIn, datacenter_session: JiraSession, counting: ScanPlan
) -> None:
    datacenter.put(*range(1, 6))
    datacenter.cap = 2

    def end_early(request: Request) -> Answer | None:
        empty = {"total": 0, "issues": []}
        return Answer.json(empty) if b"id > 2" in request.body else None

    datacenter.before.append(end_early)

    with pytest.raises(BadAnswer, match="3 still to come"):
        run(datacenter_session, counting)


def test_a_last_issue_that_leaves_between_the_pages_ends_the_walk_well(
    datacenter: StandIn, datacenter_session: JiraSession, counting: ScanPlan
) -> None:
    datacenter.put(1, 2, 3)
    datacenter.cap = 2
    batches = datacenter_session.scan(job(counting.scope, counting.judge))
    first = next(batches)
    del datacenter.stored[3]

    rest = list(batches)

    assert len(first.timelines[0]) == 2
    assert rest[-1].cursor is not None


def test_a_turn_in_which_the_totals_agree_lists_nothing(
    datacenter: StandIn, datacenter_session: JiraSession, counting: ScanPlan
) -> None:
    datacenter.put(1, 2)
    first = run(datacenter_session, counting)
    datacenter.forget_requests()

    soon = NOW + timedelta(minutes=59)
    run(datacenter_session, counting, cursor=first.cursor, known=first.outcomes, now=soon)

    listings = [body for body in datacenter.asked("/search") if body["maxResults"]]
    assert all("updated" in body["jql"] for body in listings)


def test_one_that_left_and_one_that_came_into_sight_are_found_by_the_census(
    datacenter: StandIn, datacenter_session: JiraSession, counting: ScanPlan
) -> None:
    datacenter.put(1, 2)
    first = run(datacenter_session, counting)
    del datacenter.stored[1]
    datacenter.put(3)  # last updated long ago

    after_an_hour = NOW + timedelta(hours=1)
    turn = run(
        datacenter_session, counting, cursor=first.cursor, known=first.outcomes, now=after_an_hour
    )

    assert turn.outcomes == {"1": "gone", "3": "pass"}


def test_a_personal_access_token_is_a_bearer(datacenter: StandIn, counting: ScanPlan) -> None:
    offered: list[str] = []
    datacenter.before.append(
        lambda request: offered.append(request.headers.get("authorization", ""))
    )
    session = opened(datacenter, user=None)

    run(session, counting)

    assert set(offered) == {"Bearer a-token-of-the-tests"}
    session.close()


def test_cloud_configured_for_a_data_center_says_to_set_the_flavour(
    datacenter: StandIn, counting: ScanPlan
) -> None:
    datacenter.version = "3"
    mistaken = opened(datacenter, flavour="cloud")

    with pytest.raises(NotFound, match="set flavour: datacenter"):
        run(mistaken, counting)

    mistaken.close()
