"""Which filters each of NetBox's lists has here, and where their values are in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from syncd.demo.netbox.filters import Filter, Kind
from syncd.demo.netbox.seed import surface
from syncd.demo.netbox.world import Directory, World


def _common() -> dict[str, Filter]:
    return {
        "id": Filter(Kind.INTEGER, lambda row: row["id"]),
        "created": Filter(Kind.MOMENT, lambda row: row["created"]),
        "last_updated": Filter(Kind.MOMENT, lambda row: row["last_updated"]),
        "description": Filter(Kind.TEXT, lambda _: ""),
    }


def device_filters(world: World, directory: Directory) -> dict[str, Filter]:
    """The filters of devices."""
    sites, roles, kinds = directory.sites, directory.roles, directory.device_types
    makers = directory.manufacturers

    def rack_id(row: Any) -> int | None:
        rack = directory.racks.get((row["site"], row["rack"]))
        return rack.id if rack else None

    def parent_id(row: Any) -> int | None:
        bay = row["parent_bay"]
        return directory.device_ids[bay["device"]] if bay else None

    def maker(row: Any) -> str:
        return kinds[row["device_type"]].manufacturer

    return {
        **_common(),
        "name": Filter(Kind.TEXT, lambda row: row["name"], lookup="ie"),
        "serial": Filter(Kind.TEXT, lambda row: row["serial"], lookup="ie"),
        "asset_tag": Filter(Kind.TEXT, lambda row: row["asset_tag"]),
        "status": Filter(
            Kind.CHOICE, lambda row: row["status"], lambda: surface()["device_statuses"]
        ),
        "face": Filter(
            Kind.ONE_CHOICE, lambda row: row["face"], lambda: {"front", "rear"}, single=True
        ),
        "position": Filter(
            Kind.DECIMAL,
            lambda row: None if row["position"] is None else Decimal(str(row["position"])),
        ),
        "site": Filter(Kind.SLUG, lambda row: row["site"], lambda: sites),
        "site_id": _by_id(lambda row: row["site"], sites),
        "role": Filter(Kind.SLUG, lambda row: row["role"], lambda: roles),
        "role_id": _by_id(lambda row: row["role"], roles),
        "device_type": Filter(Kind.SLUG, lambda row: row["device_type"], lambda: kinds),
        "model": Filter(Kind.SLUG, lambda row: row["device_type"], lambda: kinds),
        "device_type_id": _by_id(lambda row: row["device_type"], kinds),
        "manufacturer": Filter(Kind.SLUG, maker, lambda: makers),
        "manufacturer_id": _by_id(maker, makers),
        "rack_id": Filter(
            Kind.REFERENCE, rack_id, lambda: {rack.id for rack in directory.racks.values()}
        ),
        "primary_ip4_id": Filter(
            Kind.REFERENCE,
            lambda row: directory.addresses.get(row["primary_ip4"] or ""),
            directory.addresses.values,
        ),
        "parent_device_id": Filter(Kind.REFERENCE, parent_id, lambda: world.devices),
        "tag": Filter(
            Kind.SLUG, lambda row: frozenset(row["tags"]), lambda: directory.tags, once=True
        ),
        "has_primary_ip": Filter(Kind.FLAG, lambda row: bool(row["primary_ip4"])),
        "interfaces": Filter(Kind.FLAG, lambda row: row["id"] in world.interfaces_of),
    }


def _by_id(get: Callable[[Any], str], things: Any) -> Filter:
    return Filter(
        Kind.REFERENCE,
        lambda row: things[get(row)].id,
        lambda: {thing.id for thing in things.values()},
    )


def interface_filters(world: World, directory: Directory) -> dict[str, Filter]:
    """The filters of interfaces."""
    types = surface()["interface_types"]

    def device(row: Any) -> Any:
        return world.devices[row["device"]]

    def rack_id(row: Any) -> int | None:
        owner = device(row)
        rack = directory.racks.get((owner["site"], owner["rack"]))
        return rack.id if rack else None

    return {
        **_common(),
        "name": Filter(Kind.TEXT, lambda row: row["name"]),
        "label": Filter(Kind.TEXT, lambda _: ""),
        "type": Filter(Kind.CHOICE, lambda row: row["type"], lambda: types),
        "enabled": Filter(Kind.FLAG, lambda row: row["enabled"]),
        "mgmt_only": Filter(Kind.FLAG, lambda row: row["mgmt_only"]),
        "cabled": Filter(Kind.FLAG, lambda row: row["id"] in world.cable_of),
        "occupied": Filter(Kind.FLAG, lambda row: row["id"] in world.cable_of),
        "cable_id": Filter(
            Kind.REFERENCE,
            lambda row: world.cable_of[row["id"]][0]["id"] if row["id"] in world.cable_of else None,
            lambda: world.cables,
        ),
        "device_id": Filter(Kind.REFERENCE, lambda row: row["device"], lambda: world.devices),
        "device": Filter(
            Kind.SLUG,
            lambda row: device(row)["name"],
            lambda: {each["name"] for each in world.devices.values()},
        ),
        "device_role": Filter(Kind.SLUG, lambda row: device(row)["role"], lambda: directory.roles),
        "device_status": Filter(
            Kind.CHOICE, lambda row: device(row)["status"], lambda: surface()["device_statuses"]
        ),
        "site": Filter(Kind.SLUG, lambda row: device(row)["site"], lambda: directory.sites),
        "site_id": _by_id(lambda row: device(row)["site"], directory.sites),
        "rack_id": Filter(
            Kind.REFERENCE, rack_id, lambda: {rack.id for rack in directory.racks.values()}
        ),
    }


def cable_filters(world: World, directory: Directory) -> dict[str, Filter]:
    """The filters of cables; a cable matches by either of its ends."""

    def ends(row: Any) -> list[int]:
        return [row[end] for end in ("a", "b") if row[end] is not None]

    def devices(row: Any) -> list[Any]:
        return [world.devices[world.interfaces[each]["device"]] for each in ends(row)]

    def racks(row: Any) -> frozenset[int]:
        keys = ((each["site"], each["rack"]) for each in devices(row))
        return frozenset(directory.racks[key].id for key in keys if key in directory.racks)

    return {
        **_common(),
        "label": Filter(Kind.TEXT, lambda row: row["label"]),
        "type": Filter(Kind.CHOICE, lambda row: row["type"]),
        "length": Filter(
            Kind.DECIMAL,
            lambda row: None if row["length"] is None else Decimal(str(row["length"])),
        ),
        "status": Filter(
            Kind.CHOICE, lambda _: "connected", lambda: {"connected", "planned", "decommissioning"}
        ),
        "unterminated": Filter(Kind.FLAG, lambda row: len(ends(row)) < 2),
        "interface_id": Filter(Kind.INTEGER, lambda row: frozenset(ends(row))),
        "device_id": Filter(
            Kind.INTEGER, lambda row: frozenset(each["id"] for each in devices(row))
        ),
        "device": Filter(Kind.TEXT, lambda row: frozenset(each["name"] for each in devices(row))),
        "site": Filter(Kind.TEXT, lambda row: frozenset(each["site"] for each in devices(row))),
        "site_id": Filter(
            Kind.INTEGER,
            lambda row: frozenset(directory.sites[each["site"]].id for each in devices(row)),
        ),
        "rack_id": Filter(Kind.INTEGER, racks),
    }


def plain_filters(*texts: str) -> dict[str, Filter]:
    """The filters of what never changes: its id, and these texts."""

    def of(name: str) -> Filter:
        return Filter(Kind.TEXT, lambda row: row[name])

    return {"id": Filter(Kind.INTEGER, lambda row: row["id"]), **{text: of(text) for text in texts}}


def rack_filters(directory: Directory) -> dict[str, Filter]:
    """The filters of racks."""
    return {
        **plain_filters("name"),
        "site": Filter(Kind.SLUG, lambda row: row["site"], lambda: directory.sites),
        "site_id": _by_id(lambda row: row["site"], directory.sites),
    }


def bay_filters(directory: Directory, world: World) -> dict[str, Filter]:
    """The filters of device bays."""
    return {
        "id": Filter(Kind.INTEGER, lambda row: row["id"]),
        "name": Filter(Kind.TEXT, lambda row: row["name"]),
        "device_id": Filter(
            Kind.REFERENCE, lambda row: row["device"], lambda: directory.device_ids.values()
        ),
        "installed_device_id": Filter(
            Kind.REFERENCE, lambda row: row["installed"], lambda: world.devices
        ),
    }


def journal_filters() -> dict[str, Filter]:
    """The filters of journal entries; all here are in devices' journals."""
    kinds = {"info", "success", "warning", "danger"}
    return {
        "id": Filter(Kind.INTEGER, lambda row: row["id"]),
        "created": Filter(Kind.MOMENT, lambda row: row["created"]),
        "kind": Filter(Kind.CHOICE, lambda row: row["kind"], lambda: kinds),
        "assigned_object_type": Filter(Kind.OBJECT_TYPE, lambda _: "dcim.device"),
        "assigned_object_id": Filter(Kind.INTEGER, lambda row: row["device"]),
    }


