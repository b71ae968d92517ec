"""Writes seeds into NetBox's database; runs inside NetBox's own virtual environment.

Reads one JSON request a line from standard input until it ends, answers each with one JSON line:

    {"admin": {"name": "admin", "key": "<12 characters>", "token": "<40 characters>"}}
    {"seed": {...}}        the format is in tests/peers/netbox/__init__.py
    {"parameters": {...}}  NetBox's dynamic configuration

An answer is {"ok": {<what>: <how many rows>}} or {"error": "<traceback>"}. What a REST request would
write besides the objects, the change log, is written here.
"""

import json
import os
import sys
import traceback
import uuid
from datetime import datetime

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netbox.settings")

import django  # noqa: E402

django.setup()

from core.choices import ObjectChangeActionChoices  # noqa: E402
from core.models import ConfigRevision, ObjectChange, ObjectType  # noqa: E402
from dcim.models import (  # noqa: E402
    Cable,
    CablePath,
    CableTermination,
    Device,
    DeviceBay,
    DeviceRole,
    DeviceType,
    Interface,
    Manufacturer,
    Rack,
    Site,
)
from dcim.utils import object_to_path_node  # noqa: E402
from django.core.management.color import no_style  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from extras.models import CustomField  # noqa: E402
from ipam.models import IPAddress  # noqa: E402
from users.models import Token, User  # noqa: E402
from utilities.counters import get_counters_for_model, update_counts  # noqa: E402

NUMBERED = (Site, Rack, DeviceRole, Manufacturer, DeviceType, Device, Interface, Cable)


def moment(text):
    """An aware datetime from ISO 8601 with Z."""
    return datetime.fromisoformat(text)


def keep(kind, pk, **fields):
    """The saved object with this primary key, and whether it is new."""
    found = kind.objects.filter(pk=pk).first()
    row = found or kind(pk=pk)
    for name, value in fields.items():
        setattr(row, name, value)
    # A row with a key of our choosing is an insert, which Django would try as an update first.
    row.save(**({} if found else {"force_insert": True}))
    return row, found is None


def index(model, key):
    """All objects of a model by one of their fields."""
    return {getattr(row, key): row for row in model.objects.all()}


def load_custom_fields(entries):
    for entry in entries:
        field, _ = CustomField.objects.get_or_create(
            name=entry["name"], defaults={"type": entry["type"]}
        )
        kinds = [ObjectType.objects.get_by_natural_key(*o.split(".")) for o in entry["object_types"]]
        field.object_types.add(*kinds)


def load_organisation(seed):
    """Users and everything that devices refer to."""
    for name in seed.get("users", ()):
        User.objects.get_or_create(username=name)
    for entry in seed.get("sites", ()):
        keep(Site, entry["id"], name=entry["name"], slug=entry["slug"])
    sites = index(Site, "slug")
    for entry in seed.get("racks", ()):
        keep(Rack, entry["id"], name=entry["name"], site=sites[entry["site"]])
    for entry in seed.get("roles", ()):
        keep(DeviceRole, entry["id"], name=entry["name"], slug=entry["slug"])
    for entry in seed.get("manufacturers", ()):
        keep(Manufacturer, entry["id"], name=entry["name"], slug=entry["slug"])
    makers = index(Manufacturer, "slug")
    for entry in seed.get("device_types", ()):
        keep(
            DeviceType,
            entry["id"],
            model=entry["model"],
            slug=entry["slug"],
            manufacturer=makers[entry["manufacturer"]],
            u_height=entry.get("u_height", 1),
        )


def write(kind, rows, fields):
    """Insert rows with keys of our choosing, or overwrite those that are there."""
    kind.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["id"], update_fields=fields, batch_size=1000
    )


