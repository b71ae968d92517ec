"""Devices in a real NetBox: some thousand are loaded as the tests load theirs, the others are copies
of their rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.peers.netbox import NetBox
from tests.peers.netbox.server import LIVE
from tests.peers.postgres import Postgres

DELIVERED = datetime(2026, 2, 2, 8, tzinfo=UTC)
IDS = {"dcim_device": True, "core_objectchange": False}
"""Tables of which rows are copied, and whether a copy's id follows from the first row's."""


def load(netbox: NetBox, devices: int) -> None:
    """So many, by NetBox's own models."""
    netbox.load(_seed(devices))


def multiply(postgres: Postgres, loaded: int, times: range) -> None:
    """The loaded devices with their creations in the change log again, under ids that are higher by
    so many times their number.
    """
    for copy in times:
        by = copy * loaded
        _copy(postgres, "dcim_device", loaded, by, {"name": True, "asset_tag": True})
        _copy(postgres, "core_objectchange", loaded, by, {"changed_object_id": False})
    newest = "SELECT setval(pg_get_serial_sequence('dcim_device', 'id'), max(id)) FROM dcim_device"
    postgres.execute(newest, database=LIVE)
    postgres.execute("ANALYZE", database=LIVE)


def forget_above(postgres: Postgres, devices: int) -> None:
    """Takes out of the change log what it has of devices with higher ids, which are gone: copies
    will have these ids, and NetBox gives none twice.
    """
    postgres.execute(
        f"DELETE FROM core_objectchange WHERE changed_object_id > {devices} AND "  # noqa: S608
        "changed_object_type_id = (SELECT id FROM django_content_type "
        "WHERE app_label = 'dcim' AND model = 'device')",
        database=LIVE,
    )


def _copy(postgres: Postgres, table: str, loaded: int, by: int, own: Mapping[str, bool]) -> None:
    """The loaded rows once more; `own` columns differ as well: texts (true) or numbers."""
    columns = [
        name
        for (name,) in postgres.execute(
            "SELECT column_name FROM information_schema.columns "  # noqa: S608
            f"WHERE table_name = '{table}' AND table_schema = 'public' AND is_generated = 'NEVER'",
            database=LIVE,
        )
        if IDS[table] or name != "id"
    ]

    def value(name: str) -> str:
        if name == "id" or own.get(name) is False:
            return f'"{name}" + {by}'
        return f"\"{name}\" || '-{by}'" if name in own else f'"{name}"'

    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(map(value, columns))
    postgres.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} "  # noqa: S608
        f"WHERE id < (SELECT min(id) FROM {table}) + {loaded}",
        database=LIVE,
    )


def _seed(devices: int) -> dict[str, Any]:
    return {
        "custom_fields": [
            {"name": "delivered_at", "type": "datetime", "object_types": ["dcim.device"]}
        ],
        "sites": [{"id": 1, "name": "S 1", "slug": "s-1"}],
        "racks": [{"id": 1, "name": "R1", "site": "s-1"}],
        "roles": [{"id": 1, "name": "Server", "slug": "server"}],
        "manufacturers": [{"id": 1, "name": "Acme", "slug": "acme"}],
        "device_types": [{"id": 1, "model": "X1", "slug": "x1", "manufacturer": "acme"}],
        "devices": [_device(number) for number in range(1, devices + 1)],
    }


def _device(number: int) -> Mapping[str, Any]:
    delivered = DELIVERED + timedelta(minutes=number % 997)
    known = (delivered + timedelta(hours=number % 40)).isoformat()
    return {
        "id": number,
        "name": f"d-{number:05}",
        "site": "s-1",
        "role": "server",
        "device_type": "x1",
        "serial": f"S-{number}" if number % 3 else "",
        "asset_tag": f"A-{number}" if number % 5 else None,
        "rack": "R1" if number % 7 else None,
        "custom_fields": {"delivered_at": delivered.isoformat()},
        "created": known,
        "last_updated": known,
    }
