"""What the tests of this folder are given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest

from syncd.clock import ManualClock
from syncd.store.engine import Store
from tests.store.catalogues import START
from tests.store.exporting.world import DAY, SECOND, live, write
from tests.store.made import made


@pytest.fixture
def clock() -> ManualClock:
    """It is three days after the first quarter was closed."""
    return ManualClock(SECOND + 4 * DAY)


@pytest.fixture(scope="package")
def lived_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store in SQLite in which all that was lived, and its export."""
    folder = tmp_path_factory.mktemp("lived")
    store, clock = made(folder / "syncd.db"), ManualClock(START)
    live(store, clock)
    write(store, folder / "q1.syncd", clock)
    store.close()
    return folder


@pytest.fixture
def lived(lived_once: Path, tmp_path: Path) -> Iterator[Store]:
    copy(lived_once / "syncd.db", tmp_path / "syncd.db")
    store = Store(f"sqlite:///{tmp_path / 'syncd.db'}")
    yield store
    store.close()


@pytest.fixture
def file(lived_once: Path, tmp_path: Path) -> Path:
    return Path(copy(lived_once / "q1.syncd", tmp_path / "q1.syncd"))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Store]:
    """Another store, in which nothing is yet."""
    store = made(tmp_path / "elsewhere.db")
    yield store
    store.close()
