"""A rebuilt reading is the one that was told then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.unit.connectors.jira.past.world import (
    SINCE,
    VALUES,
    Flavour,
    Told,
    holding,
    issues,
    minutes,
    planned,
    seeded,
)
from tests.unit.connectors.jira.sandboxes import serving

QUERIES = [
    "project = PROC",
    "project = Procurement AND status = Done",
    'project in (PROC, CE) AND status in ("To Do", ordered)',
    "project = PROC AND statusCategory != Done",
    'project = PROC AND NOT (statusCategory = "In Progress" OR labels = x)',
    "project = PROC AND labels not in (X)",
    "project = PROC AND labels IS EMPTY",
    "project = PROC AND component in (lab, EMPTY)",
    "project = PROC AND component != dc",
    "project = PROC AND assignee IS NOT EMPTY",
    "project = PROC AND (priority = P0 OR priority = EMPTY)",
    "project = PROC AND resolution = Unresolved",
    "project = PROC AND resolution IN (Done, Declined)",
    "project = PROC AND type = Purchase",
    "project = PROC AND Region = eu",
    "project = PROC AND cf[10011] != EU",
    'project = PROC AND "PO number" IS NOT EMPTY',
    'project = PROC AND Skills = "net, wide"',
    'project = PROC AND created >= "2026-01-11 06:00" AND status = Done',
    "(project = PROC AND status = Done) OR (project = CE AND labels = x)",
    "project = PROC AND reporter is not EMPTY",
]
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)


def grown(drafts: list[Any]) -> dict[str, Any]:
    """A seed of these issues, each with its fields at the creation and what changed since."""
    found = []
    for number, (age, fields, history, project) in enumerate(drafts, start=1):
        created = BEGIN + timedelta(minutes=age)
        at_first = {
            name: VALUES[name][index % len(VALUES[name])]
            for name, index in fields.items()
            if project == "PROC" or name != "components"
        }
        usual = {"issuetype": "Task", "summary": "Buy", "status": "To Do"}
        found.append(
            {
                "key": f"{project}-{number}",
                "created": created.isoformat(),
                "reporter": "u-b",
                "fields": usual | at_first,
                "changes": [
                    {
                        "at": (created + timedelta(minutes=later + 1)).isoformat(),
                        "author": "u-b",
                        "field": name,
                        "to": to,
                    }
                    for later, steps in history
                    for name, to in dict(steps).items()
                    if project == "PROC" or name != "components"
                ],
            }
        )
    return seeded(*found)


measures = st.sampled_from(
    [
        ("jira.count", {}),
        ("jira.ratio", {"passing": "statusCategory = Done"}),
        ("jira.ratio", {"passing": "labels = x OR assignee IS EMPTY"}),
        (
            "jira.completeness",
            {
                "required": [
                    {"fields": ["PO number", "Components", "Notes"]},
                    {
                        "when": {"statusCategory": "Done", "priority": ["P0", None]},
                        "fields": ["Region", "assignee", "resolution", "Skills"],
                    },
                    {
                        "when": {"Region": "EU", "Skills": ["power"], "Approver": "Bob"},
                        "fields": ["labels", "Racks", "Go live", "resolutiondate"],
                    },
                ]
            },
        ),
        ("jira.sum", {"field": "Racks"}),
        ("jira.done", {}),
        ("jira.done", {"by": {"weight": "Racks"}}),
        ("jira.keys", {"key": "PO number", "required": [{"fields": ["Region"]}]}),
        ("jira.keys", {"key": "PO number", "at": {"status": "Ordered"}}),
        ("jira.keys", {"key": "labels", "at": {"field": "PO number"}, "passing": "Region = EU"}),
        ("jira.keys", {"key": "key", "at": "created", "required": [{"fields": ["Racks"]}]}),
        ("jira.duration", {"from": "created", "to": {"status": "Ordered"}, "within": "2 d"}),
        ("jira.duration", {"from": "assigned", "to": {"field": "Components"}, "percentile": 90}),
        (
            "jira.duration",
            {"from": {"status_category": "indeterminate"}, "to": "resolved", "mean": True},
        ),
        (
            "jira.duration",
            {
                "from": "created",
                "to": {"transition": {"from": "To Do", "to": "Done"}},
                "hours": "business",
                "percentile": 50,
            },
        ),
        ("jira.rate", {"at": {"field": "labels"}, "per": "w", "window": "2 d"}),
    ]
)


SKILLED = (0, {"Skills": 0}, [(7200, [("Skills", ["net, wide"])])], "PROC")
"""One whose log says that there was an empty list before."""


@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
@example(
    [SKILLED],
    "project = PROC",
    ("jira.completeness", {"required": [{"fields": ["Skills"]}]}),
    [7000, 8000],
)
@example(
    [SKILLED],
    "project = PROC",
    ("jira.duration", {"from": "created", "to": {"field": "Skills"}, "within": "2 d"}),
    [7000, 8000],
)
@settings(max_examples=examples(50), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    drafts=issues,
    jql=st.sampled_from(QUERIES),
    measure=measures,
    ages=st.lists(minutes, min_size=1, max_size=4),
)
def test_the_rebuilt_reading_of_a_moment_is_the_one_that_was_told_then(
    flavour: Flavour, drafts: list[Any], jql: str, measure: tuple[str, Any], ages: list[int]
) -> None:
    name, query = measure
    plan = planned(name, jql, **query)
    says_since = plan.retrospective or "at" in query
    moments = [max(SINCE, BEGIN + timedelta(minutes=age)) for age in ages]
    with serving(flavour, grown(drafts)) as served:
        then = {}
        for moment in moments:
            served.clock.now = moment
            then[moment] = holding(served.read(plan).timelines, moment, since=says_since)
        served.clock.now = BEGIN + timedelta(days=31)
        told = Told(served, plan)

    assert "not known" not in told.untold
    assert {moment: holding(told.timelines, moment, since=says_since) for moment in moments} == then
