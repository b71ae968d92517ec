"""What tells a judgement from any other. Verdicts are kept under it: were it another with the next
version, all that is known of an indicator's past would be nobody's.
"""

from __future__ import annotations

from typing import Any

import pytest

from connectors import jira, netbox
from connectors.base import NO_CONTEXT, Connector, Json, ScanPlan

ASKED = {"jql": "project = A"}
DEVICES = {"endpoint": "dcim.devices"}
CABLED: Json = {"fields": [{"every": "interfaces", "has": "cable"}]}
PLANNED = {"endpoint": "plugins.a.plans", "match": "name", "by": "name", "field": "state"}
ALWAYS = {"within": None, "hours": None, "aged": False}


CONNECTORS: dict[str, Connector] = {"jira": jira.connector, "netbox": netbox.connector}


def identity(written: dict[str, Any]) -> Json:
    kind = written["measure"].partition(".")[0]
    measure = CONNECTORS[kind].measures[written["measure"]].model_validate(written)
    plan = measure.plan(kind, NO_CONTEXT)
    assert isinstance(plan, ScanPlan)
    return plan.judge.definition


@pytest.mark.parametrize(
    ("measure", "written", "expected"),
    [
        ("count", {}, {"jira": "present"}),
        ("count", {"evidence": "titles"}, {"jira": "present", "titles": True}),
        ("ratio", {"passing": "priority = P0"}, {"jira": "passing", "passing": "priority = P0"}),
        (
            "completeness",
            {"required": [{"fields": ["PO"], "when": {"status": "Done"}}]},
            {"jira": "complete", "required": [{"fields": ["PO"], "when": {"status": "Done"}}]},
        ),
        ("sum", {"field": "Cost"}, {"jira": "number", "field": "Cost", "unit": None}),
        (
            "value",
            {"field": "Cost", "unit": "h"},
            {"jira": "number", "field": "Cost", "unit": "h", "empty": "pass"},
        ),
        ("done", {}, {"jira": "done"}),
        ("done", {"by": "time"}, {"jira": "done", "by": "time"}),
        ("done", {"by": {"weight": "Points"}}, {"jira": "done", "by": {"field": "Points"}}),
        (
            "keys",
            {"key": {"field": "Serial", "split": ","}, "at": "resolved"},
            {
                "jira": "keys",
                "key": {"field": "Serial", "split": ","},
                "passing": None,
                "required": [],
                "at": "resolved",
            },
        ),
        (
            "keys",
            {"key": "Serial"},
            {
                "jira": "keys",
                "key": {"field": "Serial"},
                "passing": None,
                "required": [],
                "at": None,
            },
        ),
        (
            "duration",
            {"from": "created", "to": {"status": "Done"}, "to_by": ["b", "a"], "within": "2 h"},
            {
                "jira": "duration",
                "from": "created",
                "to": {"status": "Done"},
                "to_by": ["a", "b"],
                **ALWAYS,
                "within": 7200.0,
            },
        ),
        (
            "duration",
            {
                "from": {"status_category": "new"},
                "to": {"transition": {"from": "Open", "to": "Routed"}},
                "percentile": 90,
            },
            {
                "jira": "duration",
                "from": {"status_category": "new"},
                "to": {"transition": {"from": "Open", "to": "Routed"}},
                "to_by": None,
                **ALWAYS,
            },
        ),
        (
            "duration",
            {"from": {"field": "Owner"}, "to": {"comment": "first"}, "mean": True},
            {
                "jira": "duration",
                "from": {"field": "Owner"},
                "to": {"comment": "first"},
                "to_by": None,
                **ALWAYS,
            },
        ),
        (
            "duration",
            {"from": "assigned", "to": {"sla": "Repair"}, "mean": True},
            {
                "jira": "duration",
                "from": "assigned",
                "to": {"sla": "Repair"},
                "to_by": None,
                **ALWAYS,
            },
        ),
        (
            "duration",
            {"to": {"sla": "Repair"}, "within": "goal"},
            {"jira": "agreement", "sla": "Repair", "goal": True},
        ),
        (
            "rate",
            {"at": "created", "per": "w", "window": "4 w"},
            {"jira": "happened", "at": "created", "window": 2_419_200.0},
        ),
    ],
)
def test_a_judgement_of_issues_is_known_by_this(
    measure: str, written: dict[str, Any], expected: Json
) -> None:
    assert identity({"measure": f"jira.{measure}", **ASKED, **written}) == expected


def test_milestones_are_known_by_their_issues() -> None:
    issues = {"order": "A-1", "rack": "A-2"}

    assert identity({"measure": "jira.milestones", "issues": issues}) == {"jira": "milestone"}


@pytest.mark.parametrize(
    ("measure", "written", "expected"),
    [
        (
            "ratio",
            {"filter": {"site": "a"}, "passing": {"status": "active"}},
            {"judge": "netbox.ratio", "passing": {"site": "a", "status": "active"}},
        ),
        (
            "completeness",
            {"required": [{"fields": ["serial"], "when": {"role": "server"}}, CABLED]},
            {
                "judge": "netbox.completeness",
                "required": [{"fields": ["serial"], "when": {"role": "server"}}, CABLED],
            },
        ),
        (
            "keys",
            {"key": "serial", "at": "created"},
            {
                "judge": "netbox.keys",
                "key": "serial",
                "at": ["created", "UTC"],
                "required": [],
            },
        ),
        (
            "keys",
            {"key": "name", "required": [CABLED]},
            {"judge": "netbox.keys", "key": "name", "at": None, "required": [CABLED]},
        ),
        (
            "drift",
            {"field": "status", "expected": "active"},
            {"judge": "netbox.drift", "field": "status", "expected": "active"},
        ),
        (
            "drift",
            {"field": "status", "expected": PLANNED},
            {"judge": "netbox.drift", "field": "status", "expected": {"filter": {}, **PLANNED}},
        ),
        (
            "latency",
            {
                "from": "created",
                "to": "first_seen",
                "to_by": ["b", "a"],
                "to_tag": "import",
                "within": "2 h",
            },
            {
                "judge": "netbox.latency",
                "from": "created",
                "to": "first_seen",
                "to_by": ["a", "b"],
                "to_tag": ["import"],
                "timezone": "UTC",
                "within_seconds": 7200.0,
                "hours": None,
                "aged": False,
            },
        ),
        (
            "latency",
            {"from": "created", "to": {"journal": "success"}, "mean": True},
            {
                "judge": "netbox.latency",
                "from": "created",
                "to": {"journal": "success"},
                "to_by": None,
                "to_tag": None,
                "timezone": "UTC",
                "within_seconds": None,
                "hours": None,
                "aged": False,
            },
        ),
    ],
)
def test_a_judgement_of_objects_is_known_by_this(
    measure: str, written: dict[str, Any], expected: Json
) -> None:
    assert identity({"measure": f"netbox.{measure}", **DEVICES, **written}) == expected