def thing_filters(rows: Iterable[Any]) -> dict[str, Filter]:
    """The filters of a plugin's list: one for each of its fields."""

    def of(name: str, kind: Kind) -> Filter:
        return Filter(kind, lambda row: row["fields"].get(name))

    known = {name: value for row in rows for name, value in row["fields"].items()}
    kinds = {bool: Kind.FLAG, int: Kind.INTEGER}
    return {
        "id": Filter(Kind.INTEGER, lambda row: row["id"]),
        "name": Filter(Kind.TEXT, lambda row: row["name"]),
        "last_updated": Filter(Kind.MOMENT, lambda row: row["last_updated"]),
        **{name: of(name, kinds.get(type(value), Kind.TEXT)) for name, value in known.items()},
    }


def change_filters(directory: Directory) -> dict[str, Filter]:
    """The filters of the change log."""
    users = directory.users
    return {
        "id": Filter(Kind.INTEGER, lambda row: row.id),
        "action": Filter(
            Kind.ONE_CHOICE,
            lambda row: row.action,
            lambda: {"create", "update", "delete"},
            single=True,
        ),
        "changed_object_type": Filter(Kind.OBJECT_TYPE, lambda row: row.object_type),
        "changed_object_id": Filter(Kind.INTEGER, lambda row: row.object_id),
        "user": Filter(Kind.SLUG, lambda row: row.user, lambda: users),
        "user_id": Filter(Kind.REFERENCE, lambda row: users[row.user], users.values),
        "user_name": Filter(Kind.TEXT, lambda row: row.user),
        "object_repr": Filter(Kind.TEXT, lambda row: row.text),
        "request_id": Filter(Kind.UUID, lambda row: row.request_id, single=True),
        "time_after": Filter(Kind.MOMENT, lambda row: row.time, lookup="gte", single=True),
        "time_before": Filter(Kind.MOMENT, lambda row: row.time, lookup="lte", single=True),
    }
