"""The milestones of the quarter: planned in December, one issue each, some done and some not.

Mapping files name them by their keys, so the keys are chosen.
"""

from __future__ import annotations

from datetime import date, timedelta

from syncd.demo.jira.quarter.drafts import ENGINEERS, Book
from syncd.demo.quarter.days import at

_PLANNED = date(2025, 12, 16)

_DONE: dict[str, tuple[str, str | None]] = {
    "PROC-101": ("Lab 2.0: site selected", "2026-01-29"),
    "PROC-102": ("Lab 2.0: migration plan and approved bill of materials", "2026-02-24"),
    "PROC-103": ("Lab 2.0: equipment delivered and racked", "2026-03-13"),
    "PROC-104": ("Lab 2.0: operational", "2026-03-30"),
    "PROC-105": ("Capacity planning strategy 2026 agreed with finance", "2026-03-12"),
    "NET-101": ("Device qualification tools", "2026-03-10"),
    "NET-102": ("CB3 network runbooks tried on the lab", None),
    "NET-103": ("Design: FIS", "2026-02-26"),
    "NET-104": ("Design: points of presence", "2026-03-17"),
    "NET-105": ("Design: corporate data centres", None),
    "NET-106": ("Prometheus and Grafana stack for the network", "2026-02-12"),
    "NET-107": ("Deployment dashboards", "2026-03-25"),
    "NET-108": ("Optic qualification programme runs", None),
    "DCIM-101": ("Support console: tickets can be opened", "2026-02-11"),
    "DEPLOY-101": ("v7 POD: CDU L4C commissioned", "2026-03-20"),
    "DEPLOY-102": ("v7 POD: machine capacity certified", None),
    "DEPLOY-103": ("Framework: standard workflows", "2026-02-06"),
    "DEPLOY-104": ("Framework: a procedure for each step", "2026-03-18"),
    "DEPLOY-105": ("Framework: duration estimates", None),
    "DEPLOY-106": ("External warehouse procured", "2026-02-11"),
    "DEPLOY-107": ("ICT vendor selected", "2026-02-04"),
    "DEPLOY-108": ("ICT vendor contracted", "2026-03-11"),
    "DEPLOY-109": ("CDU vendor selected", "2026-02-25"),
    "DEPLOY-110": ("CDU vendor contracted", None),
    "OBS-101": ("Reference architecture published", "2026-02-10"),
    "OBS-102": ("Contracts between compute and network telemetry", "2026-03-18"),
    "OBS-103": ("Lighthouse switched to Advanced Metrics", None),
    "OBS-104": ("NVSentinel integrated with FSH", "2026-03-03"),
    "OBS-105": ("Alerts routed to suppliers and customers", None),
    "OBS-106": ("Advanced Metrics in the console", "2026-03-24"),
    "OBS-107": ("Grafana for customers, dashboards writable", "2026-03-27"),
    "OBS-108": ("Third-party vendors evaluated", "2026-03-06"),
    "OBS-109": ("Stream: network observability handed over", "2026-03-31"),
    "PLAT-101": ("Escalations routed to suppliers", "2026-02-27"),
    "PLAT-102": ("Escalations routed to customers", "2026-03-26"),
    "PLAT-103": ("Control-plane components off customer clusters", None),
    "PLAT-104": ("Regions aggregated at the hub", "2026-03-19"),
    "PLAT-105": ("Third-party metrics connected", "2026-02-13"),
    "PLAT-106": ("Third-party logs connected", "2026-03-04"),
    "PLAT-107": ("Third-party alerting", "2026-03-26"),
    "PLAT-108": ("Add-on system", "2026-02-20"),
    "PLAT-109": ("Add-on: Advanced Metrics", "2026-03-23"),
    "PLAT-110": ("Add-on: NVSentinel", "2026-03-30"),
    "PLAT-111": ("Security incident response team named", "2026-01-22"),
    "PLAT-112": ("Plan for emergency updates", "2026-02-26"),
    "PLAT-113": ("Embargo programme joined", "2026-03-17"),
    "PLAT-114": ("Templates for telling customers", "2026-03-24"),
    "INF-101": ("Multi-tenant k8s validated for inference", "2026-03-19"),
    "INF-102": ("Disaggregated prefill and decode: prototype", "2026-03-11"),
    "INF-103": ("Disaggregated prefill and decode: routing", None),
    "CE-201": ("Supplier Technical Requirements published", "2026-02-20"),
    "CE-202": ("Supplier Quality Dashboard live", None),
    "CE-203": ("Existing bare metal identified", "2026-02-04"),
    "CE-204": ("Migration plan for bare metal", "2026-02-13"),
    "HIRE-101": ("Team members back from the infra team", "2026-03-09"),
    "SALES-101": ("Bridge between sales and the engineering roadmap", None),
}
"""By key: what it is, and the day it is done (None: not in this quarter)."""


def tell(book: Book) -> None:
    """Writes every milestone down. What is not done in the quarter is under way at its end."""
    for number, (key, (summary, day)) in enumerate(_DONE.items()):
        owner = ENGINEERS[number % len(ENGINEERS)]
        planned = at(_PLANNED, 10) + timedelta(minutes=3 * number)
        project = key.partition("-")[0]
        issue = book.issue(project, planned, "u-amara", "Milestone", summary, key=key)
        begun = date(2026, 3, 2) if day is None else date.fromisoformat(day) - timedelta(days=24)
        issue.then(
            book.on(max(begun, date(2026, 1, 5))), owner, status="In Progress", assignee=owner
        )
        if day is not None:
            issue.then(book.on(date.fromisoformat(day), 9, 16), owner, status="Done")
