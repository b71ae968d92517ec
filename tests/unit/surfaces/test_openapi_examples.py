"""The examples of the OpenAPI document are answers that were got; `GOLDEN=write` gets them anew."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from syncd.store.readings import Content, write_reading
from syncd.store.schema import indicators
from syncd.surfaces.api import application
from syncd.surfaces.api.application import EXAMPLES, openapi
from tests.golden import held
from tests.unit.surfaces.api_world import KEY, STOCK, TOKEN, served
from tests.unit.surfaces.conftest import Site

CURSOR = "xHCCoOOWvOqqWyIyMDI2LVExL2RjaW0tbzIta3IzIl0"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
FIXED = "3f9ac2d1-6f0e-4d7a-9b51-0c8f2a7e4d13"
NOT_SHOWN = {"plan"}
"""This world was not made of files; its own test asks for plans."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Site]:
    yield from served(tmp_path)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Reading first, so that what is read is the world as it was made."""
    found = [
        (path, method, operation)
        for path, of_path in openapi()["paths"].items()
        for method, operation in of_path.items()
        if operation["operationId"] not in NOT_SHOWN
    ]
    yield from sorted(found, key=lambda one: (one[1] != "get", one[1], one[0]))


def said(operation: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """The body that the document shows for an operation."""
    if "requestBody" not in operation:
        return None
    content = operation["requestBody"]["content"]["application/json"]
    name = content["schema"]["$ref"].rpartition("/")[2]
    fields = schemas[name]["properties"].items()
    return {key: field["examples"][0] for key, field in fields if "examples" in field}


def answered(world: Site) -> dict[str, Any]:
    schemas = openapi()["components"]["schemas"]
    found = {}
    for path, method, operation in operations():
        names = {one["name"]: one for one in operation["parameters"] if one["in"] == "path"}
        values = {name: one["schema"]["examples"][0] for name, one in names.items()}
        if operation["operationId"] == "give_number":
            values["name"] = "support_coverage"
        if operation["operationId"] == "accept_number":
            values["name"] = hold_back(world)
        query = [one["name"] for one in operation["parameters"] if one["in"] == "query"]
        answer = world.client.request(
            method,
            f"/api/v1{path.format(**values)}",
            params={"limit": 1} if "limit" in query else None,
            headers={"Authorization": f"Bearer {TOKEN}"},
            json=said(operation, schemas),
        )
        assert answer.status_code in (200, 201), (method, path, answer.text)
        found[operation["operationId"]] = settled(answer.json())
    return found


def hold_back(world: Site) -> str:
    """Reads a number that is not believed; the name of its indicator."""
    now = world.clock.now()
    with world.store.write() as connection:
        connection.execute(
            sa.update(indicators)
            .where(indicators.c.fingerprint == STOCK.fingerprint)
            .values(plausible={"high": 40.0})
        )
        row = connection.execute(
            sa.select(indicators).where(indicators.c.fingerprint == STOCK.fingerprint)
        ).one()
        write_reading(connection, row, Content(900.0), observed_at=now, now=now)
    return STOCK.fingerprint


def settled(document: Any) -> Any:
    """Without what differs from store to store: the ids of events, and cursors."""
    if isinstance(document, list):
        return [settled(each) for each in document]
    if isinstance(document, dict):
        return {
            key: CURSOR
            if key == "next" and isinstance(each, str) and len(each) >= 16
            else settled(each)
            for key, each in document.items()
        }
    if isinstance(document, str):
        text = UUID.sub(FIXED, document)
        return re.sub(r"^(\d+)-[0-9a-f]{8}$", rf"\1-{FIXED[:8]}", text)
    return document


def test_the_examples_are_what_was_answered(world: Site) -> None:
    made = json.dumps(answered(world), indent=1, ensure_ascii=False) + "\n"

    held(EXAMPLES, made)


def test_every_answer_and_every_body_has_one() -> None:
    for path, _, operation in operations():
        ok = "201" if "201" in operation["responses"] else "200"
        assert "example" in operation["responses"][ok]["content"]["application/json"], path
        body = said(operation, openapi()["components"]["schemas"])
        assert body != {}, path


def test_an_example_is_of_the_key_result_that_addresses_name() -> None:
    assert json.loads(EXAMPLES.read_text())["key_result"]["id"] == KEY
    assert application.EXAMPLES.parent.name == "api"
