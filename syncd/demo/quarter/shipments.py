"""What vendors ship to Stream and CB3, and how NetBox comes to hear of it.

Procurement follows a shipment in Jira (a delivery with its serial numbers, a shipping notice);
NetBox has a device for each serial number, sooner or later.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from syncd.demo.quarter.days import Curve, at, theme, value

STREAM, CB3 = "stream-1", "cb3-1"

Entry = Literal["notice", "delivery", "late", "by hand", "never"]
"""How a unit comes into NetBox: with its shipping notice, at its delivery, more than a day after
it, typed in by a person, or not at all.
"""

_NOTICES: Curve = ((date(2026, 1, 1), 0.52), (date(2026, 2, 15), 0.7), (date(2026, 3, 31), 0.95))
"""The share of shipments whose notice brings their units into NetBox."""

_LATE, _BY_HAND, _NEVER = 0.022, 0.02, 0.006
_TRACKERS = {"notice": "svc-asn", "delivery": "svc-atlas", "late": "svc-atlas", "by hand": "alice"}


@dataclass(frozen=True)
class Unit:
    """One device of a shipment: `entered` into NetBox by the account `by`, None: never."""

    serial: str
    role: str
    entry: Entry
    entered: datetime | None
    by: str


@dataclass(frozen=True)
class Shipment:
    """One shipment; moments are UTC. `noticed` is when its shipping notice (`asn`) came, `known`
    when NetBox was told of that notice, None where only the delivery told it.
    """

    number: int
    site: str
    vendor: str
    units: tuple[Unit, ...]
    ordered: datetime
    shipped: datetime
    noticed: datetime
    known: datetime | None
    delivered: datetime

    @property
    def asn(self) -> str:
        """The number of its shipping notice."""
        return f"ASN-{26000 + self.number}"


def shipments(rng_seed: int) -> list[Shipment]:
    """Every shipment of the quarter, in the order of their deliveries."""
    rng = theme(rng_seed, "shipments")
    planned = sorted(_planned(), key=lambda each: (each[0], each[1]))
    serials = iter(range(26_100_000, 26_900_000, 37))
    return [
        _shipment(rng, number, day, site, roles, serials)
        for number, (day, site, roles) in enumerate(planned, 1)
    ]


def _planned() -> Iterator[tuple[date, str, tuple[str, ...]]]:
    """The day of each delivery, where to, and the roles of what is in it."""
    for week in range(11):
        tuesday = date(2026, 1, 6) + timedelta(weeks=week)
        yield tuesday, STREAM, ("compute",) * 22
        yield tuesday + timedelta(days=3), STREAM, ("compute",) * 22
        yield tuesday + timedelta(days=1), CB3, ("compute",) * 9 + ("server",) * 3
    for day in (date(2026, 1, 8), date(2026, 1, 22), date(2026, 2, 5), date(2026, 2, 26)):
        yield day, STREAM, ("leaf-switch",) * 6
    for day in (date(2026, 1, 15), date(2026, 2, 12)):
        yield day, STREAM, ("spine-switch",) * 4
    yield date(2026, 1, 29), CB3, ("leaf-switch",) * 8
    yield date(2026, 3, 3), CB3, ("leaf-switch",) * 8 + ("spine-switch",) * 6


def _shipment(
    rng: random.Random,
    number: int,
    day: date,
    site: str,
    roles: tuple[str, ...],
    serials: Iterator[int],
) -> Shipment:
    delivered = at(day, rng.uniform(7, 15))
    shipped = at(day - timedelta(days=rng.randint(2, 5)), rng.uniform(6, 15))
    noticed = shipped + timedelta(minutes=rng.randint(5, 90))
    by_notice = rng.random() < value(_NOTICES, day)
    known = noticed + timedelta(hours=rng.uniform(0.2, 3.2)) if by_notice else None
    if by_notice and rng.random() < 0.06:
        known = noticed + timedelta(hours=rng.uniform(5, 15))
    units = []
    for role in roles:
        entry: Entry = "notice" if by_notice else "delivery"
        luck = rng.random()
        if luck < _NEVER:
            entry = "never"
        elif luck < _NEVER + _LATE:
            entry = "late"
        elif luck < _NEVER + _LATE + _BY_HAND:
            entry = "by hand"
        entered = None if entry == "never" else _entered(rng, entry, known, delivered)
        serial = f"SN{next(serials)}"
        units.append(Unit(serial, role, entry, entered, _TRACKERS.get(entry, "")))
    vendor = "Arista" if roles[0].endswith("switch") else rng.choice(("Dell", "Supermicro"))
    ordered = shipped - timedelta(days=rng.randint(20, 45))
    return Shipment(number, site, vendor, tuple(units), ordered, shipped, noticed, known, delivered)


def _entered(
    rng: random.Random, entry: Entry, known: datetime | None, delivered: datetime
) -> datetime:
    if entry == "notice" and known is not None:
        return known + timedelta(seconds=rng.randint(5, 240))
    hours = {"delivery": (0.4, 19.0), "late": (27.0, 90.0), "by hand": (1.0, 8.0)}
    least, most = hours.get(entry, (0.4, 19.0))
    return delivered + timedelta(seconds=round(rng.uniform(least, most) * 3600))
