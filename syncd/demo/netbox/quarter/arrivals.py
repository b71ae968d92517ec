"""How devices come into NetBox: most of them incomplete."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from syncd.demo.netbox.quarter.drafts import CABLES, SITES, WITH_MANAGEMENT, Draft, text
from syncd.demo.quarter.days import FIRST_DAY, at
from syncd.demo.quarter.network import Switch, switches
from syncd.demo.quarter.shipments import CB3, STREAM, Shipment, Unit, shipments

RACK_UNITS, RACKS = 42, 18
PORTS = 48
ELSEWHERE = ("fra-1", "lon-2")

_BEFORE = (
    (STREAM, "compute", 90), (STREAM, "server", 30), (STREAM, "pdu", 14),
    (CB3, "compute", 64), (CB3, "server", 22), (CB3, "pdu", 8),
)  # fmt: skip
_NOISE = 50
_BLADES = 8
_PROVISIONING, _DELIVERY = "svc-provision", "svc-atlas"
_WHOLE_FROM = date(2026, 3, 10)
"""From this day on what becomes active is documented by then."""


class Arrivals:
    """The devices, in the order in which they were made up."""

    def __init__(self, rng: random.Random, rng_seed: int) -> None:
        self._rng = rng
        self._units = dict.fromkeys((*SITES, *ELSEWHERE), 0)
        self._names: Counter[tuple[str, str]] = Counter()
        self._assets = 0
        self.devices: list[Draft] = []
        for switch in switches(rng_seed):
            self._switch(switch)
        for site in SITES:
            self._chassis(site)
        for site, role, amount in _BEFORE:
            for _ in range(amount):
                self._from_before(site, role)
        for _ in range(_NOISE):
            self._from_before(rng.choice(ELSEWHERE), rng.choice(("compute", "server", "pdu")))
        for shipment in shipments(rng_seed):
            for unit in shipment.units:
                if unit.role in WITH_MANAGEMENT and unit.entered is not None:
                    self._shipped(shipment, unit, unit.entered)

    # -------------------------------------------------------------------------------- one each

    def _from_before(self, site: str, role: str) -> None:
        day = date(2025, 11, 12) + timedelta(days=self._rng.randrange(40))
        delivered = at(day, self._rng.uniform(7, 16))
        created = delivered + timedelta(hours=self._rng.uniform(0.2, 20))
        serial = f"SN25{500_000 + self._assets:06d}"
        active = created + timedelta(days=self._rng.uniform(1, 5))
        self._incomplete(self._device(site, role, serial, created, "svc-atlas", delivered, active))

    def _shipped(self, shipment: Shipment, unit: Unit, entered: datetime) -> None:
        there = max(shipment.delivered, entered)
        active = there + timedelta(days=self._rng.uniform(2, 6))
        device = self._device(
            shipment.site, unit.role, unit.serial, entered, unit.by, shipment.delivered, active
        )
        self._told_of_notice(device, shipment.asn, shipment.known)
        if active < at(_WHOLE_FROM):
            self._incomplete(device)

    def _switch(self, switch: Switch) -> None:
        device = self._device(
            switch.site, switch.role, switch.serial, switch.entered, switch.by, switch.delivered,
            switch.active, name=switch.name,
        )  # fmt: skip
        if switch.notice is not None:
            self._told_of_notice(device, switch.notice, switch.known)
        if switch.pod:
            device.tags = ["v7-pod"]
        if switch.role == "mgmt-switch":
            device.interfaces = [
                {"name": f"p{port}", "type": "1000base-t"} for port in range(1, PORTS + 1)
            ]
        else:
            uplinks = range(1, 3) if switch.role == "leaf-switch" else range(1, 25)
            device.interfaces += [
                {"name": f"up{port}", "type": "800gbase-x-osfp"} for port in uplinks
            ]
            if switch.active < at(_WHOLE_FROM):
                self._incomplete(device)
        for what, since in (
            ("config_rendered_at", switch.rendered),
            ("config_applied_at", switch.applied),
            ("config_checked_at", switch.checked),
        ):
            if since is not None:
                device.then(since, "svc-config", custom_fields={what: text(since)})
        if switch.qualified is not None:
            by = switch.qualified_by
            device.then(switch.qualified, by, custom_fields={"qualified_by": by})

    def _chassis(self, site: str) -> None:
        early = at(date(2025, 11, 11), 9)
        chassis = self._device(
            site, "chassis", f"SN25CH{site[:2]}", early, "svc-atlas", early, early
        )
        for number in range(1, _BLADES + 1):
            late = early + timedelta(hours=2 * number)
            serial = f"SN25BL{site[:2]}{number}"
            blade = self._device(site, "compute", serial, late, "svc-atlas", early, late)
            blade.device_type = "blade"
            blade.bay = {"device": chassis.name, "bay": f"bay-{number}"}
            blade.whole |= {"rack": chassis.whole["rack"], "position": None, "face": None}
            blade.missing = ["asset_tag"] if number > 5 else []

    # ------------------------------------------------------------------------------ what it is

    def _device(
        self,
        site: str,
        role: str,
        serial: str,
        created: datetime,
        creator: str,
        delivered: datetime,
        active: datetime,
        *,
        name: str | None = None,
    ) -> Draft:
        self._assets += 1
        self._names[site, role] += 1
        unit = self._units[site]
        self._units[site] += 1
        second = 26 + (*SITES, *ELSEWHERE).index(site)
        whole: dict[str, Any] = {
            "serial": serial,
            "asset_tag": f"A-{self._assets:05d}",
            "rack": f"{site.upper()}-R{unit // RACK_UNITS + 1:02d}",
            "position": unit % RACK_UNITS + 1,
            "face": "front",
            "primary_ip4": f"10.{second}.{unit // 250}.{unit % 250 + 1}/32",
            "delivered_at": text(delivered),
        }
        device = Draft(
            name=name or f"{role}-{site}-{self._names[site, role]:03d}",
            site=site,
            role=role,
            created=created,
            creator=creator,
            delivered=delivered,
            active=active,
            whole=whole,
            interfaces=[{"name": "eth0", "type": "25gbase-x-sfp28"}],
        )
        if role in WITH_MANAGEMENT:
            ports = ["mgmt0", "mgmt1"] if self._rng.random() < 0.06 else ["mgmt0"]
            device.interfaces += [
                {"name": port, "type": "1000base-t", "mgmt_only": True} for port in ports
            ]
        if created < delivered:
            device.then(
                delivered + timedelta(minutes=self._rng.randint(5, 90)),
                _DELIVERY,
                status="staged",
                custom_fields={"delivered_at": text(delivered)},
            )
        if active >= at(FIRST_DAY) - timedelta(days=14):
            device.then(active, _PROVISIONING, status="active")
        self.devices.append(device)
        return device

    def _incomplete(self, device: Draft) -> None:
        rng = self._rng
        missing = set(
            rng.sample(["asset_tag", "rack", "primary_ip4", "primary_ip4"], rng.randint(1, 3))
        )
        if rng.random() < 0.06 and device.created >= device.delivered:
            missing.add("serial")
        if device.role in WITH_MANAGEMENT and rng.random() < 0.6:
            missing.add(CABLES)
        device.missing = sorted(missing)

    def _told_of_notice(self, device: Draft, notice: str, known: datetime | None) -> None:
        """NetBox keeps the shipping notice's number, and when it heard of it."""
        moment = max(device.created, known or device.created)
        values = {"asn_number": notice, "asn_status_at": text(moment)}
        if moment == device.created:
            device.custom |= values
        else:
            device.then(moment, "svc-asn", custom_fields=values)


def racks() -> Sequence[tuple[str, str]]:
    """Every rack, by site and name."""
    return [
        (site, f"{site.upper()}-R{number:02d}")
        for site in (*SITES, *ELSEWHERE)
        for number in range(1, RACKS + 1)
    ]
