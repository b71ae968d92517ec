"""A tiny Prometheus, and sessions with it that are closed afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from connectors.base import Session, SilentObserver, SourceConfig
from connectors.prometheus import connector
from tests.contract.faces import QUICK
from tests.contract.faultserver import FaultServer
from tests.unit.connectors.prometheus.tiny_server import Opener, TinyServer


@pytest.fixture
def upstream() -> TinyServer:
    return TinyServer()


@pytest.fixture
def server(upstream: TinyServer) -> Iterator[FaultServer]:
    with FaultServer(upstream) as running:
        yield running


@pytest.fixture
def opened(server: FaultServer) -> Iterator[Opener]:
    sessions: list[Session] = []

    def open_one(*, secrets: Mapping[str, str] | None = None, **options: str) -> Session:
        settings: dict[str, Any] = {"limits": QUICK, "secrets": secrets or {}, "options": options}
        config = SourceConfig("src", "prometheus", server.url, **settings)
        sessions.append(connector.open(config, SilentObserver()))
        return sessions[-1]

    yield open_one
    for session in sessions:
        session.close()
