"""A device as the story knows it, before it becomes a seed's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from syncd.demo.quarter.days import END

SITES = ("stream-1", "cb3-1")
"""The sites of the key results; the others are noise."""

TRACKERS = ("svc-asn", "svc-atlas")
PEOPLE = ("alice", "bob", "carol")
WITH_MANAGEMENT = frozenset(("compute", "server"))
CABLES = "cables"
"""Stands among what is missing for the cables of the management interfaces."""


@dataclass
class Draft:
    """A device: what it will be once documented (`whole`), and what of that is `missing`.

    It appears at `created`, is delivered at `delivered` (UTC) and active from `active` on.
    `cabled`: by interface when its cable came, and by whom; None: with the device.
    """

    name: str
    site: str
    role: str
    created: datetime
    creator: str
    delivered: datetime
    active: datetime
    whole: dict[str, Any]
    missing: list[str] = field(default_factory=list)
    interfaces: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    cabled: dict[str, tuple[datetime | None, str]] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    documented: datetime | None = None
    retired: datetime | None = None
    device_type: str | None = None
    bay: dict[str, str] | None = None
    never: bool = False

    def then(self, moment: datetime, by: str, **values: Any) -> None:
        """Edits the device, unless the quarter is over by then."""
        if moment < END:
            self.changes.append({"at": moment, "by": by, "set": values})

    def counts_at(self, moment: datetime) -> bool:
        """Whether the device is there and active."""
        return self.active <= moment and not (self.retired and self.retired <= moment)

    def is_open_at(self, moment: datetime) -> bool:
        """Whether something is missing of it still."""
        return bool(self.missing) and not (self.documented and self.documented <= moment)


def fields_of(name: str, whole: dict[str, Any]) -> dict[str, Any]:
    """The fields that are filled in together."""
    if name == "rack":
        return {key: whole[key] for key in ("rack", "position", "face")}
    if name == "delivered_at":
        return {"custom_fields": {"delivered_at": whole["delivered_at"]}}
    return {name: whole[name]}


def text(moment: datetime) -> str:
    """A moment as NetBox writes it."""
    return moment.isoformat().replace("+00:00", "Z")
