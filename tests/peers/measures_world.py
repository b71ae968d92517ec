"""What the measures across systems are tried on: NetBox as in `world`, more issues, more series.

Clusters: a-1, b-2 and c-3 are active (Prometheus). On the board a-1 has all three fields, b-2
lacks its contract, x-9 is there and not active: 1 of 3, missing b-2 and c-3, beyond x-9.

Serials: S1 and S2 were delivered on 10 February and stood in NetBox before. S99 was delivered six
hours before `NOW` and is not there: 2 of 2, one pending, and 2 of 3 a day later.

Pages: 13 in the fourth quarter of 2025, 4 in the four weeks before `NOW`, an older one between.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.peers import world

NOW = world.NOW
PAGES_THEN, PAGES_NOW = 13, 4
WEEKS_OF_THE_QUARTER = (92 + 1 / 24) / 7  # clocks go back within it
CANDIDATES_DONE, CANDIDATES = 8.0, 21.0
LOAD = 0.6

MAPPING = """\
team: all
indicators:
  active_clusters: {measure: prometheus.labels, query: cluster_active == 1, key: cluster, window: 1 h}
  board:
    measure: jira.keys
    jql: project = MRKT
    key: Cluster
    required:
      - fields: [Customer, Supplier, Contract]
  delivered:
    measure: jira.keys
    jql: project = PROC AND issuetype = Delivery
    key: {field: Serial numbers, split: ","}
    at: {status: Delivered}
  in_netbox: {measure: netbox.keys, endpoint: dcim.devices, key: serial, at: first_seen}
  serials_tracked: {measure: coverage, of: delivered, in: in_netbox, normalise: [trim, upper], within: 24 h}
  clusters_tracked: {measure: coverage, of: active_clusters, in: board, normalise: [trim, lower]}
  nodes: {measure: prometheus.range, query: max(loadtest_nodes) / 10000, unit: ratio, aggregate: max, window: 1 d}
  gpus: {measure: prometheus.range, query: max(loadtest_gpus) / 80000, unit: ratio, aggregate: max, window: 1 d}
  morale: {measure: manual, unit: percent, stale_after: 14 d}
objectives:
  - id: all-o1
    title: Measured across systems
    key_results:
      - id: all-o1-kr1
        title: Active clusters are on the board with customer, supplier and contract
        indicator: clusters_tracked
        target: {at_least: 100 %}
      - id: all-o1-kr2
        title: Delivered serials are in NetBox within a day
        indicator: serials_tracked
        target: {at_least: 100 %}
      - id: all-o1-kr3
        title: Load tested
        indicator: {measure: combine, minimum: [nodes, gpus]}
        target: {at_least: 100 %}
      - id: all-o1-kr4
        title: Fewer pages
        indicator: {measure: jira.rate, jql: project = ONCALL AND issuetype = Page, at: created, per: w, window: 4 w}
        target: {decrease_by: 40 %, from: 2025-Q4}
      - id: all-o1-kr5
        title: Lab moved
        indicator: {measure: jira.milestones, issues: {site: PROC-1, racked: PROC-2}}
        target: {milestones: {site: 2026-01-31, racked: 2026-03-15}}
      - id: all-o1-kr6
        title: Morale
        indicator: morale
        target: {at_least: 80 %}
      - id: all-o1-kr7
        title: Work done, by its size
        indicator: {measure: jira.done, jql: project = CE, by: {weight: Story points}}
        target: {at_least: 100 %}
      - id: all-o1-kr8
        title: Model completeness
        indicator:
          measure: netbox.completeness
          endpoint: dcim.devices
          filter: {site: [stream-1, cb3-1], status: active}
          required:
            - fields: [serial, primary_ip4]
        target: {at_least: 100 %}
      - id: all-o1-kr9
        title: Racked within a week
        indicator: {measure: jira.duration, jql: project = PROC AND issuetype = Task, from: created, to: {status_category: done}, percentile: 50}
        target: {at_most: 7 d}
