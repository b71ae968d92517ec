"""What objects are described with, and what plugins add, as NetBox's serializers write them."""

from __future__ import annotations

from typing import Any

from syncd.demo.netbox.references import References, stamp
from syncd.demo.netbox.seed import CustomField, surface
from syncd.demo.netbox.world import Row, display

_LOGICS = {"loose": "Loose", "exact": "Exact", "disabled": "Disabled"}
_IRREGULAR = {"dcim.virtualchassis": "dcim/virtual-chassis"}


class Described(References):
    """Writes tags, custom fields, journal entries, bays and the objects of plugins."""

    def tag(self, row: Row) -> Row:
        """A tag."""
        whole = self.whole("extras/tags", row["id"], row["name"])
        return whole | {"name": row["name"], "slug": row["slug"], "color": "9e9e9e"}

    def custom_field(self, row: Row) -> Row:
        """How a custom field is defined."""
        defined: CustomField = row["defined"]
        whole = self.whole("extras/custom-fields", row["id"], defined.name)
        return whole | {
            "name": defined.name,
            "type": {"value": defined.type, "label": defined.type.capitalize()},
            "object_types": defined.object_types,
            "filter_logic": {"value": defined.filter_logic, "label": _LOGICS[defined.filter_logic]},
        }

    def entry(self, row: Row) -> Row:
        """A journal's entry."""
        whole = self.whole("extras/journal-entries", row["id"], display("journal", row))
        return whole | {
            "assigned_object_type": "dcim.device",
            "assigned_object_id": row["device"],
            "assigned_object": self.device_ref(row["device"]),
            "kind": {"value": row["kind"], "label": row["kind"].capitalize()},
            "comments": row["comments"],
            "created": stamp(row["created"]),
            "created_by": self.directory.users[row["created_by"]],
            "custom_fields": {},
            "tags": [],
            "last_updated": stamp(row["last_updated"]),
        }

    def bay(self, row: Row) -> Row:
        """A device bay and what is installed in it."""
        whole = self.whole("dcim/device-bays", row["id"], row["name"])
        held = row["installed"]
        return whole | {
            "name": row["name"],
            "device": self.device_ref(row["device"]),
            "installed_device": None if held is None else self.device_ref(held),
            "created": stamp(row["created"]),
            "last_updated": stamp(row["created"]),
        }

    def object_type(self, row: Row) -> Row:
        """A kind of object, and where the API lists it."""
        app, _, model = row["type"].partition(".")
        whole = self.whole("core/object-types", row["id"], f"{app} > {model}")
        path = f"/api/{row['path']}/"
        return whole | {"app_label": app, "model": model, "rest_api_endpoint": path}

    def thing(self, row: Row) -> Row:
        """A plugin's object."""
        whole = self.whole(row["list"], row["id"], row["name"])
        whole |= {"name": row["name"], **row["fields"], "tags": [], "custom_fields": {}}
        stamps = {"created": stamp(row["created"]), "last_updated": stamp(row["last_updated"])}
        return whole | stamps

    # ----------------------------------------------------------------------------------- rows

    @property
    def bays(self) -> list[dict[str, Any]]:
        """The bays of the devices that are there."""
        world, ids = self.world, self.directory.device_ids
        seated = {
            (row["parent_bay"]["device"], row["parent_bay"]["bay"]): row["id"]
            for row in world.devices.values()
            if row["parent_bay"]
        }
        return [
            {
                "id": number,
                "name": bay,
                "device": ids[owner],
                "installed": seated.get((owner, bay)),
                "created": world.devices[ids[owner]]["created"],
            }
            for (owner, bay), number in self.directory.bays.items()
            if ids[owner] in world.devices
        ]

    @property
    def object_types(self) -> list[dict[str, Any]]:
        """The kinds of objects: NetBox's own, and those of plugins."""
        plugins = {path: each.model for path, each in self.directory.plugins.items()}
        known = {path: _model(path) for path in surface()["endpoints"]} | plugins
        return [
            {"id": number, "type": kind, "path": path}
            for number, (path, kind) in enumerate(known.items(), 1)
        ]


def _model(path: str) -> str:
    if path in _IRREGULAR.values():
        return next(kind for kind, known in _IRREGULAR.items() if known == path)
    app, _, plural = path.partition("/")
    return f"{app}.{plural.replace('-', '').removesuffix('s')}"
