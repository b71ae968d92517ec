"""A NetBox 4.7.3 on loopback, read-only, that shows a seed's history at the clock's moment."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncd.demo.netbox import pages
from syncd.demo.netbox.filters import BadFilter, Filter, OutsideSandbox, predicates
from syncd.demo.netbox.history import History
from syncd.demo.netbox.lists import (
    bay_filters,
    cable_filters,
    change_filters,
    device_filters,
    interface_filters,
    journal_filters,
    plain_filters,
    rack_filters,
    thing_filters,
)
from syncd.demo.netbox.paging import BadPage, page
from syncd.demo.netbox.seed import Seed, surface
from syncd.demo.netbox.shapes import Shapes
from syncd.demo.netbox.world import World
from syncd.demo.serving import Answer, Clock, Request, Sandbox, outages_of

_VERSION = (("API-Version", "4.7"),)
_SHOWN = 50
_NESTED_BRIEF: dict[str, tuple[str, ...]] = {
    "dcim/devices": ("id", "url", "display", "name", "description"),
    "dcim/interfaces": (
        "id",
        "url",
        "display",
        "device",
        "name",
        "description",
        "cable",
        "_occupied",
    ),
    "dcim/cables": ("id", "url", "display", "label", "description"),
    "dcim/sites": ("id", "url", "display", "name", "description", "slug"),
    "dcim/racks": ("id", "url", "display", "name", "description", "device_count"),
    "dcim/device-roles": (
        "id",
        "url",
        "display",
        "name",
        "slug",
        "description",
        "device_count",
        "virtualmachine_count",
        "_depth",
    ),
    "dcim/device-types": (
        "id",
        "url",
        "display",
        "manufacturer",
        "model",
        "slug",
        "description",
        "device_count",
    ),
    "dcim/manufacturers": ("id", "url", "display", "name", "slug", "description"),
    "users/users": ("id", "url", "display", "username"),
}


@dataclass(frozen=True)
class _List:
    """One list of the API: its rows in NetBox's own order, and how they are filtered and shown."""

    name: str
    rows: Sequence[Any]
    filters: dict[str, Filter]
    show: Callable[[Any], Mapping[str, Any]]
    object_type: str

    def id_of(self, row: Any) -> int:
        number: int = row["id"] if isinstance(row, Mapping) else row.id
        return number


