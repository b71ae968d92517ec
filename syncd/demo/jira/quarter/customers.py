"""Customers: their clusters on the board, proofs of concept, certificates, and what sales does."""

from __future__ import annotations

from datetime import date, timedelta

from syncd.demo.jira.quarter.drafts import ENGINEERS, Book
from syncd.demo.quarter.clusters import Cluster, clusters
from syncd.demo.quarter.days import Curve, day_when

_KNOWN: Curve = ((date(2026, 1, 2), 0.0), (date(2026, 2, 20), 0.62), (date(2026, 3, 28), 1.0))
"""The share of what was not known of the clusters at the beginning that has been found out."""

_ALIGNED: Curve = ((date(2025, 12, 1), 0.0), (date(2026, 1, 1), 0.3), (date(2026, 3, 23), 1.0))
_BRIEFED = ("2026-01-14", "2026-01-22", "2026-01-30", "2026-02-05", "2026-02-11", "2026-02-26",
            "2026-03-05", "2026-03-13", None, None, None)  # fmt: skip
_LETTERS = ("2026-02-12", "2026-03-04", "2026-03-26", None, None)
_PODS = (("2026-02-27", 1), (None, 1))


def board(book: Book) -> None:
    """The clusters. Who uses them, on whose machines and under which contract is found out
    through the quarter, of a few never.
    """
    gaps = []
    for cluster in clusters(book.rng_seed):
        if cluster.boarded is None:
            continue
        known = {
            "Customer": cluster.customer,
            "Supplier": cluster.supplier,
            "Contract": cluster.contract,
        }
        from_start = {"Supplier": cluster.supplier} if book.rng.random() < 0.8 else {}
        if book.rng.random() < 0.45:
            from_start = dict(known)
        issue = book.issue(
            "MRKT",
            cluster.boarded,
            "u-dana",
            "Cluster",
            f"{cluster.customer}: {cluster.name}",
            status="Planned" if cluster.boarded < cluster.runs else "Active",
            Cluster=_as_typed(book, cluster),
            Offering=cluster.offering,
            **from_start,
        )
        if cluster.boarded < cluster.runs:
            issue.then(cluster.runs, "u-dana", status="Active")
        if cluster.standard is not None:
            issue.then(cluster.standard, book.engineer(), Offering="SLURM on k8s")
        if cluster.ended is not None:
            issue.then(cluster.ended, "u-dana", status="Decommissioned")
        gaps += [(issue, name, text) for name, text in known.items() if name not in from_start]
    book.rng.shuffle(gaps)
    gaps.sort(key=lambda gap: gap[1] == "Contract")  # contracts are the last to be found
    for number, (issue, name, text) in enumerate(gaps[:-3]):
        day = day_when(_KNOWN, (number + 1) / len(gaps))
        if day is not None:
            moment = max(book.on(day), issue.created + book.days(1, 6))
            issue.then(moment, book.engineer(), **{name: text})


def _as_typed(book: Book, cluster: Cluster) -> str:
    """The cluster's name, as people type it."""
    return cluster.name.upper() if book.rng.random() < 0.1 else cluster.name


def certificates(book: Book) -> None:
    """Twelve people and an exam: ten pass by the end, one of them twice."""
    passed = (16, 23, 29, 33, 41, 48, 55, 62, 72, 83, None, None)
    for number, day in enumerate(passed):
        who = ENGINEERS[number % len(ENGINEERS)]
        task = book.issue(
            "CE", book.on(4), "u-amara", "Task", f"Pass CKA (seat {number + 1})",
            labels=["cka"], assignee=who,
        )  # fmt: skip
        task.then(book.on(8 + number), who, status="In Progress")
        if day is not None:
            task.then(book.on(day), who, status="Done")
        if day == 33:
            task.then(book.on(43), "u-amara", status="In Progress")
            task.then(book.on(78), who, status="Done")


