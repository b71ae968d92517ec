"""What the tests of this folder share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.peers.netbox.watching import World

CABLED = {"every": "interfaces", "where": {"mgmt_only": True}, "has": "cable"}
PLACED = {"fields": ["serial", "asset_tag", "rack"]}
WIRED = {"fields": [CABLED]}


def completeness(world: World, *required: Mapping[str, Any]) -> dict[str, Any]:
    return {"measure": "netbox.completeness", **world.scope, "required": list(required)}
