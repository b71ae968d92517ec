"""Jira's numbers, milestones and epics under the contract, on either kind of Jira."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.jira import connector
from connectors.jira.milestones import Milestones
from connectors.jira.number_measures import DoneShare, Sum
from tests.contract.faces import SOURCE, Face
from tests.contract.faultserver import Reply, Request, json_reply

SUM = Sum(measure="jira.sum", jql="project = CE", field="Racks").plan(SOURCE)
MILESTONES = Milestones(measure="jira.milestones", issues={"site": "CE-1", "racked": "CE-2"}).plan(
    SOURCE
)
EPIC = DoneShare(measure="jira.done", epic="CE-9").plan(SOURCE)

ISSUES = [
    {
        "id": str(number),
        "key": key,
        "fields": {
            "status": {"name": "Any", "statusCategory": {"key": category}},
            "resolutiondate": None,
            "customfield_1": 4.0,
        },
    }
    for number, key, category in [(1, "CE-1", "done"), (2, "LAB-7", "new")]
]
"""The second was CE-2 before it moved: only asked for by itself does that key find it."""

FIELDS = [
    {"id": "customfield_1", "name": "Racks"},
    {
        "id": "customfield_2",
        "name": "Epos",
        "schema": {"custom": "com.pyxis.greenhopper.jira:gh-epic-link", "customId": 2},
    },
]
COMMON: Mapping[str, Any] = {
    "myself": {"displayName": "Reader", "name": "reader", "timeZone": "Europe/Berlin"},
    "field": FIELDS,
    "CE-2": ISSUES[1],
}


def _answered(request: Request, api: str, deployment: str) -> Reply | None:
    if f"/rest/api/{api}/" not in request.path:
        return Reply(404, b"nothing here", "text/plain")
    name = request.path.rsplit("/", 1)[-1]
    if name == "serverInfo":
        return json_reply({"deploymentType": deployment, "version": "10.3.2"})
    return json_reply(COMMON[name]) if name in COMMON else None


def cloud(request: Request) -> Reply:
    """A Jira Cloud whose project, epic and milestones are the same two issues."""
    if answered := _answered(request, "3", "Cloud"):
        return answered
    if request.path.endswith("/search/approximate-count"):
        return json_reply({"count": len(ISSUES)})
    if request.path.endswith("/issue/bulkfetch"):
        return json_reply({"issues": ISSUES, "issueErrors": []})
    return json_reply({"issues": ISSUES, "isLast": True})


def datacenter(request: Request) -> Reply:
    """A Jira Data Center with the same two issues."""
    if answered := _answered(request, "2", "Server"):
        return answered
    rest = [] if " AND id > 2" in request.json["jql"] else ISSUES
    page = rest[: request.json["maxResults"]]
    return json_reply({"startAt": 0, "maxResults": 1000, "total": len(rest), "issues": page})


def _face(name: str, plan: Any, healthy: Callable[[Request], Reply], flavour: str) -> Face:
    user = {"user": "reader-s3cr3t"} if flavour == "cloud" else {}
    return Face(
        name=f"jira-{name}-{flavour}",
        connector=connector,
        plan=plan,
        healthy=healthy,
        secrets={"token": "token-s3cr3t-4741"} | user,
        options={"flavour": flavour},
    )


FACES = [
    _face("milestones", MILESTONES, cloud, "cloud"),
    _face("milestones", MILESTONES, datacenter, "datacenter"),
    _face("epic", EPIC, datacenter, "datacenter"),
    _face("sum", SUM, cloud, "cloud"),
]
