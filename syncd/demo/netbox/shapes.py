"""Objects as NetBox's REST serializers write them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from syncd.demo.netbox.described import Described
from syncd.demo.netbox.references import stamp
from syncd.demo.netbox.seed import CustomField, surface
from syncd.demo.netbox.world import (
    NEVER_SET_ON_CABLES,
    NEVER_SET_ON_DEVICES,
    NEVER_SET_ON_INTERFACES,
    LogRow,
    Row,
    counts,
    display,
)

_LOGGED = {
    "dcim.device": "DCIM | device",
    "dcim.interface": "DCIM | interface",
    "dcim.cable": "DCIM | cable",
    "dcim.cabletermination": "DCIM | cable termination",
    "ipam.ipaddress": "IPAM | IP address",
    "extras.journalentry": "Extras | journal entry",
    "dcim.devicebay": "DCIM | device bay",
}
_ACTIONS = {"create": "Created", "update": "Updated", "delete": "Deleted"}
_NEVER_SET_ON_RACKS = (
    "airflow",
    "asset_tag",
    "cooling_capability",
    "cooling_capacity",
    "facility_id",
    "form_factor",
    "group",
    "location",
    "max_weight",
    "mounting_depth",
    "outer_depth",
    "outer_height",
    "outer_unit",
    "outer_width",
    "rack_type",
    "role",
    "tenant",
    "weight",
    "weight_unit",
)
_NEVER_SET_ON_TYPES = (
    "airflow",
    "cooling_method",
    "default_platform",
    "end_of_life",
    "front_image",
    "rear_image",
    "weight",
    "weight_unit",
)
_LENGTH_UNITS = {"m": "Meters", "cm": "Centimeters", "ft": "Feet"}
_BUILT = "2025-01-01T00:00:00Z"


def _iso(time: datetime) -> str:
    text = time.isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def custom_value(definition: CustomField, value: Any) -> Any:
    """A custom field's stored value as the API shows it."""
    if value is None:
        return None
    if definition.type == "datetime":
        return _iso(datetime.fromisoformat(value))
    if definition.type == "date":
        return date.fromisoformat(value).isoformat()
    if definition.type == "select":
        return _choice(definition, value)
    if definition.type == "multiselect":
        return [_choice(definition, each) for each in value]
    return value


def _choice(definition: CustomField, value: str) -> Row:
    labels = dict((c, c) if isinstance(c, str) else c for c in definition.choices)
    return {"value": value, "label": labels.get(value, value)}


def _subdevice(role: str | None) -> Row | None:
    return {"value": role, "label": role.capitalize()} if role else None