class NetBoxSandbox(Sandbox):
    """Serves the REST API and a few pages of NetBox 4.7.3 for a seed, at the clock's moment.

    `token` is what a client must send: ``nbt_KEY.SECRET`` as a Bearer token (v2), or forty
    hexadecimal digits after ``Token`` (v1). Raises pydantic's ValidationError for a bad seed.
    What NetBox can do and this cannot is answered with 501.
    """

    def __init__(
        self,
        seed: Mapping[str, Any],
        clock: Clock,
        *,
        token: str,
        port: int = 0,
        max_page_size: int = 1000,
    ) -> None:
        super().__init__(clock, port=port, outages=outages_of(seed))
        self._history = History(Seed.model_validate(seed))
        self._token = token
        self._max_page_size = max_page_size

    def __repr__(self) -> str:
        return f"NetBoxSandbox(port={self._port})"

    def answer(self, request: Request) -> Answer:
        """What NetBox answers."""
        if not request.path.endswith("/"):
            return Answer.html("", 301, (("Location", request.path + "/"),))
        if request.path == "/graphql/" or request.path.startswith("/api/"):
            refusal = self._refusal(request)
            if refusal is not None:
                return _json({"detail": refusal}, 403)
        if request.method != "GET":
            return _outside(f"{request.method} {request.path}")
        try:
            return self._api(request) if request.path.startswith("/api/") else self._ui(request)
        except BadFilter as refused:
            return _json(refused.body, 400)
        except BadPage as refused:
            return _json([str(refused)], 400)
        except OutsideSandbox as beyond:
            return _outside(str(beyond))

    def _refusal(self, request: Request) -> str | None:
        parts = request.headers.get("authorization", "").split()
        if not parts or parts[0].lower() not in ("token", "bearer"):
            return "Authentication credentials were not provided."
        if len(parts) != 2:
            return (
                "Invalid authorization header: "
                'Must be in the form "Bearer <key>.<token>" or "Token <token>"'
            )
        version = 2 if parts[1].startswith("nbt_") else 1
        if version == 2 and "." not in parts[1]:
            return (
                "Invalid authorization header: Could not parse key from v2 token. "
                "Did you mean to use 'Token' instead of 'Bearer'?"
            )
        if not hmac.compare_digest(parts[1].encode(), self._token.encode()):
            return f"Invalid v{version} token"
        return None

    # -------------------------------------------------------------------------------------- API

    def _api(self, request: Request) -> Answer:
        if request.last("format") not in (None, "json"):
            return _outside("another format than json")
        if request.path == "/api/":
            roots = ("core", "dcim", "extras", "users", "plugins", "status")
            return _json({name: f"{self.url}/api/{name}/" for name in roots})
        if request.path == "/api/status/":
            return _json(
                {
                    "django-version": "5.2.9",
                    "hostname": "sandbox",
                    "installed_apps": {},
                    "netbox-version": surface()["netbox"],
                    "netbox-full-version": surface()["netbox"],
                    "plugins": {},
                    "python-version": "3.12.1",
                    "rq-workers-running": 0,
                }
            )
        world = self._history.at(self._clock())
        shapes = Shapes(world, self._history.directory, self.url)
        if request.path == "/api/authentication-check/":
            return _json(shapes.user({"id": 0, "username": "syncd"}))
        matched = re.fullmatch(
            r"/api/(plugins/[a-z-]+/[a-z-]+|[a-z-]+/[a-z-]+)/(?:(\d+)/)?", request.path
        )
        found = self._list(matched[1], world, shapes) if matched else None
        if matched is None or found is None:
            if matched and matched[1] in surface()["endpoints"]:
                return _outside(f"the endpoint {request.path}")
            if re.fullmatch(r"/api/[a-z-]+/[a-z-]+/[^/]+/", request.path):
                return _json({"detail": "Not found."}, 404)
            return Answer.html(pages.page("Page Not Found", "<p>404</p>"), 404)
        if matched[2]:
            return self._detail(request, found, int(matched[2]))
        return self._rows(request, found)

    def _detail(self, request: Request, found: _List, number: int) -> Answer:
        row = next((row for row in found.rows if found.id_of(row) == number), None)
        if row is None:
            model = found.object_type
            return _json({"detail": f"No {model} matches the given query."}, 404)
        return _json(_fields(request, found)(found.show(row)))

    def _rows(self, request: Request, found: _List) -> Answer:
        rows = self._selected(request, found)
        rows = _ordered(request, found, rows)
        ids = [found.id_of(row) for row in rows]
        shown = page(request, self.url, rows, ids, self._max_page_size)
        pick = _fields(request, found)
        return _json(
            {
                "count": shown.count,
                "next": shown.next,
                "previous": shown.previous,
                "results": [pick(found.show(row)) for row in shown.rows],
            }
        )

    def _selected(self, request: Request, found: _List) -> list[Any]:
        custom = self._history.directory.custom_fields_of(_object_type(found.name))
        tests = predicates(found.name, request.query, found.filters, custom)
        return [row for row in found.rows if all(test(row) for test in tests)]

    def _list(self, name: str, world: World, shapes: Shapes) -> _List | None:
        directory = self._history.directory

        def things(mapping: Mapping[Any, Any], key: str) -> list[dict[str, Any]]:
            rows = [each.model_dump() for each in mapping.values()]
            return sorted(rows, key=lambda row: _natural(row[key]))

        if name == "dcim/devices":
            rows = sorted(
                world.devices.values(), key=lambda row: (_natural(row["name"]), row["id"])
            )
            filters = device_filters(world, directory)
            return _List(name, rows, filters, shapes.device, "Device")
        if name == "dcim/interfaces":
            names = {row["id"]: _natural(row["name"]) for row in world.devices.values()}
            rows = sorted(
                world.interfaces.values(),
                key=lambda row: (names[row["device"]], _natural(row["name"]), row["id"]),
            )
            filters = interface_filters(world, directory)
            return _List(name, rows, filters, shapes.interface, "Interface")
        if name == "dcim/cables":
            rows = sorted(world.cables.values(), key=lambda row: int(row["id"]))
            return _List(name, rows, cable_filters(world, directory), shapes.cable, "Cable")
        if name == "dcim/sites":
            filters = plain_filters("name", "slug")
            return _List(name, things(directory.sites, "name"), filters, shapes.site, "Site")
        if name == "dcim/racks":
            filters = rack_filters(directory)
            racks = sorted(
                things(directory.racks, "name"),
                key=lambda row: _natural(directory.sites[row["site"]].name),
            )
            return _List(name, racks, filters, shapes.rack, "Rack")
        if name == "dcim/device-roles":
            filters = plain_filters("name", "slug")
            return _List(name, things(directory.roles, "name"), filters, shapes.role, "DeviceRole")
        if name == "dcim/device-types":
            filters = plain_filters("model", "slug")
            kinds = things(directory.device_types, "model")
            return _List(name, kinds, filters, shapes.device_type, "DeviceType")
        if name == "dcim/manufacturers":
            makers = things(directory.manufacturers, "name")
            filters = plain_filters("name", "slug")
            return _List(name, makers, filters, shapes.manufacturer, "Manufacturer")
        if name == "users/users":
            known = sorted(directory.users.items())
            users = [{"id": number, "username": who} for who, number in known]
            return _List(name, users, plain_filters("username"), shapes.user, "User")
        if name == "core/object-changes":
            log = world.log[::-1]
            return _List(name, log, change_filters(directory), shapes.change, "ObjectChange")
        return self._description(name, world, shapes)

    def _description(self, name: str, world: World, shapes: Shapes) -> _List | None:
        """The lists of what objects are described with, and of plugins."""
        directory = self._history.directory
        if name == "dcim/device-bays":
            filters = bay_filters(directory, world)
            return _List(name, shapes.bays, filters, shapes.bay, "DeviceBay")
        if name == "extras/tags":
            tags = [tag.model_dump() for tag in directory.tags.values()]
            return _List(name, tags, plain_filters("name", "slug"), shapes.tag, "Tag")
        if name == "extras/custom-fields":
            fields = [
                {"id": number, "name": each.name, "defined": each}
                for number, each in enumerate(directory.custom_fields, 1)
            ]
            return _List(name, fields, plain_filters("name"), shapes.custom_field, "CustomField")
        if name == "extras/journal-entries":
            entries = list(world.journal.values())[::-1]
            return _List(name, entries, journal_filters(), shapes.entry, "JournalEntry")
        if name == "core/object-types":
            return _List(name, shapes.object_types, {}, shapes.object_type, "ObjectType")
        if name in directory.plugins:
            known = [row for row in world.things.values() if row["list"] == name]
            model = directory.plugins[name].model.partition(".")[2]
            return _List(name, known, thing_filters(known), shapes.thing, model)
        return None

    # ------------------------------------------------------------------------------------ pages

    def _ui(self, request: Request) -> Answer:
        world = self._history.at(self._clock())
        shapes = Shapes(world, self._history.directory, self.url)
        if request.path == "/":
            return Answer.html(pages.page("Home", "<p>A sandbox that stands in for NetBox.</p>"))
        found = self._list("dcim/devices", world, shapes)
        if found is not None and request.path == "/dcim/devices/":
            rows = self._selected(request, found)
            shown = [shapes.device(row) for row in rows[:_SHOWN]]
            return Answer.html(pages.device_list(shown, len(rows)))
        matched = re.fullmatch(r"/dcim/devices/(\d+)/", request.path)
        device = world.devices.get(int(matched[1])) if matched else None
        if device is None:
            return Answer.html(pages.page("Page Not Found", "<p>404</p>"), 404)
        numbers = world.interfaces_of.get(device["id"], ())
        interfaces = [shapes.interface(world.interfaces[number]) for number in numbers]
        return Answer.html(pages.device_page(shapes.device(device), interfaces))


