"""What NetBox holds at a moment, and how its change log writes an object down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from syncd.demo.netbox.seed import CustomField, Device, Seed

Row = Mapping[str, Any]
Table = Literal["devices", "interfaces", "cables", "journal", "things"]
Action = Literal["create", "update", "delete"]
_INTERFACE_CONTENT_TYPE = 8
_DEVICE_CONTENT_TYPE = 9


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row of the change log; `before` and `after` as NetBox shows them, {} for none."""

    id: int
    time: datetime
    user: str
    action: Action
    object_type: str
    object_id: int
    text: str
    request_id: str
    before: Row
    after: Row


@dataclass(frozen=True)
class World:
    """What NetBox holds at a moment. Rows are never changed in place."""

    devices: Mapping[int, Row]
    interfaces: Mapping[int, Row]
    cables: Mapping[int, Row]
    log: tuple[LogRow, ...]
    journal: Mapping[int, Row] = field(default_factory=dict)
    things: Mapping[int, Row] = field(default_factory=dict)

    @cached_property
    def cable_of(self) -> Mapping[int, tuple[Row, str]]:
        """Interface id to its cable and the cable's end there, ``A`` or ``B``."""
        return {
            cable[end]: (cable, end.upper())
            for cable in self.cables.values()
            for end in ("a", "b")
            if cable[end] is not None
        }

    @cached_property
    def interfaces_of(self) -> Mapping[int, list[int]]:
        """Device id to the ids of its interfaces."""
        found: dict[int, list[int]] = {}
        for interface in self.interfaces.values():
            found.setdefault(interface["device"], []).append(interface["id"])
        return found


class Directory:
    """Names and numbers of what does not change: sites, racks, users, addresses, bays."""

    def __init__(self, seed: Seed) -> None:
        self.sites = {site.slug: site for site in seed.sites}
        self.roles = {role.slug: role for role in seed.roles}
        self.device_types = {kind.slug: kind for kind in seed.device_types}
        self.manufacturers = {maker.slug: maker for maker in seed.manufacturers}
        self.racks = {(rack.site, rack.name): rack for rack in seed.racks}
        self.tags = {tag.slug: tag for tag in seed.tags}
        self.plugins = {f"plugins/{each.plugin}/{each.name}": each for each in seed.plugins}
        self.custom_fields: list[CustomField] = list(seed.custom_fields)
        named = dict.fromkeys(seed.users)
        addresses: dict[str, None] = {}
        bays: dict[tuple[str, str], None] = {}
        for device in seed.devices:
            named |= dict.fromkeys(_people(device))
            for said in (device.primary_ip4, *(c.set.get("primary_ip4") for c in device.changes)):
                if said:
                    addresses[said] = None
            if device.parent_bay:
                bays[device.parent_bay.device, device.parent_bay.bay] = None
                named |= dict.fromkeys(w for w in (device.parent_bay.installed_by,) if w)
        for entry in seed.journal:
            named[entry.created_by] = None
        for each in seed.plugins:
            for thing in each.things:
                named |= dict.fromkeys((thing.created_by, *(one.by for one in thing.changes)))
        for cable in seed.cables:
            people = (cable.created_by, cable.deleted_by, *(each.by for each in cable.changes))
            named |= dict.fromkeys(who for who in people if who)
        self.users = {name: number for number, name in enumerate(named or {"admin": None}, 1)}
        self.addresses = {text: number for number, text in enumerate(addresses, 1)}
        self.bays = {key: number for number, key in enumerate(bays, 1)}
        kinds = {device.name: device.device_type for device in seed.devices}
        self.parents = {kinds[owner] for owner, _ in bays if owner in kinds}
        self.children = {each.device_type for each in seed.devices if each.parent_bay}
        self.device_ids = {device.name: device.id for device in seed.devices}

    def bays_in(self, device: str) -> int:
        """How many device bays a device has."""
        return sum(1 for owner, _ in self.bays if owner == device)

    def custom_fields_of(self, object_type: str) -> list[CustomField]:
        """The custom fields that objects of this type (``dcim.device``) have."""
        return [each for each in self.custom_fields if object_type in each.object_types]


def _people(device: Device) -> Iterator[str]:
    yield device.created_by
    yield from (change.by for change in device.changes)
    for interface in device.interfaces:
        yield from (change.by for change in interface.changes)
        yield from (who for who in (interface.created_by, interface.deleted_by) if who)
    if device.deleted_by:
        yield device.deleted_by


def display(table: Table, row: Row) -> str:
    """How NetBox writes the object in one line."""
    if table == "devices":
        return f"{row['name']} ({row['asset_tag']})" if row["asset_tag"] else str(row["name"])
    if table == "journal":
        return f"{row['created']:%Y-%m-%d %H:%M} ({row['kind'].capitalize()})"
    if table == "cables":
        return str(row["label"] or f"#{row['id']}")
    return str(row["name"])


