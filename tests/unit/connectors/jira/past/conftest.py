"""What the tests of this folder are given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.unit.connectors.jira.past.world import Opener


@pytest.fixture(params=["cloud", "datacenter"])
def jira(request: pytest.FixtureRequest) -> Iterator[Opener]:
    with ExitStack() as stack:
        yield Opener(request.param, stack)


@pytest.fixture
def datacenter() -> Iterator[Opener]:
    with ExitStack() as stack:
        yield Opener("datacenter", stack)
