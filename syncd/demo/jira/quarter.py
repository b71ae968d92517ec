"""The first quarter of 2026 in the demo's Jira: what people do there, from a random seed.

Pages become what they should be (system down only), certificates are passed and one is lost
again, agreements follow proofs of concept, purchasing falls behind in February and recovers,
the cluster board fills up; beside them goes on what no key result looks at. For two days in
February Jira is down.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from syncd.demo.jira.seed import Seed

ZONE = ZoneInfo("America/Los_Angeles")
START = datetime(2026, 1, 1, tzinfo=ZONE)
END = datetime(2026, 4, 1, tzinfo=ZONE)
OUTAGE = (datetime(2026, 2, 17, 6, tzinfo=ZONE), datetime(2026, 2, 19, 6, tzinfo=ZONE))

_DAYS = (END.date() - START.date()).days
_PAGES_A_WEEK = (44, 43, 42, 40, 38, 35, 31, 28, 25, 22, 19, 17, 16)
_SHARE_AT_END = 0.92
_SUPPLIERS = ("Northwind Compute", "Halden Data", "Tern Hosting", "Corvid Systems", "Lumen Rack")
_ENGINEERS = ("u-amara", "u-bjorn", "u-chen", "u-dana", "u-eitan", "u-farah")
_BUYERS = ("u-greta", "u-hugo")
_ROUTER = "svc-oncall-router"

_SETUP: dict[str, Any] = {
    "title": "Demo Jira",
    "projects": [
        {"key": "ONCALL", "name": "On call", "components": ["compute", "network", "storage"]},
        {"key": "CE", "name": "Customer engineering", "components": ["presales", "support"]},
        {"key": "PROC", "name": "Procurement", "type": "business"},
        {"key": "MRKT", "name": "Market clusters", "type": "business"},
        {"key": "PLAT", "name": "Platform", "components": ["api", "console"]},
        {"key": "OPS", "name": "Operations"},
    ],
    "issue_types": [
        {"name": name}
        for name in (
            "Task", "Bug", "Page", "Repair", "Ticket", "PoC", "Purchase", "Vendor onboarding",
            "Cluster",
        )
    ],
    "statuses": [
        {"name": "To Do", "category": "new"},
        {"name": "Open", "category": "new"},
        {"name": "Requested", "category": "new"},
        {"name": "Planned", "category": "new"},
        {"name": "In Progress", "category": "indeterminate"},
        {"name": "Acknowledged", "category": "indeterminate"},
        {"name": "Ordered", "category": "indeterminate"},
        {"name": "Active", "category": "indeterminate"},
        {"name": "Done", "category": "done"},
        {"name": "Resolved", "category": "done"},
        {"name": "Received", "category": "done"},
        {"name": "Decommissioned", "category": "done"},
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
            (_ROUTER, "On-call router", "Etc/UTC"),
        )
    ],
    "custom_fields": [
        {"id": "customfield_10010", "name": "PO number", "type": "string"},
        {"id": "customfield_10011", "name": "Invoice number", "type": "string"},
        {"id": "customfield_10012", "name": "Discovery agreement", "type": "url"},
        {"id": "customfield_10013", "name": "Customer", "type": "string"},
        {"id": "customfield_10014", "name": "Supplier", "type": "option",
         "options": list(_SUPPLIERS)},
        {"id": "customfield_10015", "name": "Contract", "type": "string"},
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


def quarter_seed(rng_seed: int = 2026) -> Seed:
    """The demo's Jira from 2026-01-01 to 2026-03-31, America/Los_Angeles; the same for the same
    `rng_seed`.
    """
    story = _Story(random.Random(rng_seed))  # noqa: S311 - a story, not a secret
    story.pages()
    story.certificates()
    story.proofs_of_concept()
    story.purchases()
    story.clusters()
    story.everything_else()
    return Seed.model_validate({**_SETUP, "issues": _numbered(story.drafts)})


@dataclass
class _Draft:
    """An issue without a key. A change of the field ``project`` is a move."""

    project: str
    created: datetime
    reporter: str
    fields: dict[str, Any]
    changes: list[tuple[datetime, str, str, Any]] = field(default_factory=list)

    def then(self, at: datetime, author: str, **fields: Any) -> None:
        """Adds changes, unless the quarter is over by then."""
        at = _when_up(at)
        if at < END:
            self.changes += [
                (at, author, name.replace("_", " "), to) for name, to in fields.items()
            ]


class _Story:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.drafts: list[_Draft] = []

    def _issue(
        self, project: str, created: datetime, reporter: str, kind: str, summary: str, **fields: Any
    ) -> _Draft:
        named = {name.replace("_", " "): value for name, value in fields.items()}
        draft = _Draft(
            project,
            _when_up(created),
            reporter,
            {"issuetype": kind, "summary": summary, "status": "To Do", "priority": "P2"} | named,
        )
        self.drafts.append(draft)
        return draft

    def _on(self, day: float, first_hour: int = 8, last_hour: int = 18) -> datetime:
        """A moment on a day of the quarter (0 is its first), at work."""
        seconds = self._rng.uniform(first_hour * 3600, last_hour * 3600)
        return START + timedelta(days=int(day), seconds=int(seconds))

    def _days(self, least: float, most: float) -> timedelta:
        return timedelta(seconds=int(self._rng.uniform(least, most) * 86400))

    # ------------------------------------------------------------------------------- on call

    def pages(self) -> None:
        """Pages: at first half of them are not urgent; the rule comes in January, and what should
        not have paged is made a ticket, week by week.
        """
        idle: list[_Draft] = []
        urgent = 0
        for week, amount in enumerate(_PAGES_A_WEEK):
            for _ in range(amount):
                day = min(week * 7 + self._rng.random() * 7, _DAYS - 1)
                share = 0.55 if day < 14 else min(0.55 + (day - 14) / 28 * 0.43, 0.985)
                priority = "P0" if self._rng.random() < share else self._rng.choice(("P1", "P2"))
                page = self._page(self._on(day, 0, 24), priority)
                if priority == "P0":
                    urgent += 1
                else:
                    idle.append(page)
        for _ in range(36):  # before the quarter
            self._page(self._on(-self._rng.randint(1, 30), 0, 24), self._rng.choice(("P0", "P2")))
        left = int(urgent * (1 / _SHARE_AT_END - 1))
        idle.sort(key=lambda page: page.created)
        tidied = idle[: max(len(idle) - left, 0)]
        for number, page in enumerate(tidied):
            day = 33 + number / len(tidied) * 54
            at = max(self._on(day), page.created + timedelta(days=1))
            if number % 9 == 8:
                page.then(at, self._rng.choice(_ENGINEERS), project="OPS")
            else:
                page.then(at, self._rng.choice(_ENGINEERS), issuetype="Ticket")

    def _page(self, created: datetime, priority: str) -> _Draft:
        rng = self._rng
        trouble = rng.choice(
            ("NodeNotReady on", "Fabric link flapping in", "Control plane down in",
             "Storage latency high in", "GPU fell off the bus in", "Ingress errors in")
        )  # fmt: skip
        page = self._issue(
            "ONCALL",
            created,
            _ROUTER,
            "Page",
            f"{trouble} cluster-{rng.randint(1, 40):02d}",
            priority=priority,
            status="Open",
            components=[rng.choice(("compute", "network", "storage"))],
        )
        seen = created + timedelta(minutes=rng.randint(1, 25))
        who = rng.choice(_ENGINEERS)
        page.then(seen, who, status="Acknowledged", assignee=who)
        page.then(seen + self._days(0.02, 1.5), who, status="Resolved")
        return page

    # ------------------------------------------------------------------ customer engineering

    def certificates(self) -> None:
        """Twelve people and an exam: ten pass by the end, one of them twice."""
        passed = (16, 23, 29, 33, 41, 48, 55, 62, 72, 83, None, None)
        for number, day in enumerate(passed):
            who = _ENGINEERS[number % len(_ENGINEERS)]
            task = self._issue(
                "CE", self._on(4), "u-amara", "Task", f"Pass CKA (seat {number + 1})",
                labels=["cka"], assignee=who,
            )  # fmt: skip
            task.then(self._on(8 + number), who, status="In Progress")
            if day is not None:
                task.then(self._on(day), who, status="Done")
            if day == 33:
                task.then(self._on(46), "u-amara", status="In Progress")
                task.then(self._on(78), who, status="Done")

    def proofs_of_concept(self) -> None:
        """Twenty proofs of concept; most get their agreement within days, two never."""
        for number in range(20):
            created = self._on(2 + number * 4.3)
            who = self._rng.choice(_ENGINEERS)
            poc = self._issue(
                "CE", created, who, "PoC", f"PoC for prospect {number + 1:02d}",
                components=["presales"], assignee=who,
            )  # fmt: skip
            poc.then(created + self._days(0.5, 2), who, status="In Progress")
            if number not in (5, 12):
                late = (9, 20) if number < 8 else (2, 7)
                poc.then(
                    created + self._days(*late),
                    who,
                    Discovery_agreement=f"https://docs.example.com/agreements/{1000 + number}",
                )
            poc.then(created + self._days(20, 40), who, status="Done")

    # ------------------------------------------------------------------------------ purchases

    def purchases(self) -> None:
        """A hundred and twenty purchases. Numbers come within days; what is bought in February
        waits for weeks, until the backlog is cleared in March.
        """
        rng = self._rng
        for number in range(120):
            day = 1 + number * (_DAYS - 3) / 120
            created = self._on(day)
            buyer = rng.choice(_BUYERS)
            purchase = self._issue(
                "PROC", created, buyer, "Purchase",
                f"{rng.randint(2, 96)} x {rng.choice(('optics', 'server', 'switch', 'cable set'))}",
                status="Requested",
            )  # fmt: skip
            behind = 33 <= day <= 58
            ordered = created + self._days(0.3, 2.5)
            if behind:
                ordered = max(created + self._days(5, 12), self._on(62 + (day - 33) / 25 * 9))
            billed = ordered + (self._days(1, 4) if behind else self._days(1.5, 5))
            purchase.then(ordered, buyer, status="Ordered", PO_number=f"PO-{26000 + number}")
            if number % 29 != 17:
                purchase.then(billed, buyer, Invoice_number=f"INV-{rng.randint(10**6, 10**7)}")
            purchase.then(billed + self._days(2, 15), buyer, status="Received")

    # ------------------------------------------------------------------------------- clusters

    def clusters(self) -> None:
        """Eighty clusters on the board. Who uses them, on whose machines and under which contract
        is found out through the quarter.
        """
        rng = self._rng
        for number in range(80):
            new = number >= 64
            created = self._on(5 + (number - 64) * 4.5 if new else -rng.randint(20, 400))
            known = {
                "Customer": f"Customer {rng.randint(1, 30):02d}",
                "Supplier": rng.choice(_SUPPLIERS),
                "Contract": f"C-{rng.randint(2023, 2026)}-{rng.randint(100, 999)}",
            }
            from_start = dict(list(known.items())[: rng.choice((0, 1, 1, 2, 2, 3))])
            cluster = self._issue(
                "MRKT", created, "u-dana", "Cluster", f"cluster-{number + 1:02d}",
                status="Planned" if new else "Active", **from_start,
            )  # fmt: skip
            if new:
                cluster.then(created + self._days(3, 12), "u-dana", status="Active")
            for name, value in known.items():
                if name not in from_start and rng.random() < 0.97:
                    filled = max(self._on(6 + 80 * rng.random() ** 1.1), created + self._days(1, 9))
                    cluster.then(filled, rng.choice(_ENGINEERS), **{name: value})
            if number % 16 == 3:
                cluster.then(self._on(30 + number / 2), "u-dana", status="Decommissioned")

    # ------------------------------------------------------------------------------- the rest

    def everything_else(self) -> None:
        """Work that no key result looks at, one issue that is deleted and one that is locked."""
        rng = self._rng
        kinds = (
            ("PLAT", "Task", "Console page", 40), ("PLAT", "Bug", "API answers slowly", 25),
            ("CE", "Task", "Cluster handover", 30), ("ONCALL", "Repair", "Replace tray", 45),
            ("PROC", "Vendor onboarding", "Onboard vendor", 14), ("OPS", "Task", "Runbook", 20),
        )  # fmt: skip
        made = []
        for project, kind, summary, amount in kinds:
            for number in range(amount):
                who = rng.choice(_ENGINEERS)
                created = self._on(rng.uniform(-20, _DAYS - 1))
                work = self._issue(
                    project, created, who, kind, f"{summary} {number + 1}",
                    priority=rng.choice(("P1", "P2", "P3")),
                )  # fmt: skip
                if rng.random() < 0.8:
                    work.then(created + self._days(1, 20), who, status="In Progress", assignee=who)
                    work.then(created + self._days(20, 60), who, status="Done")
                made.append(work)
        made.sort(key=lambda work: work.created)
        for work, fate, to in ((made[0], "deleted", True), (made[1], "visible", False)):
            work.changes.append((_when_up(self._on(50)), work.reporter, fate, to))


def _when_up(at: datetime) -> datetime:
    """The moment, or, when Jira is down then, one soon after it is up again."""
    start, end = OUTAGE
    if not start <= at < end:
        return at
    return end + (at - start) / 12


def _numbered(drafts: Iterable[_Draft]) -> list[dict[str, Any]]:
    """The issues with keys, given in the order in which they came into their projects."""
    ordered = sorted(drafts, key=lambda draft: draft.created)
    arrivals = [(draft.created, index, draft.project) for index, draft in enumerate(ordered)]
    arrivals += [
        (at, index, to)
        for index, draft in enumerate(ordered)
        for at, _, name, to in draft.changes
        if name == "project"
    ]
    numbers: Counter[str] = Counter()
    keys: dict[tuple[int, str], str] = {}
    for _, index, project in sorted(arrivals):
        numbers[project] += 1
        keys[index, project] = f"{project}-{numbers[project]}"
    return [
        {
            "key": keys[index, draft.project],
            "created": _text(draft.created),
            "reporter": draft.reporter,
            "fields": draft.fields,
            "changes": [
                {"at": _text(at), "author": author, "field": "key", "to": keys[index, to]}
                if name == "project"
                else {"at": _text(at), "author": author, "field": name, "to": to}
                for at, author, name, to in sorted(draft.changes, key=lambda change: change[0])
            ],
        }
        for index, draft in enumerate(ordered)
    ]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