"""

_SERIES: dict[str, dict[str, float]] = {
    "cluster_active": {"A-1": 1, "b-2": 1, "c-3": 1, "d-4": 0},
    "loadtest_nodes": {"": 6000},
    "loadtest_gpus": {"": 80_000},
}


def prometheus_history() -> str:
    """A sample every five minutes for a day before `NOW` and half an hour after it."""
    lines = []
    for name, values in _SERIES.items():
        lines.append(f"# TYPE {name} gauge")
        for cluster, value in values.items():
            labels = f'{{cluster="{cluster}"}}' if cluster else ""
            for minute in range(-24 * 60, 35, 5):
                at = (NOW + timedelta(minutes=minute)).timestamp()
                lines.append(f"{name}{labels} {value} {at:.0f}")
    return "\n".join([*lines, "# EOF", ""])


def jira_seed() -> dict[str, Any]:
    """Clusters on the board, deliveries, milestones, pages of two quarters, and work with weights."""
    issues: list[dict[str, Any]] = []

    def issue(
        project: str,
        kind: str,
        created: datetime,
        *changes: tuple[datetime, str, Any],
        **fields: Any,
    ) -> None:
        number = sum(1 for it in issues if it["key"].startswith(f"{project}-")) + 1
        named = {name.replace("_", " "): value for name, value in fields.items()}
        issues.append(
            {
                "key": f"{project}-{number}",
                "created": created.isoformat(),
                "reporter": "u-reader",
                "fields": {
                    "summary": f"{project} {number}",
                    "status": "To Do",
                    "issuetype": kind,
                    **named,
                },
                "changes": [
                    {"at": at.isoformat(), "author": "u-reader", "field": field, "to": to}
                    for at, field, to in changes
                ],
            }
        )

    early = datetime(2026, 1, 5, 12, tzinfo=UTC)
    done = datetime(2026, 1, 29, 12, tzinfo=UTC)
    issue("PROC", "Task", early, (done, "status", "Done"))
    issue("PROC", "Task", early)
    delivered = datetime(2026, 2, 10, 10, tzinfo=UTC)
    issue("PROC", "Delivery", early, (delivered, "status", "Delivered"), Serial_numbers="s1, S2 ")
    late = NOW - timedelta(hours=6)
    issue("PROC", "Delivery", early, (late, "status", "Delivered"), Serial_numbers="S99")
    whole = {"Customer": "A", "Supplier": "B", "Contract": "C"}
    issue("MRKT", "Task", early, Cluster="a-1", **whole)
    issue("MRKT", "Task", early, Cluster="b-2", **(whole | {"Contract": None}))
    issue("MRKT", "Task", early, Cluster="x-9", **whole)
    for number in range(PAGES_THEN):
        issue("ONCALL", "Page", datetime(2025, 10, 3, 9, tzinfo=UTC) + timedelta(days=6 * number))
    issue("ONCALL", "Page", NOW - timedelta(days=40))
    for number in range(PAGES_NOW):
        issue("ONCALL", "Page", NOW - timedelta(days=1 + 6 * number))
    for points, status in ((5, "Done"), (3, "Done"), (13, "To Do")):
        issue("CE", "Task", early, status=status, Story_points=points)
    text = ("Customer", "Supplier", "Contract", "Cluster", "Serial numbers")
    return {
        "title": "Jira",
        "projects": [{"key": key, "name": key} for key in ("ONCALL", "CE", "PROC", "MRKT")],
        "issue_types": [{"name": name} for name in ("Task", "Page", "Delivery")],
        "statuses": [
            {"name": "To Do", "category": "new"},
            {"name": "Delivered", "category": "indeterminate"},
            {"name": "Done", "category": "done"},
        ],
        "priorities": [{"name": "P0"}],
        "users": [
            {
                "accountId": "u-reader",
                "displayName": "Reader",
                "timeZone": "America/Los_Angeles",
                "emailAddress": "reader@example.org",
            }
        ],
        "custom_fields": [
            *(
                {"id": f"customfield_{10010 + n}", "name": name, "type": "string"}
                for n, name in enumerate(text)
            ),
            {"id": "customfield_10030", "name": "Story points", "type": "number"},
        ],
        "issues": issues,
    }
