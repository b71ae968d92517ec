"""Jira under the contract: Cloud with user and token, Data Center with a token alone, a board."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.jira import connector
from connectors.jira.measures import Completeness, Count, Ratio, RequiredFields
from tests.contract.faces import SOURCE, Face
from tests.contract.faultserver import Reply, Request, json_reply

RATIO = Ratio(measure="jira.ratio", jql="project = CE", passing="labels = cka").plan(SOURCE)
COMPLETENESS = Completeness(
    measure="jira.completeness",
    jql="project = PROC",
    required=[RequiredFields(fields=["PO number"])],
).plan(SOURCE)
BOARD = Count(measure="jira.count", board=7).plan(SOURCE)

ISSUES = [
    {"id": "1", "key": "CE-1", "fields": {"customfield_1": "PO-1"}},
    {"id": "2", "key": "CE-2", "fields": {"customfield_1": None}},
]
_AFTER = re.compile(r"id > (\d+)")


def _common(path: str, deployment: str) -> Reply | None:
    """What both kinds answer alike."""
    answers: Mapping[str, Any] = {
        "serverInfo": {"deploymentType": deployment, "version": "10.3.2"},
        "myself": {"displayName": "Reader", "name": "reader", "timeZone": "Europe/Berlin"},
        "field": [{"id": "customfield_1", "name": "PO number"}],
        "configuration": {"id": 7, "filter": {"id": "70"}},
        "70": {"id": "70", "jql": "project = CE ORDER BY Rank"},
    }
    name = path.rsplit("/", 1)[-1]
    return json_reply(answers[name]) if name in answers else None


def _asked(issue: Mapping[str, Any], fields: Sequence[str]) -> Mapping[str, Any]:
    return {"id": issue["id"]} if list(fields) == ["id"] else issue


def cloud(request: Request) -> Reply:
    """A Jira Cloud with two issues, one a page."""
    if not re.search(r"/rest/(api/3|agile/1\.0)/", request.path):
        return Reply(404, b"nothing here", "text/plain")
    if common := _common(request.path, "Cloud"):
        return common
    if request.path.endswith("/search/approximate-count"):
        return json_reply({"count": len(ISSUES)})
    at = int(request.json.get("nextPageToken", "0"))
    page = {"issues": [_asked(ISSUES[at], request.json["fields"])]}
    last = at + 1 == len(ISSUES)
    return json_reply(page | ({"isLast": True} if last else {"nextPageToken": str(at + 1)}))


def datacenter(request: Request) -> Reply:
    """A Jira Data Center with two issues, one a page."""
    if not re.search(r"/rest/(api/2|agile/1\.0)/", request.path):
        return Reply(404, b"nothing here", "text/plain")
    if common := _common(request.path, "Server"):
        return common
    after = _AFTER.search(request.json["jql"])
    rest = ISSUES[int(after[1]) if after else 0 :]
    page = [_asked(issue, request.json["fields"]) for issue in rest]
    page = page[: min(1, request.json["maxResults"])]
    return json_reply({"startAt": 0, "maxResults": 1, "total": len(rest), "issues": page})


FACES = [
    Face(
        name="jira-cloud",
        connector=connector,
        plan=RATIO,
        healthy=cloud,
        secrets={"user": "reader-s3cr3t", "token": "token-s3cr3t-4714"},
        options={"flavour": "cloud"},
    ),
    Face(
        name="jira-datacenter-behind-a-path",
        connector=connector,
        plan=COMPLETENESS,
        healthy=datacenter,
        secrets={"token": "token-s3cr3t-4715"},
        headers={"X-Scope": "scope-s3cr3t-4716"},
        options={"flavour": "datacenter"},
        path="/jira/",
    ),
    Face(
        name="jira-cloud-board",
        connector=connector,
        plan=BOARD,
        healthy=cloud,
        secrets={"user": "reader-s3cr3t", "token": "token-s3cr3t-4717"},
        options={"flavour": "cloud"},
    ),
]