class Shapes(Described):
    """Writes the whole objects of one world."""

    def _ending(self, object_type: str, custom: Row, created: Any, updated: Any) -> dict[str, Any]:
        return {
            "owner": None,
            "tags": [],
            "custom_fields": {
                each.name: custom_value(each, custom.get(each.name))
                for each in self.directory.custom_fields_of(object_type)
            },
            "created": created,
            "last_updated": updated,
        }

    def device(self, row: Row) -> Row:
        """A device."""
        statuses = surface()["device_statuses"]
        address = self.address_ref(row["primary_ip4"])
        face = row["face"]
        whole = self.whole("dcim/devices", row["id"], display("devices", row))
        whole |= dict.fromkeys(NEVER_SET_ON_DEVICES)
        whole |= {
            "name": row["name"],
            "device_type": self.type_ref(row["device_type"]),
            "role": self.role_ref(row["role"]),
            "serial": row["serial"],
            "asset_tag": row["asset_tag"],
            "site": self.site_ref(row["site"]),
            "rack": self.rack_ref(row["site"], row["rack"]),
            "position": None if row["position"] is None else float(row["position"]),
            "face": {"value": face, "label": face.capitalize()} if face else None,
            "parent_device": self.parent(row["parent_bay"]),
            "status": {"value": row["status"], "label": statuses[row["status"]]},
            "primary_ip": address,
            "primary_ip4": address,
            "description": "",
            "comments": "",
            "config_context": {},
        }
        whole |= self._ending(
            "dcim.device", row["custom_fields"], stamp(row["created"]), stamp(row["last_updated"])
        )
        whole["tags"] = [self.tag_ref(slug) for slug in sorted(row["tags"])]
        interfaces = len(self.world.interfaces_of.get(row["id"], ()))
        return whole | counts(interface=interfaces, device_bay=self.directory.bays_in(row["name"]))

    def interface(self, row: Row) -> Row:
        """An interface with its cable and the other end of it."""
        kind = row["type"]
        cable, end = self.world.cable_of.get(row["id"], (None, None))
        far = None if cable is None else cable["b" if end == "A" else "a"]
        peers = [] if far is None else [self.interface_ref(far)]
        whole = self.whole("dcim/interfaces", row["id"], row["name"])
        whole |= dict.fromkeys((*NEVER_SET_ON_INTERFACES, "mac_address", "l2vpn_termination"))
        whole |= {
            "device": self.device_ref(row["device"]),
            "vdcs": [],
            "name": row["name"],
            "label": "",
            "type": {"value": kind, "label": surface()["interface_types"][kind]},
            "enabled": row["enabled"],
            "bridge_interfaces": [],
            "mac_addresses": [],
            "mgmt_only": row["mgmt_only"],
            "description": "",
            "tagged_vlans": [],
            "mark_connected": False,
            "cable": self.cable_ref(cable) if cable else None,
            "cable_end": end,
            "link_peers": peers,
            "link_peers_type": "dcim.interface" if peers else None,
            "wireless_lans": [],
            "connected_endpoints": peers or None,
            "connected_endpoints_type": "dcim.interface" if peers else None,
            "connected_endpoints_reachable": bool(peers),
            "count_ipaddresses": int(self.holds_address(row)),
            "count_fhrp_groups": 0,
            "_occupied": cable is not None,
        }
        return whole | self._ending(
            "dcim.interface", {}, stamp(row["created"]), stamp(row["last_updated"])
        )

    def cable(self, row: Row) -> Row:
        """A cable with both its ends."""
        unit = row["length_unit"]
        whole = self.whole("dcim/cables", row["id"], display("cables", row))
        whole |= dict.fromkeys((*NEVER_SET_ON_CABLES, "profile"))
        for end in ("a", "b"):
            number = row[end]
            whole[f"{end}_terminations"] = (
                []
                if number is None
                else [
                    {
                        "object_type": "dcim.interface",
                        "object_id": number,
                        "object": self.interface_ref(number),
                    }
                ]
            )
        whole |= {
            "status": {"value": "connected", "label": "Connected"},
            "type": row["type"],
            "length": row["length"],
            "length_unit": unit and {"value": unit, "label": _LENGTH_UNITS[unit]},
            "label": row["label"],
            "color": "",
            "description": "",
            "comments": "",
        }
        return whole | self._ending(
            "dcim.cable", {}, stamp(row["created"]), stamp(row["last_updated"])
        )

    def site(self, row: Row) -> Row:
        """A site."""
        whole = self.whole("dcim/sites", row["id"], row["name"])
        racks = sum(1 for site, _ in self.directory.racks if site == row["slug"])
        whole |= dict.fromkeys(["region", "group", "tenant", "time_zone", "latitude", "longitude"])
        whole |= {
            "name": row["name"],
            "slug": row["slug"],
            "status": {"value": "active", "label": "Active"},
            "facility": "",
            "description": "",
            "physical_address": "",
            "shipping_address": "",
            "comments": "",
            "asns": [],
            "circuit_count": 0,
            "device_count": self.devices_by["site"][row["slug"]],
            "prefix_count": 0,
            "rack_count": racks,
            "virtualmachine_count": 0,
            "vlan_count": 0,
        }
        return whole | self._ending("dcim.site", {}, _BUILT, _BUILT)

    def rack(self, row: Row) -> Row:
        """A rack."""
        whole = self.whole("dcim/racks", row["id"], row["name"])
        whole |= dict.fromkeys(_NEVER_SET_ON_RACKS)
        whole |= {
            "name": row["name"],
            "site": self.site_ref(row["site"]),
            "status": {"value": "active", "label": "Active"},
            "description": "",
            "comments": "",
            "serial": "",
            "width": {"value": 19, "label": "19 inches"},
            "u_height": 42,
            "starting_unit": 1,
            "desc_units": False,
            "device_count": self.devices_by["rack"][row["site"], row["name"]],
            "powerfeed_count": 0,
        }
        return whole | self._ending("dcim.rack", {}, _BUILT, _BUILT)

    def role(self, row: Row) -> Row:
        """A device role."""
        whole = self.whole("dcim/device-roles", row["id"], row["name"])
        whole |= {
            "name": row["name"],
            "slug": row["slug"],
            "color": "9e9e9e",
            "vm_role": True,
            "config_template": None,
            "parent": None,
            "description": "",
            "comments": "",
            "device_count": self.devices_by["role"][row["slug"]],
            "virtualmachine_count": 0,
            "_depth": 0,
        }
        return whole | self._ending("dcim.devicerole", {}, _BUILT, _BUILT)

    def device_type(self, row: Row) -> Row:
        """A device type; as the real server is seeded, bays make a parent and a child of it."""
        parent = row["slug"] in self.directory.parents
        child = row["slug"] in self.directory.children
        whole = self.whole("dcim/device-types", row["id"], row["model"])
        whole |= dict.fromkeys(_NEVER_SET_ON_TYPES)
        whole |= {name.replace("_count", "_template_count"): 0 for name in counts()}
        whole |= {
            "manufacturer": self.maker_ref(row["manufacturer"]),
            "model": row["model"],
            "slug": row["slug"],
            "part_number": "",
            "u_height": 0.0 if child else float(row["u_height"]),
            "subdevice_role": _subdevice("child" if child else "parent" if parent else None),
            "exclude_from_utilization": False,
            "is_full_depth": True,
            "description": "",
            "comments": "",
            "device_count": self.devices_by["type"][row["slug"]],
        }
        return whole | self._ending("dcim.devicetype", {}, _BUILT, _BUILT)

    def manufacturer(self, row: Row) -> Row:
        """A manufacturer."""
        whole = self.whole("dcim/manufacturers", row["id"], row["name"])
        kinds = self.directory.device_types.values()
        whole |= {
            "name": row["name"],
            "slug": row["slug"],
            "description": "",
            "comments": "",
            "devicetype_count": sum(1 for kind in kinds if kind.manufacturer == row["slug"]),
            "inventoryitem_count": 0,
            "moduletype_count": 0,
            "platform_count": 0,
        }
        return whole | self._ending("dcim.manufacturer", {}, _BUILT, _BUILT)

    def user(self, row: Row) -> Row:
        """A user."""
        whole = self.whole("users/users", row["id"], row["username"])
        return whole | {
            "username": row["username"],
            "first_name": "",
            "last_name": "",
            "email": "",
            "is_active": True,
            "date_joined": _BUILT,
            "last_login": None,
            "groups": [],
            "permissions": [],
        }

    def change(self, row: LogRow) -> Row:
        """A row of the change log; `changed_object` is null once the object is gone."""
        kind = _LOGGED.get(row.object_type, row.object_type)
        whole = self.whole(
            "core/object-changes", row.id, f"{kind} {row.text} {row.action}d by {row.user}"
        )
        whole["display_url"] = f"{self.url}/core/changelog/{row.id}/"
        return whole | {
            "time": stamp(row.time),
            "user": self.user_ref(row.user),
            "user_name": row.user,
            "request_id": row.request_id,
            "action": {"value": row.action, "label": _ACTIONS[row.action]},
            "changed_object_type": row.object_type,
            "changed_object_id": row.object_id,
            "changed_object": self.changed(row.object_type, row.object_id),
            "object_repr": row.text,
            "message": "",
            "prechange_data": row.before,
            "postchange_data": row.after,
        }
