"""What the tests of this folder are given."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.plain import NO_TLS
from tests.unit.demo.netbox.sandbox.world import V2, Moved


@pytest.fixture
def clock() -> Moved:
    return Moved()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {V2}"}
    with httpx.Client(trust_env=False, headers=headers, verify=NO_TLS) as made:
        yield made
