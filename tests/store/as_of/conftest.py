"""What the tests of this folder are given."""

from __future__ import annotations

import pytest

from syncd.clock import ManualClock
from syncd.store.engine import Store
from tests.store.as_of.world import Quarter


@pytest.fixture
def quarter(store: Store, clock: ManualClock) -> Quarter:
    return Quarter(store, clock)
