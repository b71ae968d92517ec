"""Hiring: candidates for five teams. Sixteen accept, which is the goal and not the stretch."""

from __future__ import annotations

from datetime import date

from syncd.demo.jira.quarter.drafts import Book
from syncd.demo.quarter.days import DAYS

_ACCEPTED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "procurement": (
        ("2026-02-03", "Strategic sourcing manager", "San Francisco"),
        ("2026-02-26", "Strategic sourcing manager", "Austin"),
        ("2026-03-19", "Accounts payable manager", "San Francisco"),
    ),
    "compute": (
        ("2026-01-22", "Infra compute engineer", "San Francisco"),
        ("2026-02-13", "Infra compute engineer", "Austin"),
    ),
    "networking": (
        ("2026-02-25", "Network deployment lead", "San Francisco"),
        ("2026-03-24", "Network deployment engineer", "Austin"),
    ),
    "sre": (
        ("2026-01-29", "SRE", "San Francisco"),
        ("2026-02-12", "SRE", "London"),
        ("2026-03-10", "SRE", "San Francisco"),
        ("2026-03-26", "SRE", "San Francisco"),
    ),
    "inference": (
        ("2026-01-20", "Kernel engineer", "San Francisco"),
        ("2026-02-09", "Serving engineer", "San Francisco"),
        ("2026-02-27", "Kernel engineer", "San Francisco"),
        ("2026-03-13", "Serving engineer", "San Francisco"),
        ("2026-03-27", "Serving engineer", "San Francisco"),
    ),
}
_FIRST_DEPLOYMENTS = {
    "2026-01-22": ("2026-03-04", "DEPLOY-131"),
    "2026-02-13": ("2026-03-27", "DEPLOY-144"),
}
_OTHERS = {"procurement": 9, "compute": 8, "networking": 9, "sre": 16, "inference": 14}


def tell(book: Book) -> None:
    """Writes the candidates down: those who accept, those who do not, and one who may come as
    networking's stretch.
    """
    for team, offers in _ACCEPTED.items():
        for day, role, place in offers:
            _accepts(book, team, day, role, place)
        for number in range(_OTHERS[team]):
            _does_not(book, team, offers[number % len(offers)][1])
    stretch = book.issue(
        "HIRE", book.on(24), "u-amara", "Candidate", "Network security engineer",
        components=["networking"], labels=["stretch"], status="Applied", Location="London",
    )  # fmt: skip
    stretch.then(book.on(41), "u-amara", status="Interviewing")


def _accepts(book: Book, team: str, day: str, role: str, place: str) -> None:
    accepted = date.fromisoformat(day)
    applied = book.on((accepted - date(2026, 1, 1)).days - book.rng.randint(30, 52))
    candidate = book.issue(
        "HIRE", applied, "u-amara", "Candidate", role,
        components=[team], status="Applied", Location=place,
    )  # fmt: skip
    candidate.then(applied + book.days(4, 9), "u-amara", status="Interviewing")
    candidate.then(applied + book.days(18, 24), "u-amara", status="Offered")
    candidate.then(book.on(accepted, 9, 16), "u-amara", status="Accepted")
    if day in _FIRST_DEPLOYMENTS:
        done, key = _FIRST_DEPLOYMENTS[day]
        candidate.then(book.on(date.fromisoformat(done)), "u-chen", First_deployment=key)


def _does_not(book: Book, team: str, role: str) -> None:
    applied = book.on(book.rng.uniform(-40, DAYS - 10))
    candidate = book.issue(
        "HIRE", applied, "u-amara", "Candidate", role,
        components=[team], status="Applied", Location="San Francisco",
    )  # fmt: skip
    if book.rng.random() < 0.8:
        candidate.then(applied + book.days(4, 12), "u-amara", status="Interviewing")
        candidate.then(applied + book.days(13, 30), "u-amara", status="Turned down")
