"""What the tests of this folder are given."""

from __future__ import annotations

import pytest

from tests.store.catalogues import catalogue
from tests.store.composing.world import ACTIVE, BOARD, COVERED, KR, InForce


@pytest.fixture
def covered(in_force: InForce) -> None:
    in_force(catalogue([COVERED, ACTIVE, BOARD], [KR]))
