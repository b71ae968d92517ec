"""Objects as NetBox's serializers write them inside other objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from syncd.demo.netbox.world import Directory, Row, World, address_holder, display


def stamp(time: datetime) -> str:
    """The moment as NetBox writes it: ISO 8601 in UTC, ending in Z."""
    return time.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


class References:
    """Writes objects of one world as others refer to them, with links that begin with `url`."""

    def __init__(self, world: World, directory: Directory, url: str) -> None:
        self.world = world
        self.directory = directory
        self.url = url

    # ---------------------------------------------------------------------------------- counts

    @cached_property
    def devices_by(self) -> Mapping[str, Counter[Any]]:
        """How many devices each site, role, type and rack has."""
        devices = self.world.devices.values()
        return {
            "site": Counter(row["site"] for row in devices),
            "role": Counter(row["role"] for row in devices),
            "type": Counter(row["device_type"] for row in devices),
            "rack": Counter((row["site"], row["rack"]) for row in devices),
        }

    # ---------------------------------------------------------------------------- nested objects

    def ref(self, path: str, number: int, text: str, **more: Any) -> dict[str, Any]:
        """What every nested object begins with."""
        return {"id": number, "url": f"{self.url}/api/{path}/{number}/", "display": text, **more}

    def whole(self, path: str, number: int, text: str) -> dict[str, Any]:
        """What every object of a list begins with."""
        whole = self.ref(path, number, text)
        whole["display_url"] = f"{self.url}/{path}/{number}/"
        return whole

    def site_ref(self, slug: str) -> Row:
        """A nested site."""
        site = self.directory.sites[slug]
        return self.ref("dcim/sites", site.id, site.name, name=site.name, slug=slug, description="")

    def rack_ref(self, site: str, name: str | None) -> Row | None:
        """A nested rack, None for none."""
        if name is None:
            return None
        rack = self.directory.racks[site, name]
        return self.ref("dcim/racks", rack.id, rack.name, name=rack.name, description="")

    def role_ref(self, slug: str) -> Row:
        """A nested device role; its counts are always 0 there, as in NetBox."""
        role = self.directory.roles[slug]
        return self.ref(
            "dcim/device-roles",
            role.id,
            role.name,
            name=role.name,
            slug=slug,
            description="",
            device_count=0,
            virtualmachine_count=0,
            _depth=0,
        )

    def maker_ref(self, slug: str) -> Row:
        """A nested manufacturer."""
        maker = self.directory.manufacturers[slug]
        return self.ref(
            "dcim/manufacturers",
            maker.id,
            maker.name,
            name=maker.name,
            slug=slug,
            description="",
        )

    def type_ref(self, slug: str) -> Row:
        """A nested device type."""
        kind = self.directory.device_types[slug]
        return self.ref(
            "dcim/device-types",
            kind.id,
            kind.model,
            manufacturer=self.maker_ref(kind.manufacturer),
            model=kind.model,
            slug=slug,
            description="",
            device_count=self.devices_by["type"][slug],
        )

    def address_ref(self, text: str | None) -> Row | None:
        """A nested address, None for none."""
        if not text:
            return None
        family = 6 if ":" in text else 4
        return self.ref(
            "ipam/ip-addresses",
            self.directory.addresses[text],
            text,
            family={"value": family, "label": f"IPv{family}"},
            address=text,
            nat_inside=None,
            nat_outside=[],
            dns_name="",
            description="",
        )

    def device_ref(self, device_id: int) -> dict[str, Any]:
        """A nested device."""
        row = self.world.devices[device_id]
        return self.ref(
            "dcim/devices", device_id, display("devices", row), name=row["name"], description=""
        )

    def interface_ref(self, interface_id: int) -> Row:
        """A nested interface."""
        row = self.world.interfaces[interface_id]
        cable = self.world.cable_of.get(interface_id)
        return self.ref(
            "dcim/interfaces",
            interface_id,
            row["name"],
            device=self.device_ref(row["device"]),
            name=row["name"],
            description="",
            cable=self.cable_ref(cable[0]) if cable else None,
            _occupied=cable is not None,
        )

    def cable_ref(self, row: Row) -> Row:
        """A nested cable."""
        return self.ref(
            "dcim/cables", row["id"], display("cables", row), label=row["label"], description=""
        )

    def tag_ref(self, slug: str) -> Row:
        """A nested tag."""
        tag = self.directory.tags[slug]
        nested = self.ref("extras/tags", tag.id, tag.name, name=tag.name, slug=slug)
        return nested | {
            "display_url": f"{self.url}/extras/tags/{tag.id}/",
            "color": "9e9e9e",
        }

    def user_ref(self, name: str) -> Row:
        """A nested user."""
        return self.ref("users/users", self.directory.users[name], name, username=name)

    def parent(self, bay: Mapping[str, str] | None) -> Row | None:
        """The device that holds this one in a bay, with the bay; None for none."""
        if bay is None:
            return None
        parent_id = self.directory.device_ids[bay["device"]]
        if parent_id not in self.world.devices:
            return None
        row = self.world.devices[parent_id]
        parent = self.ref("dcim/devices", parent_id, display("devices", row), name=row["name"])
        parent["display_url"] = f"{self.url}/dcim/devices/{parent_id}/"
        number = self.directory.bays[bay["device"], bay["bay"]]
        device_bay = self.ref("dcim/device-bays", number, bay["bay"], name=bay["bay"])
        device_bay |= {
            "display_url": f"{self.url}/dcim/device-bays/{number}/",
            "device": dict(parent),
        }
        return {**parent, "device_bay": device_bay}

    def changed(self, object_type: str, number: int) -> Row | None:
        """The object that a row of the change log is about, None once it is gone."""
        world = self.world
        if object_type == "dcim.device":
            return self.device_ref(number) if number in world.devices else None
        if object_type == "dcim.interface":
            return self.interface_ref(number) if number in world.interfaces else None
        if object_type == "dcim.cable":
            return self.cable_ref(world.cables[number]) if number in world.cables else None
        return None

    def holds_address(self, interface: Row) -> bool:
        """Whether the device's address is on this interface."""
        world = self.world
        if not world.devices[interface["device"]]["primary_ip4"]:
            return False
        ports = [world.interfaces[number] for number in world.interfaces_of[interface["device"]]]
        return address_holder(ports) == int(interface["id"])
