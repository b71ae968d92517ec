"""The example connector under the contract: a number, and a scan."""

from __future__ import annotations

from syncd_depot import connector
from syncd_depot.measures import Level, Tested

from tests.contract.faces import SOURCE, Face
from tests.contract.faultserver import Reply, Request, json_reply

PARTS = [
    {"id": "p1", "name": "PSU 1", "received": "2026-01-05T08:00:00Z", "tested": "2026-01-06T08:00:00Z"},
    {"id": "p2", "name": "PSU 2", "received": "2026-01-05T08:00:00Z", "tested": "2026-01-09T08:00:00Z"},
    {"id": "p3", "name": "Fan 1", "received": "2026-01-05T08:00:00Z", "tested": None},
    {"id": "p4", "name": "Fan 2", "received": "2026-01-05T08:00:00Z", "tested": "2026-01-05T09:00:00Z"},
]  # fmt: skip


def healthy(request: Request) -> Reply:
    """A Depot with four parts in one site, two of them tested within two days."""
    if request.path == "/api/about":
        return json_reply({"version": "3.1", "account": "reader"})
    if request.path == "/api/levels":
        return json_reply({"levels": {"psu": 42}})
    if request.path == "/api/parts":
        return json_reply({"parts": PARTS if request.query["site"] == ["ams1"] else []})
    return Reply(404, b'{"error": "no such page"}')


FACES = [
    Face(
        name="depot-level",
        connector=connector,
        plan=Level(measure="depot.level", of="psu").plan(SOURCE),
        healthy=healthy,
        secrets={"token": "depot-s3cr3t-4731"},
        headers={"X-Site": "header-s3cr3t-4732"},
    ),
    Face(
        name="depot-tested",
        connector=connector,
        plan=Tested(measure="depot.tested", site="ams1", within="48 h").plan(SOURCE),
        healthy=healthy,
        secrets={"token": "depot-s3cr3t-4731"},
    ),
]
