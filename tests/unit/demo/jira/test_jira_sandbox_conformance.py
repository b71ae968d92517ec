"""Every exchange with the sandbox as Cloud, held to Atlassian's published description."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from syncd.demo.jira.quarter import quarter_seed
from syncd.demo.quarter.days import END
from tests.unit.demo.jira.worlds import Asker, Moment, asking

DESCRIPTION = Path(__file__).parents[3] / "specs" / "jira-cloud.openapi.json"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}")


def _is_jira_time(value: Any) -> bool:
    """Jira writes offsets without a colon, which the format of the description does not allow."""
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


@pytest.fixture(scope="module")
def description() -> OpenAPI:
    return OpenAPI.from_dict(
        json.loads(DESCRIPTION.read_text(encoding="utf-8")),
        config=Config(extra_format_validators={"date-time": _is_jira_time}),
    )


@pytest.fixture(scope="module")
def jira() -> Iterator[Asker]:
    with asking() as asker:
        asker.sandbox.comment_on_issue("CE-2", "Once more")
        yield asker


def faults(
    description: OpenAPI, jira: Asker, method: str, path: str, params: Any, body: Any
) -> list[str]:
    answer = jira.session.request(
        method, f"{jira.sandbox.url}{path}", params=params, json=body, timeout=10
    )
    asked = MockRequest(
        "http://localhost",
        method.lower(),
        path,
        args=params,
        data=None if body is None else json.dumps(body).encode(),
    )
    given = MockResponse(answer.content, answer.status_code)
    assert answer.status_code == 200, answer.text
    found = [
        *description.iter_request_errors(asked),
        *description.iter_response_errors(asked, given),
    ]
    return [f"{fault} {fault.__cause__}" for fault in found]


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/rest/api/3/search/jql", {"jql": "id > 0"}),
        ("/rest/api/3/search/jql", {"jql": "id > 0", "fields": "*all", "maxResults": 3}),
        ("/rest/api/3/search/jql", {"jql": "id > 0", "expand": "changelog,names,schema"}),
        ("/rest/api/3/issue/CE-1", {"expand": "changelog,names,schema"}),
        ("/rest/api/3/issue/CE-4/changelog", {"maxResults": 1}),
        ("/rest/api/3/issue/CE-2/comment", {}),
        ("/rest/api/3/field", {}),
        ("/rest/api/3/field/search", {"maxResults": 5}),
        ("/rest/api/3/myself", {}),
        ("/rest/api/3/serverInfo", {}),
        ("/rest/api/3/project/search", {"maxResults": 1}),
        ("/rest/api/3/project/CE", {}),
        ("/rest/api/3/status", {}),
        ("/rest/api/3/statuscategory", {}),
        ("/rest/api/3/filter/20001", {}),
        ("/rest/agile/1.0/board", {}),
        ("/rest/agile/1.0/board/7", {}),
        ("/rest/agile/1.0/board/7/configuration", {}),
        ("/rest/agile/1.0/board/7/issue", {"maxResults": 2, "expand": "changelog"}),
    ],
)
def test_a_get_conforms(
    description: OpenAPI, jira: Asker, path: str, params: dict[str, Any]
) -> None:
    assert faults(description, jira, "GET", path, params, None) == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/rest/api/3/search/jql", {"jql": "id > 0", "fields": ["*all"], "maxResults": 2}),
        ("/rest/api/3/search/jql", {"jql": "id > 0", "reconcileIssues": [10001]}),
        ("/rest/api/3/search/approximate-count", {"jql": "id > 0"}),
        ("/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": ["CE-1", "XX-1"], "fields": ["*all"]}),
        ("/rest/api/3/changelog/bulkfetch", {"issueIdsOrKeys": ["CE-1", "CE-4"]}),
        (
            "/rest/api/3/changelog/bulkfetch",
            {"issueIdsOrKeys": ["CE-1"], "fieldIds": ["status"], "maxResults": 1},
        ),
        ("/rest/api/3/jql/match", {"issueIds": [10001], "jqls": ["project = CE", "x = 1"]}),
    ],
)
def test_a_post_conforms(
    description: OpenAPI, jira: Asker, path: str, body: dict[str, Any]
) -> None:
    assert faults(description, jira, "POST", path, {}, body) == []


def test_the_whole_quarter_conforms(description: OpenAPI) -> None:
    with asking(quarter_seed(), Moment(END)) as jira:
        body: dict[str, Any] = {
            "jql": "id > 0 ORDER BY id",
            "fields": ["*all"],
            "maxResults": 100,
            "expand": "changelog",
        }
        pages = 0
        while True:
            assert faults(description, jira, "POST", "/rest/api/3/search/jql", {}, body) == []
            page = jira.post("/rest/api/3/search/jql", **body).json()
            pages += 1
            if page["isLast"]:
                break
            body["nextPageToken"] = page["nextPageToken"]
    assert pages == 21


def test_a_body_that_does_not_conform_is_noticed(description: OpenAPI) -> None:
    asked = MockRequest("http://localhost", "get", "/rest/api/3/myself")
    given = MockResponse(b'{"accountId": 5}', 200)
    assert list(description.iter_response_errors(asked, given)) != []
