"""The first quarter of 2026 in the demo's Jira: what people do there, from a random seed.

Each module tells one theme; the facts that NetBox and Prometheus know as well are in
`syncd.demo.quarter`. For two days in February Jira is down.
"""

from __future__ import annotations

from collections.abc import Callable

from syncd.demo.jira.quarter import (
    customers,
    engineering,
    hiring,
    milestones,
    oncall,
    procurement,
)
from syncd.demo.jira.quarter.drafts import OUTAGE, Book, Draft, numbered
from syncd.demo.jira.quarter.setup import SETUP
from syncd.demo.jira.seed import Seed

__all__ = ["OUTAGE", "quarter_seed"]

_THEMES: tuple[Callable[[Book], None], ...] = (
    milestones.tell,
    hiring.tell,
    oncall.pages,
    oncall.repairs,
    oncall.tickets,
    customers.board,
    customers.certificates,
    customers.proofs_of_concept,
    customers.top_customers,
    customers.presales,
    customers.inference_business,
    procurement.deliveries,
    procurement.purchases,
    procurement.vendors,
    procurement.shortages,
    procurement.partners,
    procurement.logistics,
    engineering.written,
    engineering.access,
    engineering.sub_pods,
    engineering.benchmarks,
    engineering.repositories,
    engineering.vulnerabilities,
    engineering.everything_else,
)


def quarter_seed(rng_seed: int = 2026) -> Seed:
    """The demo's Jira from 2025-Q4 to 2026-03-31, America/Los_Angeles; the same for the same
    `rng_seed`.
    """
    drafts: list[Draft] = []
    for tell in _THEMES:
        tell(Book(drafts, rng_seed, f"{tell.__module__}.{tell.__name__}"))
    return Seed.model_validate({**SETUP, "issues": numbered(drafts)})
