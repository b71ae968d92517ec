"""What the tests of this folder share."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any, Literal

from hypothesis import strategies as st

from connectors.base import BusinessHours, PlanContext, ScanPlan, Timeline
from connectors.jira import connector
from tests.unit.connectors.jira.sandboxes import Served, serving
from tests.unit.connectors.jira.stand_in import job

SINCE = datetime(2026, 1, 10, tzinfo=UTC)
NOW = datetime(2026, 1, 20, 12, 0, tzinfo=UTC)
Flavour = Literal["cloud", "datacenter"]
SETUP: dict[str, Any] = {
    "projects": [
        {"key": "PROC", "name": "Procurement", "components": ["lab", "dc"]},
        {"key": "CE", "name": "Customers"},
    ],
    "issue_types": [{"name": "Task"}, {"name": "Purchase"}],
    "statuses": [
        {"name": "To Do", "category": "new"},
        {"name": "Ordered", "category": "indeterminate"},
        {"name": "Done", "category": "done"},
    ],
    "priorities": [{"name": "P0"}, {"name": "P1"}],
    "users": [
        {"accountId": "u-a", "displayName": "Alice", "emailAddress": "a@example.org"},
        {"accountId": "u-b", "displayName": "Bob"},
    ],
    "custom_fields": [
        {"id": "customfield_10010", "name": "PO number", "type": "string"},
        {"id": "customfield_10011", "name": "Region", "type": "option", "options": ["EU", "US"]},
        {"id": "customfield_10012", "name": "Racks", "type": "number"},
        {"id": "customfield_10013", "name": "Skills", "type": "options",
         "options": ["power", "net, wide", "net"]},
        {"id": "customfield_10014", "name": "Notes", "type": "text"},
        {"id": "customfield_10015", "name": "Approver", "type": "user"},
        {"id": "customfield_10016", "name": "Go live", "type": "date"},
    ],
    "filters": [{"id": 20001, "name": "P", "jql": "project = PROC AND status = Done"}],
    "boards": [{"id": 7, "name": "B", "filter": 20001}],
}  # fmt: skip
VALUES: dict[str, list[Any]] = {
    "status": ["To Do", "Ordered", "Done"],
    "labels": [[], ["x"], ["x", "Y"], ["y"]],
    "components": [[], ["lab"], ["dc", "lab"]],
    "assignee": [None, "u-a", "u-b"],
    "priority": [None, "P0", "P1"],
    "issuetype": ["Task", "Purchase"],
    "PO number": [None, "PO-1", "PO-2"],
    "Region": [None, "EU", "US"],
    "Racks": [None, 0, 2.5, 12],
    "Skills": [[], ["power"], ["net, wide"], ["power", "net"]],
    "Notes": [None, "Some\nlines"],
    "Approver": [None, "u-b"],
    "Go live": [None, "2026-03-01"],
}


def issue(number: int, *changes: tuple[str, str, Any], **more: Any) -> dict[str, Any]:
    """An issue of 2026-01-05; changes are (day and time of January, field, value)."""
    key = more.pop("key", f"PROC-{number}")
    created = more.pop("created", "2026-01-05T09:00:00Z")
    fields = {"issuetype": "Task", "summary": f"Buy {number}", "status": "To Do"}
    return {
        "key": key,
        "created": created,
        "reporter": "u-b",
        "fields": fields | {name.replace("_", " "): value for name, value in more.items()},
        "changes": [
            {"at": f"2026-01-{at}:00Z", "author": "u-b", "field": field, "to": to}
            for at, field, to in changes
        ],
    }


WEEKDAYS = BusinessHours(frozenset(range(5)), time(9), time(17), "Europe/London")
CONTEXT = PlanContext(business_hours=WEEKDAYS)


def planned(name: str = "jira.count", jql: str = "project = PROC", **query: Any) -> ScanPlan:
    scope = {} if "board" in query or "issues" in query else {"jql": jql}
    whole = {"measure": name} | scope | query
    made = connector.measures[name].model_validate(whole).plan("jira", CONTEXT)
    assert isinstance(made, ScanPlan)
    return made


def seeded(*issues: dict[str, Any]) -> dict[str, Any]:
    return SETUP | {"issues": list(issues)}


class Told:
    """What a scan with a history gave."""

    def __init__(self, served: Served, plan: ScanPlan, since: datetime = SINCE) -> None:
        made = job(plan.scope, plan.judge, now=served.clock.now)
        self.batches = list(served.session.scan(_since(made, since)))

    @property
    def timelines(self) -> dict[str, Timeline]:
        return {each.object_id: each for batch in self.batches for each in batch.timelines[0]}

    @property
    def untold(self) -> str:
        assert all(batch.untold == () for batch in self.batches[:-1])
        return "\n".join(self.batches[-1].untold_for(0))

    def lines(self) -> dict[str, list[tuple[str, str | None, str]]]:
        """Each issue's verdicts: from, to, outcome."""
        return {
            each.label: [
                (
                    f"{v.valid_from:%d %H:%M}",
                    None if v.valid_to is None else f"{v.valid_to:%d %H:%M}",
                    v.outcome.value,
                )
                for v in each.verdicts
            ]
            for each in self.timelines.values()
        }


def _since(made: Any, since: datetime) -> Any:
    return replace(made, history_since=since)


def holding(
    timelines: dict[str, Timeline], moment: datetime, *, since: bool = False
) -> dict[str, Any]:
    """What holds of each issue at a moment, where anything does; also since when."""
    return {
        identifier: (v.outcome, v.number, v.missing, v.keys, v.since if since else None)
        for identifier, timeline in timelines.items()
        for v in timeline.verdicts
        if v.valid_from <= moment and (v.valid_to is None or moment < v.valid_to)
    }


class Opener:
    def __init__(self, flavour: Flavour, stack: ExitStack) -> None:
        self.flavour = flavour
        self._stack = stack

    def __call__(self, *issues: dict[str, Any], **options: Any) -> Served:
        served = self._stack.enter_context(serving(self.flavour, seeded(*issues), **options))
        served.clock.now = NOW
        return served


changes_of_fields = st.sampled_from(sorted(VALUES)).flatmap(
    lambda field: st.tuples(st.just(field), st.sampled_from(VALUES[field]))
)
minutes = st.integers(0, 15 * 24 * 60)
histories = st.lists(
    st.tuples(minutes, st.lists(changes_of_fields, min_size=1, max_size=3)), max_size=6
)
issues = st.lists(
    st.tuples(
        minutes,
        st.dictionaries(st.sampled_from(sorted(VALUES)), st.integers(0, 3), max_size=6),
        histories,
        st.sampled_from(["PROC", "CE"]),
    ),
    min_size=1,
    max_size=4,
)
