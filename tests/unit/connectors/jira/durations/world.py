"""Planted issues whose change logs say how long they took, and a Jira that has them."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from connectors.base import (
    BusinessHours,
    PlanContext,
    ScanPlan,
)
from connectors.jira import connector
from tests.unit.connectors.jira.sandboxes import Served, serving

DESCRIPTION = Path(__file__).parents[4] / "specs" / "jira-cloud.openapi.json"
NOW = datetime(2026, 1, 20, 12, 0, tzinfo=UTC)
ROUTER = "svc-oncall-router"
HOURS = BusinessHours(
    frozenset(range(5)), time(9), time(17), "UTC", closed=frozenset({date(2026, 1, 19)})
)


def issue(number: int, *changes: tuple[str, str, Any], **more: Any) -> dict[str, Any]:
    """An issue of 2026-01-12, 09:00 (a Monday); changes are (when, field, value) by Bob."""
    fields = {"issuetype": "Repair", "summary": f"Fan {number}", "status": "Open"}
    author = more.pop("author", "u-bob")
    key = more.pop("key", f"ONCALL-{number}")
    beside = {name: more.pop(name) for name in ("comments", "agreements") if name in more}
    return {
        "key": key,
        "created": more.pop("created", "2026-01-12T09:00:00Z"),
        "reporter": more.pop("reporter", "u-alice"),
        "fields": fields | {name.replace("_", " "): value for name, value in more.items()},
        "changes": [
            {"at": f"2026-01-{when}:00Z", "author": author, "field": field, "to": to}
            for when, field, to in changes
        ],
    } | beside


def seed(*issues: dict[str, Any]) -> dict[str, Any]:
    return {
        "projects": [
            {"key": "ONCALL", "name": "On call", "components": ["net", "power"]},
            {"key": "DESK", "name": "Desk", "type": "service_desk"},
        ],
        "issue_types": [{"name": "Repair"}],
        "statuses": [
            {"name": "Open", "category": "new"},
            {"name": "Routed", "category": "indeterminate"},
            {"name": "Fixed", "category": "done"},
            {"name": "Closed", "category": "done"},
        ],
        "priorities": [{"name": "P0"}],
        "users": [
            {"accountId": "u-alice", "displayName": "Alice Ames", "name": "alice"},
            {"accountId": "u-bob", "displayName": "Bob Burr", "name": "bob",
             "emailAddress": "bob@example.org"},
            {"accountId": "u-router", "displayName": "On-call router", "name": ROUTER},
        ],
        "custom_fields": [
            {"id": "customfield_10010", "name": "PO number", "type": "string"},
            {"id": "customfield_10011", "name": "Twin", "type": "string"},
            {"id": "customfield_10012", "name": "Twin", "type": "string"},
        ],
        "issues": list(issues),
    }  # fmt: skip


def plan(
    start: Any = "created", end: Any = None, jql: str = "project = ONCALL", **more: Any
) -> ScanPlan:
    query = {"measure": "jira.duration", "jql": jql, "from": start, "to": end} | more
    if start is None:
        del query["from"]
    if not {"within", "percentile", "mean"} & set(more):
        query["mean"] = True
    context = PlanContext(business_hours=HOURS)
    made = connector.measures["jira.duration"].model_validate(query).plan("jira", context)
    assert isinstance(made, ScanPlan)
    return made


Line = tuple[str, str | None, str, float | None]


def short(moment: datetime | None) -> str | None:
    """The day of January and the minute, in UTC."""
    return None if moment is None else f"{moment:%d %H:%M}"


def lines(served: Served, made: ScanPlan) -> dict[str, list[Line]]:
    """Each issue's verdicts: from, to, outcome, number."""
    return {
        each.label: [
            (short(v.valid_from) or "", short(v.valid_to), v.outcome.value, v.number)
            for v in each.verdicts
        ]
        for each in served.read(made).timelines.values()
    }


class Opener:
    """Opens Jiras of one flavour for a test."""

    def __init__(self, flavour: Any, stack: ExitStack) -> None:
        self.flavour = flavour
        self._stack = stack

    def __call__(self, *issues: dict[str, Any], **options: Any) -> Served:
        served = self._stack.enter_context(
            serving(self.flavour, seed(*issues), page_size=100, **options)
        )
        served.clock.now = NOW
        return served
