"""The reference of the API: its commands work, and it has every address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.surfaces.api.application import openapi
from tests.unit.surfaces.api_reference import REFERENCE, commands
from tests.unit.surfaces.api_world import TOKEN, served
from tests.unit.surfaces.conftest import Site

PLAN = "/api/v1/plan"
"""Its command is run by its own test, on mapping files."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Site]:
    yield from served(tmp_path)


def test_its_commands_work_in_their_order(world: Site) -> None:
    variables = {"TOKEN": TOKEN, "NEXT": "", "ETAG": ""}
    answers = []
    for command in commands():
        if command.path == PLAN:
            continue
        answer = command.sent(world.client, **variables)
        assert answer.status_code in (200, 201, 304), (command.path, answer.text)
        answers.append(answer.status_code)
        if answer.status_code == 200 and "limit=2" in command.path:
            variables["NEXT"] = answer.json()["next"] or ""
            variables["ETAG"] = world.client.get("/api/v1/krs").headers["etag"]

    assert len(answers) == 13
    assert answers.count(201) == 3
    assert answers.count(304) == 1


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
