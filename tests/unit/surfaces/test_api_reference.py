"""The reference of the API: its commands work, and it has every address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.site import ROOT
from syncd.surfaces.api.application import openapi
from tests.shell import Shell, commands
from tests.unit.documents.snippets import blocks
from tests.unit.surfaces.api_world import TOKEN, served
from tests.unit.surfaces.conftest import Site

REFERENCE = ROOT / "docs" / "reference" / "api.md"
PLAN = "/api/v1/plan"
"""Its command is run by its own test, on mapping files."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Site]:
    yield from served(tmp_path)


def test_its_commands_work_in_their_order(world: Site, tmp_path: Path) -> None:
    shown = [one.text for one in blocks("sh") if one.place.startswith("docs/reference/api.md#")]
    shell = Shell(tmp_path, str(world.client.base_url).rstrip("/"), TOKEN=TOKEN)
    variables = {"NEXT": "", "ETAG": ""}
    statuses = []
    for command in commands(shown):
        if PLAN in command:
            continue
        answer = shell.does(command, **variables)
        assert answer.ended == 0, (command, answer)
        assert answer.status in (200, 201, 304), (command, answer)
        statuses.append(answer.status)
        if "limit=2" in command:
            variables["NEXT"] = json.loads(answer.text)["next"] or ""
            variables["ETAG"] = world.client.get("/api/v1/krs").headers["etag"]

    assert len(statuses) == 13
    assert statuses.count(201) == 3
    assert statuses.count(304) == 1


def test_it_has_every_address() -> None:
    told = set(re.findall(r"`(/[^`]*)`", REFERENCE.read_text()))
    written = {"/krs/{id}/adjustments/{number}", "/externals/{name}/state"}

    for path in openapi()["paths"]:
        assert path in told or path in written or f"/api/v1{path}" in told | {PLAN}, path


def test_it_has_every_status() -> None:
    text = REFERENCE.read_text()
    statuses = {
        status
        for operations in openapi()["paths"].values()
        for operation in operations.values()
        for status in operation["responses"]
    }

    for status in statuses:
        assert re.search(rf"\b{status}\b", text), status
