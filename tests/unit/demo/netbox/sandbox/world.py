"""What the tests of this folder share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from syncd.demo.netbox import NetBoxSandbox

V2 = "nbt_aaaabbbbcccc." + "s" * 40


def device(number: int, **said: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"c-{number}",
        "site": "s1",
        "role": "compute",
        "device_type": "x1",
        "created": f"2026-01-{number:02d}T12:00:00Z",
        "created_by": "svc-asn",
        "interfaces": [{"id": number, "name": "mgmt0", "mgmt_only": True}],
        **said,
    }


def seed(*devices: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "custom_fields": [
            {"name": "delivered_at", "type": "datetime", "object_types": ["dcim.device"]}
        ],
        "users": ["svc-asn", "alice"],
        "sites": [{"id": 1, "name": "S1", "slug": "s1"}],
        "racks": [{"id": 1, "name": "R1", "site": "s1"}],
        "roles": [{"id": 1, "name": "Compute", "slug": "compute"}],
        "manufacturers": [{"id": 1, "name": "Acme", "slug": "acme"}],
        "device_types": [{"id": 1, "model": "X1", "slug": "x1", "manufacturer": "acme"}],
        "devices": list(devices),
        **more,
    }


class Moved:
    """A clock for the tests."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 20, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def to(self, day: int, hour: float = 0) -> None:
        self.now = datetime(2026, 1, day, tzinfo=UTC) + timedelta(hours=hour)


def results(client: httpx.Client, sandbox: NetBoxSandbox, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(f"{sandbox.url}/api/{path}").json()["results"]
    return rows
