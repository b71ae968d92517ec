from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.store.engine import Store
from tests.store.made import made
from tests.unit.outgoing.receiver import Receiver, receiver


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = made(tmp_path / "syncd.db")
    yield opened
    opened.close()


@pytest.fixture
def ops() -> Iterator[Receiver]:
    with receiver() as found:
        yield found