_COUNTED = (
    "console_port",
    "console_server_port",
    "power_port",
    "power_outlet",
    "cooling_intake",
    "cooling_outflow",
    "interface",
    "front_port",
    "rear_port",
    "device_bay",
    "module_bay",
    "inventory_item",
)
NEVER_SET_ON_DEVICES = (
    "owner",
    "local_context_data",
    "config_template",
    "tenant",
    "platform",
    "location",
    "airflow",
    "cooling_method",
    "primary_ip6",
    "oob_ip",
    "cluster",
    "virtual_chassis",
    "vc_position",
    "vc_priority",
    "latitude",
    "longitude",
)
NEVER_SET_ON_INTERFACES = (
    "bridge",
    "channel_id",
    "channels",
    "duplex",
    "lag",
    "mode",
    "module",
    "mtu",
    "owner",
    "parent",
    "poe_mode",
    "poe_type",
    "primary_mac_address",
    "qinq_svlan",
    "rf_channel",
    "rf_channel_frequency",
    "rf_channel_width",
    "rf_role",
    "speed",
    "tx_power",
    "untagged_vlan",
    "vlan_translation_policy",
    "vrf",
    "wireless_link",
    "wwn",
)
NEVER_SET_ON_CABLES = ("bundle", "owner", "tenant")


def counts(**known: int) -> dict[str, int]:
    """A device's counters: those given, and 0 for every other."""
    return {f"{part}_count": known.get(part, 0) for part in _COUNTED}


def device_facts(row: Row, directory: Directory, interfaces: int) -> Row:
    """A device as its rows in the change log hold it."""
    rack = directory.racks.get((row["site"], row["rack"]))
    return {
        **dict.fromkeys(NEVER_SET_ON_DEVICES),
        "description": "",
        "comments": "",
        "device_type": directory.device_types[row["device_type"]].id,
        "role": directory.roles[row["role"]].id,
        "name": row["name"],
        "serial": row["serial"],
        "asset_tag": row["asset_tag"],
        "site": directory.sites[row["site"]].id,
        "rack": rack.id if rack else None,
        "position": None if row["position"] is None else f"{row['position']:.1f}",
        "face": row["face"],
        "status": row["status"],
        "primary_ip4": directory.addresses.get(row["primary_ip4"] or ""),
        **counts(interface=interfaces, device_bay=directory.bays_in(row["name"])),
        "custom_fields": row["custom_fields"],
        "tags": sorted(directory.tags[slug].name for slug in row["tags"]),
    }


def interface_facts(row: Row, cable_id: int | None, end: str | None) -> Row:
    """An interface as its rows in the change log hold it."""
    return {
        **dict.fromkeys(NEVER_SET_ON_INTERFACES),
        "device": row["device"],
        "name": row["name"],
        "label": "",
        "description": "",
        "type": row["type"],
        "enabled": row["enabled"],
        "mgmt_only": row["mgmt_only"],
        "mark_connected": False,
        "cable": cable_id,
        "cable_end": end,
        "cable_connector": None,
        "cable_positions": None,
        "vdcs": [],
        "tagged_vlans": [],
        "wireless_lans": [],
        "custom_fields": {},
        "tags": [],
    }


def cable_facts(row: Row, a: int | None, b: int | None) -> Row:
    """A cable as its rows in the change log hold it; `a` and `b` are ids of its terminations,
    which are objects of their own and not the interfaces.
    """
    return {
        **dict.fromkeys(NEVER_SET_ON_CABLES),
        "type": row["type"],
        "length": None if row["length"] is None else f"{row['length']:.2f}",
        "length_unit": row["length_unit"],
        "profile": "",
        "status": "connected",
        "label": row["label"],
        "color": "",
        "description": "",
        "comments": "",
        "a_terminations": [] if a is None else [a],
        "b_terminations": [] if b is None else [b],
        "custom_fields": {},
        "tags": [],
    }


def termination_facts(cable_id: int, end: str, interface_id: int) -> Row:
    """A cable's termination as its rows in the change log hold it."""
    return {
        "cable": cable_id,
        "cable_end": end,
        "connector": None,
        "positions": None,
        "termination_id": interface_id,
        "termination_type": _INTERFACE_CONTENT_TYPE,
    }


def bay_facts(name: str, device_id: int, installed: int | None) -> Row:
    """A device bay as its rows in the change log hold it."""
    return {
        "name": name,
        "label": "",
        "description": "",
        "device": device_id,
        "installed_device": installed,
        "custom_fields": {},
        "tags": [],
    }


def journal_facts(row: Row, directory: Directory) -> Row:
    """A journal's entry as its rows in the change log hold it."""
    return {
        "kind": row["kind"],
        "comments": row["comments"],
        "created_by": directory.users[row["created_by"]],
        "assigned_object_id": row["device"],
        "assigned_object_type": _DEVICE_CONTENT_TYPE,
        "custom_fields": {},
        "tags": [],
    }


def thing_facts(row: Row) -> Row:
    """A plugin's object as its rows in the change log hold it."""
    return {"name": row["name"], **row["fields"], "custom_fields": {}, "tags": []}


def address_facts(address: str, interface_id: int) -> Row:
    """An address as its rows in the change log hold it."""
    return {
        **dict.fromkeys(("vrf", "role", "owner", "tenant", "nat_inside")),
        "status": "active",
        "address": address,
        "dns_name": "",
        "description": "",
        "comments": "",
        "assigned_object_id": interface_id,
        "assigned_object_type": _INTERFACE_CONTENT_TYPE,
        "custom_fields": {},
        "tags": [],
    }


def address_holder(ports: Sequence[Row]) -> int | None:
    """The interface among a device's that has its address: the first management one, or else
    the first.
    """
    chosen = next((port for port in ports if port["mgmt_only"]), ports[0] if ports else None)
    return None if chosen is None else int(chosen["id"])
