"""A NetBox whose change log lost some rows, and the devices that it tells of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from syncd.demo.netbox.world import LogRow
from tests.unit.connectors.netbox.sandboxed import Upstream, at, text


def device(number: int, *changes: tuple[int, dict[str, Any]], **said: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"c-{number}",
        "site": "s1",
        "role": "compute",
        "device_type": "x1",
        "created": text(10),
        "created_by": "svc",
        "changes": [{"at": text(hour), "by": "svc", "set": edit} for hour, edit in changes],
        **said,
    }


FIRST = device(99, site="s3", created=text(0))
"""What the log begins with."""


def nothing(row: LogRow) -> bool:
    return False


class Forgetful(Upstream):
    """A NetBox whose log lost some rows."""

    def __init__(self, seed: dict[str, Any], lost: Any) -> None:
        super().__init__(seed)
        whole = self._history.at

        def at_(now: datetime) -> Any:
            world = whole(now)
            kept = tuple(row for row in world.log if not lost(row))
            return type(world)(
                world.devices, world.interfaces, world.cables, kept, world.journal, world.things
            )

        self._history.at = at_  # type: ignore[method-assign]


def before(limit: float) -> Any:
    return lambda row: row.time < at(limit)


def hour(moment: datetime) -> float:
    return (moment - at(0)) / timedelta(hours=1)
