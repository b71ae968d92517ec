"""NetBox under the contract: a count, a completeness with a list, latencies, and a drift from a
plugin's objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.netbox import connector
from connectors.netbox.filters import FilterValue
from connectors.netbox.measures import Completeness, Count, Drift, Latency
from connectors.netbox.required import ListField, Requirement
from tests.contract.faces import SOURCE, Face
from tests.contract.faultserver import Reply, Request, json_reply

DELIVERED: dict[str, FilterValue] = {"cf_delivered_at__empty": False}
"""A filter on a custom field is proven anew each time: each exercise makes the same requests."""

COUNT = Count(measure="netbox.count", endpoint="dcim.devices", filter=DELIVERED).plan(SOURCE)
COMPLETENESS = Completeness(
    measure="netbox.completeness",
    endpoint="dcim.devices",
    filter=DELIVERED,
    required=[Requirement(fields=["serial", ListField(every="interfaces", has="cable")])],
).plan(SOURCE)
LATENCY = Latency.model_validate(
    {
        "measure": "netbox.latency",
        "endpoint": "dcim.devices",
        "filter": DELIVERED,
        "from": "cf.delivered_at",
        "to": "first_seen",
        "within": "24 h",
    }
).plan(SOURCE)
JOURNAL = Latency.model_validate(
    {
        "measure": "netbox.latency",
        "endpoint": "dcim.devices",
        "filter": DELIVERED,
        "from": "cf.delivered_at",
        "to": {"journal": "success"},
        "to_by": "svc-asn",
        "percentile": 90,
    }
).plan(SOURCE)
DRIFT = Drift.model_validate(
    {
        "measure": "netbox.drift",
        "endpoint": "dcim.devices",
        "filter": DELIVERED,
        "field": "serial",
        "expected": {
            "endpoint": "plugins.planner.plans",
            "match": "device",
            "by": "display",
            "field": "serial",
        },
    }
).plan(SOURCE)

SAVED = "2026-01-14T12:00:00Z"
DEVICES: list[dict[str, Any]] = [
    {
        "id": number,
        "display": f"c-{number}",
        "serial": serial,
        "created": SAVED,
        "last_updated": SAVED,
        "custom_fields": {"delivered_at": delivered},
    }
    for number, serial, delivered in [
        (1, "S1", "2026-01-14T09:00:00Z"),
        (2, "", "2026-01-12T09:00:00Z"),
        (3, "S3", None),
    ]
]
INTERFACES = [{"id": 7, "device": {"id": 1}, "cable": None}]
CHANGES = [
    {
        "id": 10 + device["id"],
        "time": SAVED,
        "user_name": "svc-asn",
        "action": {"value": "create"},
        "changed_object_type": "dcim.device",
        "changed_object_id": device["id"],
        "prechange_data": None,
        "postchange_data": {},
    }
    for device in DEVICES
]
ENTRIES = [
    {
        "id": 5,
        "created": SAVED,
        "kind": {"value": "success"},
        "assigned_object_type": "dcim.device",
        "assigned_object_id": 1,
    }
]
PLANS = [{"id": 3, "device": "c-1", "serial": "S1", "last_updated": SAVED}]
TYPES = [
    {
        "id": 8,
        "app_label": "planner",
        "model": "plan",
        "rest_api_endpoint": "/api/plugins/planner/plans/",
    }
]
LISTS: Mapping[str, list[Any]] = {
    "/api/extras/journal-entries/": ENTRIES,
    "/api/plugins/planner/plans/": PLANS,
    "/api/core/object-types/": TYPES,
    "/api/dcim/devices/": DEVICES,
    "/api/dcim/interfaces/": INTERFACES,
    "/api/core/object-changes/": CHANGES,
}


def _reply(value: Any) -> Reply:
    return json_reply(value, API_Version="4.7")


def healthy(request: Request) -> Reply:
    """A NetBox with three devices, two of them delivered."""
    path = request.path.removeprefix("/netbox")
    if path == "/api/status/":
        return _reply({"netbox-version": "4.7.3"})
    if path == "/api/authentication-check/":
        return _reply({"id": 1, "username": "syncd"})
    if path not in LISTS:
        return Reply(404, b"<html>Page not found</html>", "text/html")
    query = request.query
    rows = LISTS[path]
    if empty := query.get("cf_delivered_at__empty"):
        wanted = empty == ["true"]
        rows = [row for row in rows if (row["custom_fields"]["delivered_at"] is None) is wanted]
    if "time_before" in query:
        rows = [row for row in rows if row["time"] <= query["time_before"][0]]
    start = int(query.get("start", ["0"])[0])
    page = [row for row in rows if row["id"] >= start][: int(query["limit"][0])]
    return _reply({"count": len(rows), "next": None, "results": page})


SECRETS = {"token": "nbt_s3cr3tkey471.t0k3n-s3cr3t-4714"}
FACES = [
    Face("netbox-count", connector, COUNT, healthy, SECRETS, headers={"X-Proxy": "pr0xy-s3cr3t"}),
    Face("netbox-completeness", connector, COMPLETENESS, healthy, SECRETS, path="/netbox/"),
    Face("netbox-journal", connector, JOURNAL, healthy, SECRETS),
    Face("netbox-drift", connector, DRIFT, healthy, SECRETS),
    Face("netbox-latency", connector, LATENCY, healthy, {"token": "0123456789abcdef-v1-s3cr3t"}),
]
