"""What the demo's Jira is set up with: projects, types, statuses, people, fields, boards."""

from __future__ import annotations

from typing import Any

from syncd.demo.jira.quarter.drafts import OUTAGE, ROUTER
from syncd.demo.quarter.clusters import SUPPLIERS

SETUP: dict[str, Any] = {
    "title": "Demo Jira",
    "projects": [
        {"key": "ONCALL", "name": "On call", "components": ["compute", "network", "storage"]},
        {"key": "CE", "name": "Customer engineering", "components": ["presales", "support"]},
        {"key": "PROC", "name": "Procurement", "type": "business"},
        {"key": "MRKT", "name": "Market clusters", "type": "business"},
        {"key": "HIRE", "name": "Hiring", "type": "business",
         "components": ["procurement", "compute", "networking", "sre", "inference"]},
        {"key": "DEPLOY", "name": "Infrastructure deployment"},
        {"key": "NET", "name": "Networking"},
        {"key": "DCIM", "name": "DCIM and networking tooling"},
        {"key": "INFRA", "name": "Infra compute"},
        {"key": "OBS", "name": "Observability"},
        {"key": "PLAT", "name": "Platform and cluster ops", "type": "service_desk",
         "components": ["api", "console"]},
        {"key": "INF", "name": "Inference"},
        {"key": "SALES", "name": "Sales", "type": "business"},
        {"key": "OPS", "name": "Operations"},
    ],
    "issue_types": [
        {"name": name}
        for name in (
            "Task", "Bug", "Milestone", "Page", "Repair", "Ticket", "PoC", "Purchase", "Delivery",
            "ASN", "Vendor onboarding", "Supply risk", "Partnership", "Cluster", "Candidate",
            "Sub-pod deployment", "Access request", "Vulnerability", "Benchmark", "LOI",
            "Pod commitment", "Briefing", "Engagement", "Customer",
        )
    ],
    "statuses": [
        {"name": name, "category": category}
        for category, names in {
            "new": ("To Do", "Open", "Requested", "Planned", "Applied"),
            "indeterminate": ("In Progress", "Acknowledged", "Routed", "Ordered", "Shipped",
                              "Active", "Interviewing", "Offered", "Negotiating"),
            "done": ("Done", "Resolved", "Received", "Delivered", "Decommissioned", "Accepted",
                     "Turned down", "Signed"),
        }.items()
        for name in names
    ],
    "priorities": [{"name": name} for name in ("P0", "P1", "P2", "P3")],
    "users": [
        {"accountId": account, "displayName": name, "timeZone": zone}
        for account, name, zone in (
            ("u-amara", "Amara Obi", "America/Los_Angeles"),
            ("u-bjorn", "Björn Lund", "Europe/London"),
            ("u-chen", "Chen Yu", "America/Los_Angeles"),
            ("u-dana", "Dana Petrov", "Europe/London"),
            ("u-eitan", "Eitan Levi", "America/Los_Angeles"),
            ("u-farah", "Farah Aziz", "America/New_York"),
            ("u-greta", "Greta Holm", "America/Los_Angeles"),
            ("u-hugo", "Hugo Marin", "America/Los_Angeles"),
            (ROUTER, "On-call router", "Etc/UTC"),
        )
    ],
    "custom_fields": [
        {"id": "customfield_10010", "name": "PO number", "type": "string"},
        {"id": "customfield_10011", "name": "Invoice number", "type": "string"},
        {"id": "customfield_10012", "name": "Discovery agreement", "type": "url"},
        {"id": "customfield_10013", "name": "Customer", "type": "string"},
        {"id": "customfield_10014", "name": "Supplier", "type": "option",
         "options": list(SUPPLIERS)},
        {"id": "customfield_10015", "name": "Contract", "type": "string"},
        {"id": "customfield_10016", "name": "Cluster", "type": "string"},
        {"id": "customfield_10017", "name": "Offering", "type": "option",
         "options": ["Managed k8s", "SLURM on k8s", "Bare metal"]},
        {"id": "customfield_10018", "name": "Serial numbers", "type": "string"},
        {"id": "customfield_10019", "name": "ASN number", "type": "string"},
        {"id": "customfield_10020", "name": "Mitigation plan", "type": "url"},
        {"id": "customfield_10021", "name": "First deployment", "type": "string"},
        {"id": "customfield_10022", "name": "Location", "type": "option",
         "options": ["San Francisco", "London", "Austin"]},
        {"id": "customfield_10023", "name": "Alert key", "type": "string"},
        {"id": "customfield_10024", "name": "Quality metrics", "type": "url"},
        {"id": "customfield_10025", "name": "Product", "type": "option",
         "options": ["Managed k8s", "SLURM on k8s", "Inference"]},
        {"id": "customfield_10026", "name": "Pods committed", "type": "number"},
    ],
    "filters": [
        {"id": 20001, "name": "Purchases",
         "jql": "project = PROC AND issuetype = Purchase ORDER BY Rank ASC"},
        {"id": 20002, "name": "Clusters", "jql": "project = MRKT ORDER BY Rank ASC"},
    ],
    "boards": [
        {"id": 1, "name": "Purchasing", "type": "kanban", "filter": 20001, "project": "PROC"},
        {"id": 2, "name": "MRKT board", "type": "kanban", "filter": 20002, "project": "MRKT"},
    ],
    "outages": [
        {"from": OUTAGE[0].isoformat(), "to": OUTAGE[1].isoformat(), "status": 503}
    ],
}  # fmt: skip
