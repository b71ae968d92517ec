"""Change logs that are long, or refused: on Cloud and on Data Center."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest

from connectors.base import (
    BadAnswer,
    Exchange,
    QueryRefused,
    ServerFailed,
)
from connectors.jira import connector
from tests.unit.connectors.jira.durations.world import (
    DESCRIPTION,
    NOW,
    Opener,
    issue,
    lines,
    plan,
)
from tests.unit.connectors.jira.stand_in import job


def test_more_than_forty_entries_are_read_to_the_first(jira: Opener) -> None:
    flips = [
        (f"{13 + n // 24:02}T{n % 24:02}:00", "status", "Open" if n % 2 else "Routed")
        for n in range(95)
    ]
    served = jira(issue(1, *flips))

    found = lines(served, plan("created", {"status": "Routed"}))["ONCALL-1"]

    assert found[-1] == ("13 00:00", None, "pass", 15 * 3600)


def test_bulk_change_logs_are_paged_to_the_end(cloud: Opener) -> None:
    served = cloud(
        *(
            issue(n, *(("13T09:00", "status", "Routed"), ("14T09:00", "status", "Fixed")))
            for n in range(1, 31)
        )
    )
    served.jira.shorten_changelog_pages(7)

    found = lines(served, plan({"status": "Routed"}, {"status": "Fixed"}))

    assert {line[-1] for line in found.values()} == {("14 09:00", None, "pass", 86400)}
    assert len(served.asked("/changelog/bulkfetch")) == 9


@pytest.mark.parametrize("numbers", [True, False])
def test_times_of_change_logs_are_numbers_or_text(cloud: Opener, numbers: bool) -> None:
    served = cloud(issue(1, ("12T10:00", "status", "Routed")))
    served.jira.write_changelog_times_as_numbers(numbers=numbers)

    assert lines(served, plan("created", {"status": "Routed"}))["ONCALL-1"][-1][0] == "12 10:00"


def test_more_comments_than_a_search_tells_are_read(jira: Opener) -> None:
    comments = [
        {"at": f"2026-01-13T09:{n:02}:00Z", "author": "u-bob", "body": str(n)} for n in range(45)
    ]
    served = jira(issue(1, comments=comments))

    found = lines(served, plan({"comment": "first"}, {"status": "Routed"}))["ONCALL-1"]

    assert found == [("13 09:00", None, "pending", None)]
    pages = [seen for seen in served.jira.requests if seen.path.endswith("/comment")]
    assert bool(pages) is (jira.flavour == "cloud")


@pytest.mark.parametrize("pages_before", [0, 1])
def test_a_fault_amid_the_change_logs_leaves_nothing_half_done(
    cloud: Opener, pages_before: int
) -> None:
    served = cloud(*(issue(n, ("13T09:00", "status", "Routed")) for n in range(1, 21)))
    served.jira.shorten_changelog_pages(8)
    log = "/changelog/bulkfetch"

    def fail_after(exchange: Exchange) -> None:
        if exchange.path.endswith(log):
            served.jira.fail_with(502, path=log)

    if pages_before:
        served.watcher.then.append(fail_after)
    else:
        served.jira.fail_with(502, path=log)
    made = plan("created", {"status": "Routed"})
    batches = []

    with pytest.raises(ServerFailed):
        for batch in served.session.scan(job(made.scope, made.judge, now=NOW)):
            batches.append(batch)  # noqa: PERF402  what came before the fault

    assert len(served.asked(log)) == pages_before + 1
    assert batches == []


@pytest.mark.parametrize(
    ("to_by", "fields"),
    [
        (None, ["created", "status", "updated"]),
        ("Bob Burr", ["created", "creator", "status", "updated"]),
    ],
)
def test_only_the_fields_that_are_needed_are_asked_for(
    cloud: Opener, to_by: str | None, fields: list[str]
) -> None:
    served = cloud(issue(1))
    served.jira.forget_requests()

    served.read(plan("created", {"status": "Routed"}, to_by=to_by))

    [search] = [body for body in served.asked("/search/jql") if body["fields"] != ["id"]]
    assert search["fields"] == fields
    assert "/rest/api/3/field" not in [seen.path for seen in served.jira.requests]


def test_measures_that_need_no_change_log_ask_for_none(jira: Opener) -> None:
    served = jira(issue(1))
    served.jira.forget_requests()
    counted = connector.measures["jira.count"].model_validate(
        {"measure": "jira.count", "jql": "project = ONCALL"}
    )

    served.read(counted.plan("jira"))  # type: ignore[arg-type]

    assert not [seen for seen in served.jira.requests if b"changelog" in seen.body]
    assert served.asked("/changelog/bulkfetch") == []


def test_requests_conform_to_the_published_description(cloud: Opener) -> None:
    comments = [
        {"at": f"2026-01-13T09:{n:02}:00Z", "author": "u-bob", "body": str(n)} for n in range(45)
    ]
    served = cloud(issue(1, ("13T09:00", "status", "Routed"), comments=comments))
    served.jira.forget_requests()
    served.read(plan({"comment": "first"}, {"status_category": "done"}, within="1 h"))
    served.read(plan({"field": "PO number"}, "assigned", percentile=90))

    description = OpenAPI.from_dict(json.loads(DESCRIPTION.read_text(encoding="utf-8")))
    paths = {seen.path for seen in served.jira.requests}
    errors = [
        f"{seen.method} {seen.path}: {error} {error.__cause__}"
        for seen in served.jira.requests
        for error in description.iter_request_errors(
            MockRequest(
                "http://localhost", seen.method, seen.path, args=dict(seen.query), data=seen.body
            )
        )
    ]

    assert errors == []
    assert {
        "/rest/api/3/changelog/bulkfetch",
        "/rest/api/3/status",
        "/rest/api/3/issue/10001/comment",
    } <= paths


# ------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ({"status": "Ruoted"}, 'no status "Ruoted"; the nearest is "Routed"'),
        ({"status_category": "finished"}, 'no status category "finished"'),
        ({"transition": {"from": "Open", "to": "Gone"}}, 'no status "Gone"'),
        ({"field": "PO numbr"}, 'no field "PO numbr"'),
    ],
)
def test_a_word_that_jira_does_not_know_is_refused(jira: Opener, point: Any, words: str) -> None:
    served = jira(issue(1))

    with pytest.raises(QueryRefused, match=words):
        served.read(plan("created", point))


def test_namesakes_cannot_be_told_apart_in_the_logs_of_data_center(datacenter: Opener) -> None:
    served = datacenter(issue(1, ("12T10:00", "customfield_10011", "x")))

    with pytest.raises(QueryRefused, match='several fields are called "Twin"'):
        served.read(plan("created", {"field": "customfield_10011"}))


def test_namesakes_are_told_apart_by_their_ids_on_cloud(cloud: Opener) -> None:
    served = cloud(
        issue(1, ("12T10:00", "customfield_10011", "x"), ("12T11:00", "customfield_10012", "y"))
    )

    found = lines(served, plan("created", {"field": "customfield_10012"}))

    assert found["ONCALL-1"][-1][0] == "12 11:00"


def test_a_change_log_that_came_in_part_is_not_believed(datacenter: Opener) -> None:
    served = datacenter(issue(1, ("12T10:00", "status", "Routed")))
    truncated = {
        "startAt": 0, "maxResults": 100, "total": 1,
        "issues": [{
            "id": "10001", "key": "ONCALL-1",
            "fields": {"created": "2026-01-12T09:00:00.000+0000", "status": None},
            "changelog": {"histories": [], "total": 2},
        }],
    }  # fmt: skip
    served.jira.fail_with(
        200, body=json.dumps(truncated), content_type="application/json", path="/search$"
    )

    with pytest.raises(BadAnswer, match="came only in part"):
        served.read(plan("created", {"status": "Routed"}))