def load_devices(entries):
    """Write the devices with interfaces and addresses; the keys of those that are new.

    In bulk, as saving one by one takes a tenth of a second a device. What NetBox does when a
    device or an interface is saved is therefore done here: the places that an interface repeats
    and the counters. The index of the search page is left out.
    """
    sites, roles, types = index(Site, "slug"), index(DeviceRole, "slug"), index(DeviceType, "slug")
    racks = {(rack.site_id, rack.name): rack for rack in Rack.objects.all()}
    kind = ObjectType.objects.get_for_model(Device)
    absent = dict.fromkeys(
        CustomField.objects.filter(object_types=kind).values_list("name", flat=True)
    )
    known = set(Device.objects.values_list("pk", flat=True))
    devices, interfaces, wanted = [], [], {}
    for entry in entries:
        site = sites[entry["site"]]
        rack = racks[site.pk, entry["rack"]] if entry.get("rack") else None
        device = Device(
            pk=entry["id"],
            name=entry["name"],
            site=site,
            role=roles[entry["role"]],
            device_type=types[entry["device_type"]],
            status=entry.get("status", "active"),
            serial=entry.get("serial") or "",
            asset_tag=entry.get("asset_tag"),
            rack=rack,
            position=entry.get("position"),
            face=entry.get("face"),
            custom_field_data={**absent, **(entry.get("custom_fields") or {})},
        )
        devices.append(device)
        ports = [
            Interface(
                pk=port["id"],
                device=device,
                name=port["name"],
                type=port.get("type", "1000base-t"),
                mgmt_only=port.get("mgmt_only", False),
                _site=site,
                _rack=rack,
            )
            for port in entry.get("interfaces", ())
        ]
        interfaces += ports
        if entry.get("primary_ip4"):
            if not ports:
                raise ValueError(f"device {entry['name']}: an address needs an interface")
            wanted[entry["primary_ip4"]] = (
                device,
                next((port for port in ports if port.mgmt_only), ports[0]),
            )
    write(
        Device,
        devices,
        ["name", "site", "role", "device_type", "status", "serial", "asset_tag", "rack"]
        + ["position", "face", "custom_field_data"],
    )
    write(Interface, interfaces, ["device", "name", "type", "mgmt_only", "_site", "_rack"])
    load_addresses(devices, wanted)
    load_counters()
    return {device.pk for device in devices} - known


def load_addresses(devices, wanted):
    """Give the wanted addresses to their interfaces, and make them their devices' primary ones."""
    there = {str(row.address): row for row in IPAddress.objects.filter(address__in=list(wanted))}
    fresh = []
    for address, (_, port) in wanted.items():
        row = there.get(address)
        if row is None:
            row = there[address] = IPAddress(address=address)
            fresh.append(row)
        row.assigned_object = port
    IPAddress.objects.bulk_create(fresh)
    IPAddress.objects.bulk_update(there.values(), ["assigned_object_type", "assigned_object_id"])
    for device in devices:
        device.primary_ip4 = None
    for address, (device, _) in wanted.items():
        device.primary_ip4 = there[address]
    Device.objects.bulk_update(devices, ["primary_ip4"], batch_size=500)


def load_counters():
    """Bring the cached counts of devices and interfaces up to date."""
    for model in (Device, Interface):
        for reference, counter in get_counters_for_model(model):
            field = model._meta.get_field(reference)
            related = field.remote_field.get_accessor_name()
            if not related.endswith("+"):
                update_counts(field.related_model, counter, field.related_query_name())


def load_bays(entries):
    """Put blades into their chassis, once all devices are there."""
    for entry in entries:
        if not entry.get("parent_bay"):
            continue
        blade = Device.objects.get(pk=entry["id"])
        chassis = Device.objects.get(name=entry["parent_bay"]["device"])
        # NetBox's REST API refuses bays on types that do not say which side they are.
        DeviceType.objects.filter(pk=chassis.device_type_id).update(subdevice_role="parent")
        DeviceType.objects.filter(pk=blade.device_type_id).update(subdevice_role="child", u_height=0)
        name = entry["parent_bay"]["bay"]
        bay = DeviceBay.objects.filter(device=chassis, name=name).first()
        bay = bay or DeviceBay(device=chassis, name=name)
        bay.installed_device = blade
        bay.save()


