"""What the tests of real servers are given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.peers.netbox import NetBox
from tests.peers.netbox.watching import Upstream, World, new_world


@pytest.fixture(scope="module")
def upstream(netbox: NetBox) -> Iterator[Upstream]:
    served = Upstream(netbox.url, netbox.token)
    yield served
    served.close()


@pytest.fixture
def world(upstream: Upstream) -> Iterator[World]:
    with new_world(upstream) as made:
        yield made
