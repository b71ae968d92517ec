"""A NetBox whose devices are added, edited, moved, cabled and deleted at random."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.soak.history import Lived, happenings
from tests.soak.moments import Moment

SITES = ("s-1", "s-2")
STATUSES = ("active", "planned", "offline")
FEWEST, MOST = 20, 40
_MOST_BETWEEN = 3
_BY = "alice"


@dataclass
class _Device:
    seed: dict[str, Any]
    fields: dict[str, Any]
    cable: dict[str, Any] | None = None
    deleted: bool = False

    @property
    def id(self) -> int:
        return int(self.seed["id"])

    def state(self) -> dict[str, Any] | None:
        if self.deleted:
            return None
        return {**self.fields, "cabled": self.cable is not None}


@dataclass
class NetBoxWorld:
    """The seed of a sandbox, and what is true of it at any moment."""

    seed: dict[str, Any]
    lived: Lived


@dataclass
class _Making:
    chance: random.Random
    lived: Lived = field(default_factory=Lived)
    devices: list[_Device] = field(default_factory=list)
    cables: list[dict[str, Any]] = field(default_factory=list)

    def make(self, at: datetime) -> None:
        chance, number = self.chance, len(self.devices) + 1
        delivered = at - timedelta(hours=chance.choice((2, 20, 30)))
        fields: dict[str, Any] = {
            "site": chance.choice(SITES),
            "status": chance.choice(STATUSES),
            "serial": chance.choice(("", f"S{number}")),
            "primary_ip4": chance.choice((None, _address(number))),
        }
        seed = {
            "id": number,
            "name": f"n-{number:04}",
            "role": "compute",
            "device_type": "x1",
            "created": at.isoformat(),
            "created_by": _BY,
            "custom_fields": {"delivered_at": delivered.isoformat()},
            "interfaces": [
                {"id": 2 * number - 1, "name": "mgmt0", "type": "1000base-t", "mgmt_only": True},
                {"id": 2 * number, "name": "eth0", "type": "1000base-t"},
            ],
            "changes": [],
            **fields,
        }
        device = _Device(seed, fields)
        self.devices.append(device)
        self.lived.note(number, at, device.state())

    def happen(self, at: datetime) -> None:
        """One thing, to a device that is there or to a new one."""
        there = [one for one in self.devices if not one.deleted]
        if len(there) < FEWEST or (len(there) < MOST and self.chance.random() < 0.2):
            self.make(at)
            return
        device = self.chance.choice(there)
        kind = self.chance.choice(["edit"] * 6 + ["cable"] * 3 + ["delete"])
        getattr(self, f"_{kind}")(device, at)
        self.lived.note(device.id, at, device.state())

    def _edit(self, device: _Device, at: datetime) -> None:
        name = self.chance.choice(("site", "status", "serial", "primary_ip4"))
        choices: Sequence[Any] = {
            "site": SITES,
            "status": STATUSES,
            "serial": ("", f"S{device.id}"),
            "primary_ip4": (None, _address(device.id)),
        }[name]
        value = self.chance.choice([one for one in choices if one != device.fields[name]])
        device.fields[name] = value
        device.seed["changes"].append({"at": at.isoformat(), "by": _BY, "set": {name: value}})

    def _cable(self, device: _Device, at: datetime) -> None:
        """Plugged in, or pulled: the device itself is not edited by it."""
        if device.cable is not None:
            device.cable |= {"deleted": at.isoformat(), "deleted_by": _BY}
            device.cable = None
            return
        ends = [[device.seed["name"], port] for port in ("mgmt0", "eth0")]
        device.cable = {
            "id": len(self.cables) + 1,
            "a": ends[0],
            "b": ends[1],
            "created": at.isoformat(),
            "created_by": _BY,
        }
        self.cables.append(device.cable)

    def _delete(self, device: _Device, at: datetime) -> None:
        device.deleted = True
        device.seed |= {"deleted_at": at.isoformat(), "deleted_by": _BY}


def netbox_world(seed: int, moments: Sequence[Moment]) -> NetBoxWorld:
    """The same for the same seed."""
    making = _Making(random.Random(f"netbox {seed}"))
    for number in range((FEWEST + MOST) // 2):
        making.make(moments[0].at - timedelta(days=10, minutes=-number))
    for at in happenings(making.chance, moments, _MOST_BETWEEN):
        making.happen(at)
    return NetBoxWorld(
        {
            "custom_fields": [
                {"name": "delivered_at", "type": "datetime", "object_types": ["dcim.device"]}
            ],
            "users": [_BY],
            "sites": [
                {"id": number, "name": site, "slug": site} for number, site in enumerate(SITES, 1)
            ],
            "roles": [{"id": 1, "name": "Compute", "slug": "compute"}],
            "manufacturers": [{"id": 1, "name": "Acme", "slug": "acme"}],
            "device_types": [{"id": 1, "model": "X1", "slug": "x1", "manufacturer": "acme"}],
            "devices": [device.seed for device in making.devices],
            "cables": making.cables,
        },
        making.lived,
    )


def _address(number: int) -> str:
    return f"10.{number >> 8 & 255}.{number & 255}.1/32"