def proofs_of_concept(book: Book) -> None:
    """Twenty proofs of concept; most get their agreement within days, two never."""
    for number in range(20):
        created = book.on(2 + number * 4.3)
        who = book.engineer()
        poc = book.issue(
            "CE", created, who, "PoC", f"PoC for prospect {number + 1:02d}",
            components=["presales"], assignee=who,
        )  # fmt: skip
        poc.then(created + book.days(0.5, 2), who, status="In Progress")
        if number not in (5, 12):
            late = (9, 20) if number < 8 else (2, 7)
            address = f"https://docs.example.com/agreements/{1000 + number}"
            poc.then(created + book.days(*late), who, Discovery_agreement=address)
        poc.then(created + book.days(20, 40), who, status="Done")


def top_customers(book: Book) -> None:
    """The forty largest customers, each meant for a product, one after the other."""
    products = ("Managed k8s", "SLURM on k8s", "Inference")
    for number in range(40):
        customer = book.issue(
            "SALES", book.on(-120 + number), "u-hugo", "Customer",
            f"Top 40: account {number + 1:02d}", labels=["top40"], status="In Progress",
        )  # fmt: skip
        day = day_when(_ALIGNED, (number + 1) / 40)
        if day is not None:
            customer.then(book.on(day), "u-hugo", Product=book.rng.choice(products))


def presales(book: Book) -> None:
    """Engagements of the quarter: in January hardly any names a supplier's quality, then the
    template asks for it, and the old ones are filled in until the end of March.
    """
    for number in range(34):
        day = 3 + number * 2.4
        engagement = book.issue(
            "SALES", book.on(day), "u-hugo", "Engagement", f"Presales: prospect {number + 1:02d}",
            status="In Progress",
        )  # fmt: skip
        asked = day + book.rng.uniform(0, 3) if number % 3 == 0 or day > 45 else 36 + number * 1.9
        report = f"https://quality.example.com/engagements/{500 + number}"
        moment = max(book.on(min(asked, 85)), engagement.created + timedelta(hours=2))
        engagement.then(moment, "u-hugo", Quality_metrics=report)
        engagement.then(moment + book.days(6, 30), "u-hugo", status="Done")


def inference_business(book: Book) -> None:
    """Letters of intent, pods that customers commit to, and who has been briefed."""
    customers = ("Cobalt Robotics", "Quill Writing", "Harbour Speech", "Wren Translate", "Gantry")
    for customer, day in zip(customers, _LETTERS, strict=True):
        letter = book.issue(
            "SALES", book.on(12), "u-farah", "LOI", f"Letter of intent: {customer}",
            labels=["tier-1"], status="Negotiating",
        )  # fmt: skip
        if day is not None:
            letter.then(book.on(date.fromisoformat(day)), "u-farah", status="Signed")
    for day, pods in _PODS:
        pod = book.issue(
            "SALES", book.on(20), "u-farah", "Pod commitment", "v7 pods for mid-2026",
            status="Negotiating", Pods_committed=pods,
        )  # fmt: skip
        if day is not None:
            pod.then(book.on(date.fromisoformat(day)), "u-farah", status="Signed")
    for number, day in enumerate(_BRIEFED):
        briefing = book.issue(
            "SALES", book.on(5), "u-farah", "Briefing", f"Inference briefing {number + 1:02d}",
            status="Planned",
        )  # fmt: skip
        if day is not None:
            briefing.then(book.on(date.fromisoformat(day)), "u-farah", status="Done")
    offer = book.issue(
        "SALES", book.on(38), "u-farah", "Engagement", "TPU capacity asked for by a competitor",
        labels=["tpu-to-competitor"], status="Negotiating",
        Quality_metrics="https://quality.example.com/engagements/499",
    )  # fmt: skip
    offer.then(book.on(41), "u-farah", labels=[])
    offer.then(book.on(41), "u-farah", status="Done", resolution="Declined")
