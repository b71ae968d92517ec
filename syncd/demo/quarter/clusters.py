"""The customers' clusters: what was sold, what runs, and what was rolled out on each by when.

Jira's board knows them as issues, Prometheus as labels; they do not always agree.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from syncd.demo.quarter.days import FIRST_DAY, Curve, at, rolled_out, theme

Offering = Literal["Managed k8s", "SLURM on k8s", "Bare metal"]

SUPPLIERS = {
    "Northwind Compute": "nwc",
    "Halden Data": "hal",
    "Tern Hosting": "trn",
    "Corvid Systems": "cor",
    "Lumen Rack": "lum",
    "Arctic Array": "arc",
    "Mesa Power and Compute": "mes",
    "Quayside": "qsd",
}
"""Names of suppliers, and what their clusters' names begin with."""

_CUSTOMERS = (
    "Aleph Labs", "Brightline Bio", "Cobalt Robotics", "Driftwood AI", "Ember Video",
    "Fathom Health", "Gantry", "Harbour Speech", "Iris Imaging", "Juniper Games",
    "Kestrel Weather", "Lattice Pharma", "Marrow", "Nimbus Maps", "Orchard Finance",
    "Pinion Motors", "Quill Writing", "Reef Genomics", "Sable Security", "Tundra Research",
    "Umber Materials", "Vellum Legal", "Wren Translate", "Zephyr",
)  # fmt: skip
_PLACES = ("osl", "iad", "dfw", "lhr", "fra", "sea", "yul", "ams")
_BEFORE, _DURING = 64, 16
_BARE_METAL = {  # of those that were there before, and when the last of each supplier had moved
    "Tern Hosting": (date(2026, 1, 22),),
    "Corvid Systems": (date(2026, 2, 9),),
    "Lumen Rack": (date(2026, 2, 11), date(2026, 3, 2)),
    "Arctic Array": (date(2026, 2, 23), date(2026, 3, 11)),
    "Mesa Power and Compute": (date(2026, 2, 5), date(2026, 3, 16), date(2026, 3, 24)),
    "Quayside": (date(2026, 3, 5), date(2026, 3, 19), None, None),
}
_NOT_ON_THE_BOARD = {11: date(2026, 2, 10), 29: date(2026, 3, 9), 47: None}
"""Some run for a while before the board hears of them, one for good."""

_BEGAN, _MIDDLE, _LAST = date(2025, 12, 1), date(2026, 2, 20), date(2026, 3, 31)
_FSH: Curve = ((_BEGAN, 0.0), (FIRST_DAY, 0.38), (_MIDDLE, 0.62), (_LAST, 0.93))
_NEW_STACK: Curve = ((_BEGAN, 0.0), (FIRST_DAY, 0.19), (_MIDDLE, 0.46), (_LAST, 0.87))
_SENTINEL: Curve = ((_BEGAN, 0.0), (FIRST_DAY, 0.16), (_MIDDLE, 0.33), (_LAST, 0.74))
_MANAGED: Curve = ((_BEGAN, 0.0), (FIRST_DAY, 0.3), (_MIDDLE, 0.57), (_LAST, 0.86))
_HARDENED: Curve = ((_BEGAN, 0.0), (FIRST_DAY, 0.42), (_MIDDLE, 0.71), (_LAST, 0.9))
"""The share of clusters that each of these has come to."""


@dataclass(frozen=True)
class Cluster:
    """One cluster; moments are UTC, None where it did not happen in the quarter.

    `sold` is when the board would know it, `boarded` when it does; it runs from `runs` until
    `ended`. The rest is since when it has FSH, the new stack, a management cluster, NVSentinel
    with the customer's toggle, and a hardened system; `standard` is since when a bare metal one
    is on Kubernetes.
    """

    name: str
    customer: str
    supplier: str
    contract: str
    offering: Offering
    sold: datetime
    runs: datetime
    boarded: datetime | None
    ended: datetime | None = None
    standard: datetime | None = None
    fsh: datetime | None = None
    new_stack: datetime | None = None
    managed: datetime | None = None
    sentinel: datetime | None = None
    hardened: datetime | None = None

    @property
    def on_k8s(self) -> datetime | None:
        """Since when it is a Kubernetes cluster: from its first day, or once it has moved."""
        return self.standard if self.offering == "Bare metal" else self.runs


def clusters(rng_seed: int) -> list[Cluster]:
    """Eighty clusters, the oldest first: 64 from before the quarter and 16 sold in it."""
    rng = theme(rng_seed, "clusters")
    made = _made(rng)
    running = [each.runs for each in made]
    on_k8s = [each.on_k8s for each in made]
    reached = zip(
        made,
        rolled_out(rng, running, _FSH),
        rolled_out(rng, running, _NEW_STACK),
        rolled_out(rng, on_k8s, _MANAGED),
        rolled_out(rng, on_k8s, _SENTINEL),
        rolled_out(rng, running, _HARDENED),
        strict=True,
    )
    return [
        replace(
            each, fsh=fsh, new_stack=stack, managed=managed, sentinel=sentinel, hardened=hardened
        )
        for each, fsh, stack, managed, sentinel, hardened in reached
    ]


def _made(rng: random.Random) -> list[Cluster]:
    bare = {name: list(moves) for name, moves in _BARE_METAL.items()}
    counts = dict.fromkeys(SUPPLIERS, 0)
    made = []
    for number in range(_BEFORE + _DURING):
        new = number >= _BEFORE
        supplier = list(SUPPLIERS)[number % len(SUPPLIERS)]
        counts[supplier] += 1
        offering: Offering = "Managed k8s" if rng.random() < 0.55 else "SLURM on k8s"
        standard = None
        if not new and bare.get(supplier):
            moves = bare[supplier].pop(0)
            offering, standard = "Bare metal", None if moves is None else at(moves, 14)
        day = 5 + (number - _BEFORE) * 4.5 if new else -rng.randint(20, 400)
        sold = at(FIRST_DAY + timedelta(days=int(day)), rng.uniform(8, 17))
        runs = sold + timedelta(days=rng.randint(2, 9), hours=rng.randint(0, 5))
        boarded: datetime | None = sold
        if number in _NOT_ON_THE_BOARD:
            heard = _NOT_ON_THE_BOARD[number]
            boarded = None if heard is None else at(heard, 10)
        ended = at(FIRST_DAY + timedelta(days=30 + number // 2), 11) if number % 16 == 3 else None
        made.append(
            Cluster(
                name=f"{SUPPLIERS[supplier]}-{rng.choice(_PLACES)}-{counts[supplier]:02d}",
                customer=rng.choice(_CUSTOMERS),
                supplier=supplier,
                contract=f"C-{2026 if new else rng.randint(2023, 2025)}-{rng.randint(100, 999)}",
                offering=offering,
                sold=sold,
                runs=runs,
                boarded=boarded,
                ended=None if new or offering == "Bare metal" else ended,
                standard=standard,
            )
        )
    return made
