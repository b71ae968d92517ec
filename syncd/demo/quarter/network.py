"""The switches at Stream and CB3, and how far each has come: configuration made from NetBox,
applied, checked, qualified, telemetry.

NetBox holds all of it in fields; Prometheus sees the telemetry.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from syncd.demo.quarter.days import Curve, at, rolled_out, theme
from syncd.demo.quarter.shipments import CB3, STREAM, Unit, shipments

ROLES = ("leaf-switch", "spine-switch", "mgmt-switch")

_BEFORE = (
    (STREAM, "mgmt-switch", 14), (STREAM, "leaf-switch", 16), (STREAM, "spine-switch", 4),
    (CB3, "mgmt-switch", 6), (CB3, "leaf-switch", 4),
)  # fmt: skip
"""What stood there before the quarter."""

_RENDERED: Curve = (
    (date(2025, 12, 1), 0.0), (date(2026, 1, 1), 0.34), (date(2026, 2, 20), 0.6),
    (date(2026, 3, 25), 1.0),
)  # fmt: skip
_CHECKED: Curve = (
    (date(2025, 12, 1), 0.0), (date(2026, 1, 1), 0.2), (date(2026, 2, 20), 0.58),
    (date(2026, 3, 31), 0.9),
)  # fmt: skip
_QUALIFIED: Curve = (
    (date(2025, 12, 1), 0.0), (date(2026, 1, 1), 0.26), (date(2026, 2, 20), 0.6),
    (date(2026, 3, 31), 0.98),
)  # fmt: skip
_TELEMETRY: Curve = (  # access came late, on 2 March
    (date(2025, 12, 1), 0.0), (date(2026, 1, 1), 0.24), (date(2026, 2, 20), 0.42),
    (date(2026, 3, 3), 0.48), (date(2026, 3, 31), 0.93),
)  # fmt: skip
_QUALIFIER, _PERSON = "svc-qualify", "bob"


@dataclass(frozen=True)
class Switch:
    """One switch. `delivered`, `entered` (into NetBox, by the account `by`) and `active` are UTC;
    the rest is since when something is so, None: not in the quarter.
    """

    name: str
    site: str
    role: str
    serial: str
    delivered: datetime
    entered: datetime
    by: str
    active: datetime
    pod: bool = False
    notice: str | None = None
    known: datetime | None = None
    rendered: datetime | None = None
    applied: datetime | None = None
    checked: datetime | None = None
    qualified: datetime | None = None
    qualified_by: str = _QUALIFIER
    telemetry: datetime | None = None


def switches(rng_seed: int) -> list[Switch]:
    """Every switch, those from before first."""
    rng = theme(rng_seed, "network")
    made = _made(rng, rng_seed)
    active = [each.active for each in made]
    at_stream = [each.active if each.site == STREAM else None for each in made]
    reached = zip(
        made,
        rolled_out(rng, [each.entered for each in made], _RENDERED),
        rolled_out(rng, active, _CHECKED),
        rolled_out(rng, active, _QUALIFIED),
        rolled_out(rng, at_stream, _TELEMETRY),
        strict=True,
    )
    return [
        replace(
            each,
            rendered=rendered,
            applied=_applied(rng, each, rendered),
            checked=checked,
            qualified=qualified,
            qualified_by=_PERSON if rng.random() < 0.06 else _QUALIFIER,
            telemetry=telemetry,
        )
        for each, rendered, checked, qualified, telemetry in reached
    ]


def _made(rng: random.Random, rng_seed: int) -> list[Switch]:
    counts: Counter[tuple[str, str]] = Counter()

    def name(site: str, role: str) -> str:
        counts[site, role] += 1
        return f"{role.partition('-')[0]}-{site}-{counts[site, role]:02d}"

    early = at(date(2025, 11, 10), 9)
    made: list[Switch] = []
    for site, role, amount in _BEFORE:
        for _ in range(amount):
            known = name(site, role)
            serial = f"SN25{len(made):06d}"
            made.append(Switch(known, site, role, serial, early, early, "svc-atlas", early))
    for shipment in shipments(rng_seed):
        for unit in shipment.units:
            if unit.role not in ROLES or unit.entered is None:
                continue
            made.append(
                Switch(
                    name=name(shipment.site, unit.role),
                    site=shipment.site,
                    role=unit.role,
                    serial=unit.serial,
                    delivered=shipment.delivered,
                    entered=unit.entered,
                    by=unit.by,
                    active=_active(rng, unit, shipment.delivered),
                    pod=shipment.site == STREAM,
                    notice=shipment.asn,
                    known=shipment.known,
                )
            )
    return made


def _active(rng: random.Random, unit: Unit, delivered: datetime) -> datetime:
    there = max(delivered, unit.entered or delivered)
    return there + timedelta(days=rng.uniform(3, 8))


def _applied(rng: random.Random, switch: Switch, rendered: datetime | None) -> datetime | None:
    """What was rendered is applied to the pod's switches some days later."""
    if not switch.pod or rendered is None:
        return None
    applied = max(rendered, switch.active) + timedelta(days=rng.uniform(0.2, 2.5))
    last = at(date(2026, 3, 25), rng.uniform(9, 15))
    return min(applied, max(last, rendered))