def load_cables(entries):
    """Connect interfaces, in bulk as well: saving a cable takes a tenth of a second.

    A cable of a seed joins two interfaces directly, so its paths need no tracing.
    """
    known = set(Cable.objects.values_list("pk", flat=True))
    entries = [entry for entry in entries if entry["id"] not in known]
    names = {end[0] for entry in entries for end in (entry["a"], entry["b"])}
    ports = {
        (port.device.name, port.name): port
        for port in Interface.objects.filter(device__name__in=names).select_related(
            "device__site", "device__rack", "device__location"
        )
    }
    Cable.objects.bulk_create([Cable(pk=entry["id"]) for entry in entries], batch_size=1000)
    cables = Cable.objects.in_bulk([entry["id"] for entry in entries])
    ends, origins, paths = [], [], []
    for entry in entries:
        cable, near, far = cables[entry["id"]], ports[tuple(entry["a"])], ports[tuple(entry["b"])]
        for side, port, other in (("A", near, far), ("B", far, near)):
            end = CableTermination(cable=cable, cable_end=side, termination=port)
            end.cache_related_objects()
            port.set_cable_termination(end)
            nodes = [object_to_path_node(row) for row in (port, cable, other)]
            path = CablePath(path=[[node] for node in nodes], is_active=True, is_complete=True)
            path._nodes = nodes
            ends.append(end)
            origins.append(port)
            paths.append(path)
    CableTermination.objects.bulk_create(ends, batch_size=1000)
    for port, path in zip(origins, CablePath.objects.bulk_create(paths, batch_size=1000)):
        port._path = path
    Interface.objects.bulk_update(origins, ["cable", "cable_end", "_path"], batch_size=500)


def load_history(entries, new):
    """Force the times of devices and write one `create` row for each new one."""
    users = index(User, "username")
    devices = Device.objects.in_bulk([entry["id"] for entry in entries])
    for entry in entries:
        device = devices[entry["id"]]
        for name in ("created", "last_updated"):
            if entry.get(name):
                setattr(device, name, moment(entry[name]))
    Device.objects.bulk_update(devices.values(), ["created", "last_updated"], batch_size=500)
    rows = []
    # The real log is written as time goes by, so its ids grow with its times.
    for entry in sorted(entries, key=lambda entry: devices[entry["id"]].created):
        if entry["id"] not in new:
            continue
        user = users[entry.get("created_by") or "admin"]
        row = devices[entry["id"]].to_objectchange(ObjectChangeActionChoices.ACTION_CREATE)
        row.user, row.user_name, row.request_id = user, user.username, uuid.uuid4()
        rows.append(row)
    for row in ObjectChange.objects.bulk_create(rows, batch_size=500):
        # Inserting stamps a row with the present.
        row.time = devices[row.changed_object_id].created
    ObjectChange.objects.bulk_update(rows, ["time"], batch_size=500)


def load(seed):
    """Write a seed, in one transaction; how many devices and cables it had, and how many were new."""
    devices, cables = seed.get("devices", []), seed.get("cables", [])
    with transaction.atomic():
        load_custom_fields(seed.get("custom_fields", ()))
        load_organisation(seed)
        new = load_devices(devices)
        load_bays(devices)
        load_cables(cables)
        load_history(devices, new)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), NUMBERED):
                cursor.execute(statement)
    return {"devices": len(devices), "new_devices": len(new), "cables": len(cables)}


def admin(name, key, token):
    """Create the superuser and its token of version 2."""
    user = User.objects.filter(username=name).first()
    user = user or User.objects.create_superuser(username=name, password=token)
    Token.objects.filter(key=key).delete()
    Token(version=2, user=user, key=key, token=token).save()
    return {"users": 1}


def configure(parameters):
    """Make these the running server's dynamic parameters."""
    revision = ConfigRevision.objects.create(data=parameters)
    revision.activate()
    return {"parameters": len(parameters)}


def main():
    # Whatever NetBox prints must not get between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        try:
            request = json.loads(line)
            if "seed" in request:
                done = load(request["seed"])
            elif "parameters" in request:
                done = configure(request["parameters"])
            else:
                done = admin(**request["admin"])
            answer = {"ok": done}
        except Exception:
            answer = {"error": traceback.format_exc()}
        # The database may be replaced between two requests.
        connection.close()
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
