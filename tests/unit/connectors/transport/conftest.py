from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.base import (
    SilentObserver,
    SourceConfig,
)
from connectors.transport import Transport
from tests.contract.faces import QUICK
from tests.contract.faultserver import FaultServer
from tests.unit.connectors.transport.parts import (
    LIBRARIES,
    Opener,
    healthy,
)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer(healthy) as running:
        yield running


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Opens a transport and a session or client of it; closes it after the test."""
    transports: list[Transport] = []

    def open_one(library: str, url: str, **settings: Any) -> tuple[Transport, Any]:
        settings = {"limits": QUICK, **settings}
        observer = settings.pop("observer", SilentObserver())
        classify = settings.pop("classify", None)
        config = SourceConfig("src", "kind", url, **settings)
        transports.append(Transport(config, observer, classify=classify))
        return transports[-1], LIBRARIES[library](transports[-1])

    yield open_one
    for transport in transports:
        transport.close()