def _json(value: Any, status: int = 200) -> Answer:
    return Answer.json(value, status, _VERSION)


def _outside(what: str) -> Answer:
    return _json({"detail": f"The sandbox does not implement {what}; a real NetBox may."}, 501)


def _object_type(endpoint: str) -> str:
    app, _, plural = endpoint.partition("/")
    return f"{app}.{plural.replace('-', '').removesuffix('s')}"


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Sorts r2 before r10, as NetBox's collation does."""
    return [
        (0, int(part), "") if part.isdigit() else (1, 0, part.casefold())
        for part in re.split(r"(\d+)", text)
        if part
    ]


def _fields(request: Request, found: _List) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    wanted = request.last("fields")
    if wanted:
        names = set(wanted.split(","))
        return lambda whole: {name: value for name, value in whole.items() if name in names}
    omitted = request.last("omit")
    if omitted:
        left_out = set(omitted.split(","))
        return lambda whole: {n: value for n, value in whole.items() if n not in left_out}
    brief = _NESTED_BRIEF.get(found.name)
    if request.last("brief") and brief:
        return lambda whole: {name: whole[name] for name in brief}
    return lambda whole: whole


def _ordered(request: Request, found: _List, rows: list[Any]) -> list[Any]:
    keys: dict[str, Callable[[Any], Any]] = {
        "id": found.id_of,
        "name": lambda row: _natural(row["name"]),
        "created": lambda row: row["created"],
        "last_updated": lambda row: row["last_updated"],
        "time": lambda row: row.time,
    }
    if not rows:
        return rows
    shown = found.show(rows[0])
    for name in reversed((request.last("ordering") or "").split(",")):
        field = name.strip().removeprefix("-")
        if field not in shown:
            continue  # as NetBox: an unknown field orders nothing
        if field not in keys or (field in ("created", "last_updated") and "created" not in rows[0]):
            raise OutsideSandbox(f"ordering by {field!r}")
        rows = sorted(rows, key=keys[field], reverse=name.strip().startswith("-"))
    return rows
