"""What the tests of this folder are given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.surfaces.api.world import got
from tests.unit.surfaces.api_world import served
from tests.unit.surfaces.conftest import Site


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Nobody changes it."""
    yield from served(tmp_path_factory.mktemp("world"))


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Site]:
    """One to change."""
    yield from served(tmp_path)


@pytest.fixture
def cursor(world: Site) -> str:
    cursor = got(world, "/krs", limit=1)["next"]
    assert isinstance(cursor, str)
    return cursor
