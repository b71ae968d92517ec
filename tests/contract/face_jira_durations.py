"""Jira's change logs, comments and agreements under the contract: durations on Cloud, in bulk, and
on Data Center, where logs come with the issues.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.jira import connector
from connectors.jira.duration_measure import Duration
from tests.contract.face_jira import cloud, datacenter
from tests.contract.faces import SOURCE, Face
from tests.contract.faultserver import Reply, Request, json_reply


def _plan(**query: Any) -> Any:
    whole = {"measure": "jira.duration", "jql": "project = CE"} | query
    return Duration.model_validate(whole).plan(SOURCE)


ROUTED = _plan(**{"from": "created", "to": {"status": "Routed"}, "within": "5 min"})
AGREED = _plan(to={"sla": "Time to fix"}, within="goal")

STATUSES = [
    {"id": "1", "name": "Open", "statusCategory": {"id": 2, "key": "new", "name": "To Do"}},
    {"id": "2", "name": "Routed", "statusCategory": {"id": 3, "key": "done", "name": "Done"}},
]
FIELDS = {
    "created": "2026-01-15T10:00:00.000+0000",
    "creator": {"displayName": "Alice"},
    "status": {"id": "2", "name": "Routed"},
}
HISTORY = {
    "id": "7",
    "author": {"displayName": "Router"},
    "created": "2026-01-15T10:04:00.000+0000",
    "items": [
        {"field": "status", "fieldtype": "jira", "fieldId": "status", "from": "1", "to": "2"}
        | {"fromString": "Open", "toString": "Routed"}
    ],
}
AGREEMENTS = {
    "isLastPage": True,
    "values": [
        {
            "name": "Time to fix",
            "completedCycles": [],
            "ongoingCycle": {
                "startTime": {"epochMillis": 1768471200000},
                "breachTime": {"epochMillis": 1768485600000},
                "breached": False,
                "paused": False,
                "elapsedTime": {"millis": 1800000},
            },
        }
    ],
}


def _with_fields(reply: Reply, changelog: Mapping[str, Any] | None) -> Reply:
    """The answer of the other face, its issues with the fields and logs of this one."""
    answer = json.loads(reply.body)
    if not isinstance(answer, dict) or "issues" not in answer:
        return reply
    more = {"fields": FIELDS} | ({"changelog": changelog} if changelog else {})
    return json_reply(answer | {"issues": [issue | more for issue in answer["issues"]]})


def _beside(request: Request) -> Reply | None:
    if request.path.endswith("/status"):
        return json_reply(STATUSES)
    if "/rest/servicedeskapi/" in request.path:
        return json_reply(AGREEMENTS)
    if request.path.endswith("/changelog/bulkfetch"):
        ids = request.json["issueIdsOrKeys"]
        logs = [
            {"issueId": each, "changeHistories": [entry]}
            for each in ids
            for entry in (HISTORY, HISTORY | {"id": "8", "created": 1768471500000})
        ]
        at = int(request.json.get("nextPageToken", "0"))
        rest = {} if at + 1 >= len(logs) else {"nextPageToken": str(at + 1)}
        return json_reply({"issueChangeLogs": logs[at : at + 1]} | rest)
    return None


def on_cloud(request: Request) -> Reply:
    """A Jira Cloud with two issues, one a page, and one change log a page."""
    return _beside(request) or _with_fields(cloud(request), None)


def on_datacenter(request: Request) -> Reply:
    """A Jira Data Center with two issues, one a page, each with its log."""
    log = {"startAt": 0, "maxResults": 1, "total": 1, "histories": [HISTORY]}
    return _beside(request) or _with_fields(datacenter(request), log)


FACES = [
    Face(
        name="jira-cloud-durations",
        connector=connector,
        plan=ROUTED,
        healthy=on_cloud,
        secrets={"user": "reader-s3cr3t", "token": "token-s3cr3t-4731"},
        options={"flavour": "cloud"},
    ),
    Face(
        name="jira-datacenter-durations",
        connector=connector,
        plan=ROUTED,
        healthy=on_datacenter,
        secrets={"token": "token-s3cr3t-4732"},
        options={"flavour": "datacenter"},
    ),
    Face(
        name="jira-cloud-agreements",
        connector=connector,
        plan=AGREED,
        healthy=on_cloud,
        secrets={"user": "reader-s3cr3t", "token": "token-s3cr3t-4733"},
        options={"flavour": "cloud"},
    ),
]
