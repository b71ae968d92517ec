"""The API is held to its OpenAPI document by schemathesis, through a real server over a real store."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.surfaces.api.application import openapi
from tests.examples import examples
from tests.unit.surfaces.api_world import TOKEN, served
from tests.unit.surfaces.conftest import Site

ROOT = Path(__file__).parents[3]
PROGRAM = Path(sys.executable).with_name("schemathesis")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Site]:
    yield from served(tmp_path)


@pytest.mark.timeout(600)
def test_nothing_that_is_served_violates_the_document(world: Site, tmp_path: Path) -> None:
    address = f"{world.client.base_url}/api/v1"

    found = subprocess.run(
        [
            *(PROGRAM, "--config-file", ROOT / "schemathesis.toml"),
            *("run", f"{address}/openapi.json", "--url", address, "--no-color"),
            *("--header", f"Authorization: Bearer {TOKEN}"),
            *("--max-examples", str(examples(2))),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, found.stdout + found.stderr
    there = sum(len(operations) for operations in openapi()["paths"].values())
    assert f"{there}/{there}" in found.stdout
