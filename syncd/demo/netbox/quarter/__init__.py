"""The first quarter of 2026 in the demo's NetBox: devices delivered, documented, checked and put
to work day by day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from syncd.demo.netbox.quarter.arrivals import Arrivals, racks
from syncd.demo.netbox.quarter.cabling import cables
from syncd.demo.netbox.quarter.documenting import Documenting
from syncd.demo.netbox.quarter.drafts import CABLES, PEOPLE, SITES, TRACKERS, Draft, fields_of, text
from syncd.demo.quarter.days import FIRST_DAY, at, theme

__all__ = ["SITES", "quarter_seed"]

_ROLES = {
    "compute": ("Compute", "gpu-8x"),
    "server": ("Server", "r760"),
    "leaf-switch": ("Leaf switch", "sn5600"),
    "spine-switch": ("Spine switch", "sn5610"),
    "mgmt-switch": ("Management switch", "sn2201"),
    "pdu": ("PDU", "pdu-3ph"),
    "chassis": ("Chassis", "bladecenter"),
}
"""By slug: a role's name and the type of its devices."""

_CUSTOM_FIELDS = {
    "delivered_at": "datetime",
    "asn_number": "text",
    "asn_status_at": "datetime",
    "validation": "text",
    "config_rendered_at": "datetime",
    "config_applied_at": "datetime",
    "config_checked_at": "datetime",
    "cabling_checked_at": "datetime",
    "qualified_by": "text",
}
_SERVICES = (
    "svc-provision",
    "svc-config",
    "svc-qualify",
    "svc-drift",
    "svc-validate",
    "svc-cutsheet",
)
_OUTAGE = (at(date(2026, 2, 26), 15), at(date(2026, 2, 26), 21))


def quarter_seed(rng_seed: int = 2026) -> dict[str, Any]:
    """A NetBox seed for 2026-01-01 to 2026-03-31, America/Los_Angeles; the same for the same
    `rng_seed`.

    About a thousand devices at `SITES`, 576 machines at Stream among them. The share that is
    documented misses 80 % on 2026-02-15 and is whole from 2026-03-11 on. About 95 % are tracked
    within 24 hours of their delivery by a tracking account; the rest late, or entered by hand.
    """
    devices = Arrivals(theme(rng_seed, "netbox/arrivals"), rng_seed).devices
    story = Documenting(theme(rng_seed, "netbox/documenting"), devices)
    story.begin()
    story.retire()
    story.document()
    story.validate()
    story.check_cabling()
    return _seed(devices, cables(theme(rng_seed, "netbox/cabling"), devices))


def _seed(devices: Sequence[Draft], made: list[dict[str, Any]]) -> dict[str, Any]:
    ordered = sorted(devices, key=lambda device: device.created)
    written = [_row(number, device) for number, device in enumerate(ordered, 1)]
    interfaces = [interface for row in written for interface in row["interfaces"]]
    for number, interface in enumerate(interfaces, 1):
        interface["id"] = number
    types = [*(kind for _, kind in _ROLES.values()), "blade"]
    return {
        "custom_fields": [
            {"name": name, "type": kind, "object_types": ["dcim.device"]}
            for name, kind in _CUSTOM_FIELDS.items()
        ],
        "users": [*TRACKERS, *_SERVICES, *PEOPLE],
        "tags": [
            {"id": 1, "name": "Drifted", "slug": "drifted"},
            {"id": 2, "name": "v7 POD", "slug": "v7-pod"},
        ],
        "sites": [
            {"id": 1, "name": "Stream 1", "slug": "stream-1"},
            {"id": 2, "name": "CB3", "slug": "cb3-1"},
            {"id": 3, "name": "Frankfurt 1", "slug": "fra-1"},
            {"id": 4, "name": "London 2", "slug": "lon-2"},
        ],
        "racks": [
            {"id": number, "name": name, "site": site}
            for number, (site, name) in enumerate(racks(), 1)
        ],
        "roles": [
            {"id": number, "name": name, "slug": slug}
            for number, (slug, (name, _)) in enumerate(_ROLES.items(), 1)
        ],
        "manufacturers": [{"id": 1, "name": "Acme", "slug": "acme"}],
        "device_types": [
            {"id": number, "model": slug.upper(), "slug": slug, "manufacturer": "acme",
             "u_height": 0 if slug == "blade" else 1}
            for number, slug in enumerate(types, 1)
        ],
        "devices": written,
        "cables": made,
        "outages": [{"from": text(_OUTAGE[0]), "to": text(_OUTAGE[1]), "status": 502}],
    }  # fmt: skip


def _row(number: int, device: Draft) -> dict[str, Any]:
    said = dict(device.whole)
    for name in device.missing:
        if name != CABLES:
            said |= dict.fromkeys(fields_of(name, device.whole))
    delivered = said.pop("delivered_at")
    if device.created < device.delivered:
        delivered = None  # it comes with the delivery
    status = "active" if device.active < at(FIRST_DAY) - timedelta(days=14) else "staged"
    if device.created < device.delivered:
        status = "planned"
    row = {
        "id": number,
        "name": device.name,
        "site": device.site,
        "role": device.role,
        "device_type": device.device_type or _ROLES[device.role][1],
        "status": status,
        **said,
        "serial": said["serial"] or "",
        "custom_fields": {"delivered_at": delivered, **device.custom},
        "tags": device.tags,
        "parent_bay": device.bay,
        "created": text(device.created),
        "created_by": device.creator,
        "interfaces": [dict(interface) for interface in device.interfaces],
        "changes": [
            {**change, "at": text(change["at"])}
            for change in sorted(device.changes, key=lambda each: each["at"])
        ],
    }
    if device.retired:
        gone = device.retired + timedelta(days=1, hours=3)
        row |= {"deleted_at": text(gone), "deleted_by": "bob"}
    return row
