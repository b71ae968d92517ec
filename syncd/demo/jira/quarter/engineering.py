"""Engineering work that is counted: runbooks, guides, procedures, access, deployments, benchmarks,
repositories, vulnerabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from syncd.demo.jira.quarter.drafts import Book
from syncd.demo.quarter.days import DAYS

_RUNBOOKS = ("power-up", "cooling start", "leak response", "rack acceptance", "BMC enrolment",
             "OS install", "burn-in", "fabric bring-up", "storage mount", "scheduler join",
             "health checks", "handover", "rollback", "decommission")  # fmt: skip
_GUIDES = ("GPU off the bus", "NVLink errors", "thermal throttle", "PXE loops", "BMC unreachable",
           "NVMe timeouts", "ECC storms", "PSU faults", "link flaps", "clock skew")  # fmt: skip
_PROCEDURES = ("CDU: fill and flush", "CDU: commission", "CDU: maintain", "Network: rack",
               "Network: cable", "Network: bring up", "SPOC: install", "OCS: install",
               "OCS: calibrate")  # fmt: skip
_FAILURES = ("PSU", "fan tray", "BMC", "DIMM", "NVMe", "NIC", "GPU tray", "switch PSU", "optic",
             "PDU", "leak sensor")  # fmt: skip
_VULNERABILITY_DAYS = {"P0": 7, "P1": 14, "P2": 30}
_REMEDIATION = "Vulnerability remediation"


def written(book: Book) -> None:
    """Runbooks, guides and procedures: a label each, and when the first and the last are done;
    of some the last are never.
    """
    _series(book, "INFRA", "cb3-runbook", "Runbook validated on the lab", _RUNBOOKS, (7, 84), 0)
    _series(book, "INFRA", "troubleshooting-guide", "Guide", _GUIDES, (11, 92), 2)
    _series(book, "DEPLOY", "sop", "Procedure and process map", _PROCEDURES, (9, 83), 0)
    _series(book, "DCIM", "repair-sop", "Repair", _FAILURES, (8, 93), 2)


def _series(
    book: Book,
    project: str,
    label: str,
    what: str,
    names: Sequence[str],
    done: tuple[float, float],
    never: int,
) -> None:
    first, last = done
    for number, name in enumerate(names):
        who = book.engineer()
        task = book.issue(
            project, book.on(4 + number / 5), "u-amara", "Task", f"{what}: {name}",
            labels=[label], assignee=who,
        )  # fmt: skip
        day = first + (last - first) * number / max(1, len(names) - 1)
        task.then(
            max(book.on(day - 12), task.created + book.days(0.1, 2)), who, status="In Progress"
        )
        if number < len(names) - never:
            task.then(book.on(day), who, status="Done")


def access(book: Book) -> None:
    """Access for new hires: days at first, then hours."""
    for number in range(22):
        created = book.on(4 + number * 3.7, 8, 12)
        request = book.issue(
            "INFRA", created, "u-chen", "Access request", f"Access for new hire {number + 1:02d}",
            labels=["onboarding"], status="Requested",
        )  # fmt: skip
        took = book.days(2.6, 3.4) if number in (1, 4) else book.days(0.2, 1.7)
        request.then(created + took, "u-chen", status="Done")


def sub_pods(book: Book) -> None:
    """Sub-pods from the first rack to handover, each faster than the one before."""
    for number, (begun, took) in enumerate(((6, 24.0), (22, 19.5), (44, 16.0), (63, 12.5)), 1):
        pod = book.issue(
            "DEPLOY",
            book.on(begun - 4),
            "u-eitan",
            "Sub-pod deployment",
            f"Stream sub-pod {number}",
        )
        started = pod.then(book.on(begun), "u-eitan", status="In Progress")
        pod.then(started + timedelta(days=took), "u-eitan", status="Done")


def benchmarks(book: Book) -> None:
    """Reasoning models on v7: two of three measured."""
    for name, day in (("671B", "2026-02-12"), ("1T", "2026-03-04"), ("685B, long context", None)):
        run = book.issue(
            "INF", book.on(9), "u-bjorn", "Benchmark", f"Benchmark of a {name} model on v7",
            labels=["reasoning-600b"],
        )  # fmt: skip
        run.then(book.on(20), "u-bjorn", status="In Progress")
        if day is not None:
            run.then(book.on(date.fromisoformat(day)), "u-bjorn", status="Done")


def repositories(book: Book) -> None:
    """Three repositories become one, the last in the last days."""
    for name, day in (
        ("ClusterOps", "2026-01-30"),
        ("Atlas", "2026-02-13"),
        ("Lighthouse", "2026-03-30"),
    ):
        merge = book.issue(
            "PLAT",
            book.on(2),
            "u-chen",
            "Task",
            f"Merge {name} into the mono-repo",
            labels=["monorepo"],
        )
        merge.then(book.on(9), "u-chen", status="In Progress")
        merge.then(book.on(date.fromisoformat(day)), "u-chen", status="Done")


def vulnerabilities(book: Book) -> None:
    """Findings of the scans, each to be mended in a time that its severity sets; three are not."""
    for number in range(44):
        severity = book.rng.choice(("P0", "P1", "P1", "P2", "P2", "P2")) if number else "P0"
        goal = _VULNERABILITY_DAYS[severity]
        found = book.on(number * (DAYS - 6) / 44)
        finding = book.issue(
            "PLAT", found, "u-dana", "Vulnerability", f"CVE-2026-{1000 + 37 * number}",
            priority=severity, status="Open",
        )  # fmt: skip
        late = number in (4, 17, 29)
        took = book.days(goal * 1.1, goal * 1.4) if late else book.days(goal * 0.1, goal * 0.85)
        finding.then(found + took * 0.4, book.engineer(), status="In Progress")
        done = finding.then(found + took, book.engineer(), status="Resolved")
        cycle = {"start": finding.created.isoformat(), "stop": done.isoformat()}
        finding.agreements.append({"name": _REMEDIATION, "goal": goal * 86_400, "cycles": [cycle]})


def everything_else(book: Book) -> None:
    """Work that no key result looks at, one issue that is deleted and one that is locked."""
    rng = book.rng
    kinds = (
        ("PLAT", "Task", "Console page", 40), ("PLAT", "Bug", "API answers slowly", 25),
        ("CE", "Task", "Cluster handover", 30), ("NET", "Task", "Peering request", 20),
        ("OBS", "Task", "Dashboard for a team", 15), ("OPS", "Task", "Checklist", 20),
    )  # fmt: skip
    made = []
    for project, kind, summary, amount in kinds:
        for number in range(amount):
            who = book.engineer()
            created = book.on(rng.uniform(-20, DAYS - 1))
            work = book.issue(
                project, created, who, kind, f"{summary} {number + 1}",
                priority=rng.choice(("P1", "P2", "P3")),
            )  # fmt: skip
            if rng.random() < 0.8:
                work.then(created + book.days(1, 20), who, status="In Progress", assignee=who)
                work.then(created + book.days(20, 60), who, status="Done")
            made.append(work)
    made.sort(key=lambda work: work.created)
    made[0].then(book.on(50), made[0].reporter, deleted=True)
    made[1].then(book.on(50), made[1].reporter, visible=False)
