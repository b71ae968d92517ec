"""What a NetBox seed may say, checked at the door.

The same JSON is loaded into a real NetBox by the tests; `changes`, `deleted_at` and the times of
interfaces and cables make it a history that the sandbox replays.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator


@cache
def surface() -> dict[str, Any]:
    """What NetBox 4.7.3 knows by name: filters and their lookups, endpoints, choices."""
    text = files("syncd.demo.netbox").joinpath("surface.json").read_text(encoding="utf-8")
    known: dict[str, Any] = json.loads(text)
    return known


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CustomField(_Part):
    """A custom field; `choices` (values, or value and label) belong to the select types."""

    name: str
    type: Literal[
        "text",
        "longtext",
        "url",
        "integer",
        "decimal",
        "boolean",
        "date",
        "datetime",
        "json",
        "select",
        "multiselect",
    ]
    object_types: list[str]
    filter_logic: Literal["loose", "exact", "disabled"] = "loose"
    choices: list[str | tuple[str, str]] = []


class Site(_Part):
    """A site."""

    id: int
    name: str
    slug: str


class Rack(_Part):
    """A rack; its name is unique within its site."""

    id: int
    name: str
    site: str


class Role(_Part):
    """A device role."""

    id: int
    name: str
    slug: str


class Manufacturer(_Part):
    """A manufacturer."""

    id: int
    name: str
    slug: str


class DeviceType(_Part):
    """A device type."""

    id: int
    model: str
    slug: str
    manufacturer: str
    u_height: float = 1


class Tag(_Part):
    """A tag."""

    id: int
    name: str
    slug: str


class JournalEntry(_Part):
    """An entry in a device's journal."""

    id: int
    device: str
    kind: Literal["info", "success", "warning", "danger"] = "info"
    comments: str = ""
    created: AwareDatetime
    created_by: str
    deleted: AwareDatetime | None = None


class ThingChange(_Part):
    """An edit of a plugin's object."""

    at: AwareDatetime
    by: str
    set: dict[str, str | int | bool | None]


class Thing(_Part):
    """An object of a plugin: texts, numbers and flags under names of its own."""

    id: int
    name: str
    fields: dict[str, str | int | bool | None] = {}
    created: AwareDatetime
    created_by: str
    changes: list[ThingChange] = []
    deleted: AwareDatetime | None = None
    deleted_by: str | None = None


class PluginList(_Part):
    """A list of a plugin's API, ``plugins/PLUGIN/NAME``; `model` is its type in the change log."""

    plugin: str
    name: str
    model: str
    things: list[Thing] = []


class Bay(_Part):
    """Where a device sits inside another one; without `installed_by` nothing was logged of it."""

    device: str
    bay: str
    installed_by: str | None = None


class InterfaceChange(_Part):
    """An edit of an interface."""

    at: AwareDatetime
    by: str
    set: dict[Literal["name", "mgmt_only", "enabled"], Any]


class Interface(_Part):
    """An interface; without `created` it is as old as its device and leaves no row in the log."""

    id: int
    name: str
    type: str = "1000base-t"
    mgmt_only: bool = False
    enabled: bool = True
    created: AwareDatetime | None = None
    created_by: str | None = None
    changes: list[InterfaceChange] = []
    deleted_at: AwareDatetime | None = None
    deleted_by: str | None = None


class DeviceChange(_Part):
    """An edit of a device; custom fields are merged, the rest replaced."""

    at: AwareDatetime
    by: str
    set: dict[
        Literal[
            "name",
            "site",
            "role",
            "device_type",
            "status",
            "serial",
            "asset_tag",
            "rack",
            "position",
            "face",
            "primary_ip4",
            "custom_fields",
            "tags",
        ],
        Any,
    ]


