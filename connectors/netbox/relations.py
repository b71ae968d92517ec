"""What belongs to what in NetBox: lists of an object, references followed, change-log types.

Changing an interface, a cable or a site does not touch a device's ``last_updated``; these
tables say which change-log rows lead to which parents. Measured on NetBox 4.7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.netbox.fields import Path


@dataclass(frozen=True)
class Related:
    """A list of an object: the `endpoint` that holds it, the `filter` that asks for some parents'
    rows, the `parent` field that leads back, and whether cables end there.
    """

    endpoint: str
    filter: str
    parent: str
    cabled: bool = False


@dataclass(frozen=True)
class Reference:
    """A single object that another points to: where to read it, and the `filter` that lists the
    objects pointing to one.
    """

    endpoint: str
    filter: str


@dataclass(frozen=True)
class Pointer:
    """A field that NetBox computes from another object: `field` of `endpoint`'s rows names the
    objects that have it (and `filter` asks for their rows), `holder` is what it then says, an
    object of `holders`.
    """

    endpoint: str
    field: str
    filter: str
    holder: str
    holders: str


_PORTS = (
    "interfaces",
    "console-ports",
    "console-server-ports",
    "power-ports",
    "power-outlets",
    "front-ports",
    "rear-ports",
)
_DEVICE_PARTS = ("device-bays", "module-bays", "modules", "inventory-items")

LISTS: Mapping[str, Mapping[str, Related]] = {
    "dcim.devices": {
        **{name: Related(f"dcim.{name}", "device_id", "device", cabled=True) for name in _PORTS},
        **{name: Related(f"dcim.{name}", "device_id", "device") for name in _DEVICE_PARTS},
    },
    "dcim.racks": {"devices": Related("dcim.devices", "rack_id", "rack")},
    "virtualization.virtual-machines": {
        "interfaces": Related("virtualization.interfaces", "virtual_machine_id", "virtual_machine"),
        "virtual-disks": Related(
            "virtualization.virtual-disks", "virtual_machine_id", "virtual_machine"
        ),
    },
}
"""The lists an `every` or `any` may name, by endpoint."""

_PLACED = {
    "site": Reference("dcim.sites", "site_id"),
    "tenant": Reference("tenancy.tenants", "tenant_id"),
    "role": Reference("dcim.device-roles", "role_id"),
    "platform": Reference("dcim.platforms", "platform_id"),
    "cluster": Reference("virtualization.clusters", "cluster_id"),
    "primary_ip4": Reference("ipam.ip-addresses", "primary_ip4_id"),
    "primary_ip6": Reference("ipam.ip-addresses", "primary_ip6_id"),
}

REFERENCES: Mapping[str, Mapping[str, Reference]] = {
    "dcim.devices": {
        **_PLACED,
        "oob_ip": Reference("ipam.ip-addresses", "oob_ip_id"),
        "location": Reference("dcim.locations", "location_id"),
        "rack": Reference("dcim.racks", "rack_id"),
        "device_type": Reference("dcim.device-types", "device_type_id"),
        "virtual_chassis": Reference("dcim.virtual-chassis", "virtual_chassis_id"),
    },
    "virtualization.virtual-machines": {
        **_PLACED,
        "device": Reference("dcim.devices", "device_id"),
    },
    "dcim.racks": {
        "site": Reference("dcim.sites", "site_id"),
        "location": Reference("dcim.locations", "location_id"),
        "tenant": Reference("tenancy.tenants", "tenant_id"),
        "role": Reference("dcim.rack-roles", "role_id"),
    },
}
"""The references a longer path (`site.region`) is followed through, by endpoint."""

POINTERS: Mapping[str, Mapping[str, Pointer]] = {
    "dcim.devices": {
        "parent_device": Pointer(
            "dcim.device-bays", "installed_device", "installed_device_id", "device", "dcim.devices"
        )
    },
}

CABLE = "dcim.cable"
CABLE_END = "dcim.cabletermination"
JOURNAL_ENTRY = "extras.journalentry"

_NESTED = frozenset(
    [
        "id",
        "url",
        "display",
        "display_url",
        "name",
        "slug",
        "description",
        "address",
        "family",
        "model",
        "value",
        "label",
    ]
)
"""What NetBox tells of a referenced object anyway."""

_TYPES = {
    "dcim.virtual-chassis": "dcim.virtualchassis",
    "virtualization.interfaces": "virtualization.vminterface",
}


def object_type(endpoint: str) -> str:
    """The change log's name of the endpoint's objects: `dcim.device-roles` is ``dcim.devicerole``.

    >>> object_type("ipam.prefixes"), object_type("vpn.ike-policies"), object_type("ipam.addresses")
    ('ipam.prefix', 'vpn.ikepolicy', 'ipam.address')
    >>> object_type("plugins.netbox-dns.zones")
    'netbox_dns.zone'
    """
    if endpoint in _TYPES:
        return _TYPES[endpoint]
    *app, name = endpoint.removeprefix("plugins.").split(".")
    if name.endswith("ies") and name != "series":
        name = name.removesuffix("ies") + "y"
    elif name.endswith(("sses", "xes", "ches")):
        name = name.removesuffix("es")
    elif name.endswith("s"):
        name = name.removesuffix("s")
    return ".".join([*(part.replace("-", "_") for part in app), name.replace("-", "")])


def followed(endpoint: str, path: Path) -> Reference | None:
    """The reference that must be read for this path; None where the object itself tells it."""
    if len(path) < 2 or path[1] in _NESTED:
        return None
    return REFERENCES.get(endpoint, {}).get(path[0])
