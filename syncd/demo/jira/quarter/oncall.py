"""On call: pages, repairs, and tickets for what can wait until the morning."""

from __future__ import annotations

from datetime import timedelta

from syncd.demo.jira.quarter.drafts import ROUTER, Book, Draft
from syncd.demo.quarter.alerts import alerts
from syncd.demo.quarter.clusters import clusters
from syncd.demo.quarter.days import DAYS, END, START

_BASELINE = 44
_PAGES_A_WEEK = (44, 43, 42, 40, 38, 35, 31, 28, 25, 22, 19, 17, 16)
_WEEKS_BEFORE = 14
_SHARE_AT_END = 0.92
_REPAIRS = 112
_LUCK_OF_SOME = {3: 0.02, 9: 0.0}
"""January has a late one and one that a person passed on."""

_TROUBLES = (
    "NodeNotReady on", "Fabric link flapping in", "Control plane down in",
    "Storage latency high in", "GPU fell off the bus in", "Ingress errors in",
)  # fmt: skip
_SITES = ("stream-1", "cb3-1")
_PARTS = ("Replace tray", "Reseat GPU", "Swap optic", "Replace PSU", "Swap DIMM", "Clean fibre")


def pages(book: Book) -> None:
    """Pages: at first half of them are not urgent; the rule comes in January, and what should
    not have paged is made a ticket, week by week. Better health alerts make them fewer.
    """
    names = [each.name for each in clusters(book.rng_seed)]
    for _ in range(_BASELINE * _WEEKS_BEFORE):
        day = -book.rng.random() * 7 * _WEEKS_BEFORE
        _page(book, names, day, "P0" if book.rng.random() < 0.5 else "P2")
    idle: list[Draft] = []
    urgent = 0
    for week, amount in enumerate(_PAGES_A_WEEK):
        for _ in range(amount):
            day = min(week * 7 + book.rng.random() * 7, DAYS - 1)
            share = 0.55 if day < 14 else min(0.55 + (day - 14) / 28 * 0.43, 0.985)
            priority = "P0" if book.rng.random() < share else book.rng.choice(("P1", "P2"))
            page = _page(book, names, day, priority)
            if priority == "P0":
                urgent += 1
            else:
                idle.append(page)
    left = int(urgent * (1 / _SHARE_AT_END - 1))
    idle.sort(key=lambda page: page.created)
    tidied = idle[: max(len(idle) - left, 0)]
    for number, page in enumerate(tidied):
        moment = max(book.on(33 + number / len(tidied) * 54), page.created + timedelta(days=1))
        if number % 9 == 8:
            page.then(moment, book.engineer(), project="OPS")
        else:
            page.then(moment, book.engineer(), issuetype="Ticket")


def _page(book: Book, names: list[str], day: float, priority: str) -> Draft:
    rng = book.rng
    created = book.on(day, 0, 24)
    page = book.issue(
        "ONCALL",
        created,
        ROUTER,
        "Page",
        f"{rng.choice(_TROUBLES)} {rng.choice(names)}",
        priority=priority,
        status="Open",
        components=[rng.choice(("compute", "network", "storage"))],
    )
    seen = created + timedelta(minutes=rng.randint(1, 25))
    who = book.engineer()
    page.then(seen, who, status="Acknowledged", assignee=who)
    page.then(seen + book.days(0.02, 1.5), who, status="Resolved")
    return page


def repairs(book: Book) -> None:
    """Repairs: the router passes nearly all of them on within minutes; a few wait, in January
    more of them, and a few are passed on by a person.
    """
    rng = book.rng
    for number in range(_REPAIRS):
        created = book.on(number * (DAYS - 1) / _REPAIRS, 0, 24)
        repair = book.issue(
            "ONCALL",
            created,
            book.engineer(),
            "Repair",
            f"{rng.choice(_PARTS)} in {rng.choice(_SITES)} R{rng.randint(1, 17):02d}",
            priority=rng.choice(("P1", "P2", "P2")),
            status="Open",
            components=["compute"],
        )
        luck = _LUCK_OF_SOME.get(number, rng.random())
        if luck < 0.01:
            routed = created + timedelta(minutes=rng.randint(3, 90))
            repair.then(routed, "u-dana", status="Routed")
        elif luck < 0.025:
            routed = created + timedelta(minutes=rng.randint(7, 55))
            repair.then(routed, ROUTER, status="Routed")
        else:
            routed = created + timedelta(seconds=rng.randint(15, 230))
            repair.then(routed, ROUTER, status="Routed")
        who = book.engineer()
        repair.then(routed + book.days(0.05, 1), who, status="In Progress", assignee=who)
        repair.then(routed + book.days(1.1, 6), who, status="Resolved")


def tickets(book: Book) -> None:
    """What an alert that can wait is written down as, by its alert's key."""
    for alert in alerts(book.rng_seed):
        if alert.written is None or not START - timedelta(days=40) < alert.written < END:
            continue
        ticket = book.issue(
            "ONCALL",
            alert.written,
            ROUTER,
            "Ticket",
            f"{alert.name} on {alert.cluster}",
            priority=alert.severity,
            status="Open",
            Alert_key=alert.key,
        )
        who = book.engineer()
        ticket.then(alert.written + book.days(0.2, 2), who, status="In Progress", assignee=who)
        ticket.then(alert.written + book.days(2, 9), who, status="Resolved")