class Device(_Part):
    """A device as it was created, and what became of it."""

    id: int
    name: str
    site: str
    role: str
    device_type: str
    status: str = "active"
    serial: str = ""
    asset_tag: str | None = None
    rack: str | None = None
    position: float | None = None
    face: Literal["front", "rear"] | None = None
    primary_ip4: str | None = None
    custom_fields: dict[str, Any] = {}
    tags: list[str] = []
    parent_bay: Bay | None = None
    created: AwareDatetime
    created_by: str = "admin"
    last_updated: AwareDatetime | None = None
    interfaces: list[Interface] = []
    changes: list[DeviceChange] = []
    deleted_at: AwareDatetime | None = None
    deleted_by: str | None = None


class CableChange(_Part):
    """An edit of a cable."""

    at: AwareDatetime
    by: str
    set: dict[Literal["type", "length", "length_unit", "label"], Any]


class Cable(_Part):
    """A cable between two interfaces, each named by device and interface. Without `created` it is
    as old as the younger of its ends and leaves no row in the log.
    """

    id: int
    a: tuple[str, str]
    b: tuple[str, str]
    type: str | None = None
    length: float | None = None
    length_unit: Literal["m", "cm", "ft"] | None = None
    label: str = ""
    changes: list[CableChange] = []
    created: AwareDatetime | None = None
    created_by: str | None = None
    deleted: AwareDatetime | None = None
    deleted_by: str | None = None


class Outage(_Part):
    """A time in which every request is answered with `status`."""

    start: AwareDatetime = Field(alias="from")
    end: AwareDatetime = Field(alias="to")
    status: int = 502


class Seed(_Part):
    """A whole seed. References are checked; a ValidationError says where one leads nowhere."""

    custom_fields: list[CustomField] = []
    users: list[str] = []
    sites: list[Site] = []
    racks: list[Rack] = []
    roles: list[Role] = []
    manufacturers: list[Manufacturer] = []
    device_types: list[DeviceType] = []
    devices: list[Device] = []
    cables: list[Cable] = []
    tags: list[Tag] = []
    journal: list[JournalEntry] = []
    plugins: list[PluginList] = []
    outages: list[Outage] = []

    @model_validator(mode="after")
    def _references_lead_somewhere(self) -> Seed:
        sites = {site.slug for site in self.sites}
        racks = {(rack.site, rack.name) for rack in self.racks}
        known = {
            "site": sites,
            "role": {role.slug for role in self.roles},
            "device_type": {kind.slug for kind in self.device_types},
            "status": set(surface()["device_statuses"]),
        }
        fields = {field.name for field in self.custom_fields if "dcim.device" in field.object_types}
        for rack in self.racks:
            _refuse_unless(rack.site in sites, f"rack {rack.name}: no site {rack.site!r}")
        for device in self.devices:
            where = f"device {device.name}"
            state = device.model_dump()
            for said in [state, *({**state, **change.set} for change in device.changes)]:
                for key, values in known.items():
                    _refuse_unless(said[key] in values, f"{where}: no {key} {said[key]!r}")
                rack_key = (said["site"], said["rack"])
                _refuse_unless(
                    said["rack"] is None or rack_key in racks,
                    f"{where}: no rack {said['rack']!r} at site {said['site']}",
                )
                loose = set(said["tags"]) - {tag.slug for tag in self.tags}
                _refuse_unless(not loose, f"{where}: no tag {sorted(loose)}")
                strange = set(said["custom_fields"]) - fields
                _refuse_unless(not strange, f"{where}: no custom field {sorted(strange)}")
                state = said
            for interface in device.interfaces:
                _refuse_unless(
                    interface.type in surface()["interface_types"],
                    f"{where}: no interface type {interface.type!r}",
                )
        names = {device.name for device in self.devices}
        for entry in self.journal:
            _refuse_unless(entry.device in names, f"journal {entry.id}: no device {entry.device!r}")
        ends = {(d.name, i.name) for d in self.devices for i in d.interfaces}
        for cable in self.cables:
            for end in (cable.a, cable.b):
                _refuse_unless(end in ends, f"cable {cable.id}: no interface {list(end)}")
        return self


def _refuse_unless(holds: bool, fault: str) -> None:
    if not holds:
        raise ValueError(fault)
