"""What the tests of this folder are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from connectors.base import SourceConfig
from connectors.prometheus import connector
from syncd.demo.prometheus import PrometheusSandbox
from tests.contract.faces import Recorder
from tests.peers.prometheus_measures.world import NOW, SEED, Opened, openmetrics
from tests.peers.victoria import VictoriaMetrics

if TYPE_CHECKING:
    from tests.peers.prometheus import Prometheus


@pytest.fixture(scope="package")
def real(prometheus_server: Callable[..., Prometheus]) -> str:
    return prometheus_server(history=openmetrics()).url


@pytest.fixture(scope="package")
def sandbox() -> Iterator[str]:
    with PrometheusSandbox(SEED, lambda: NOW) as running:
        yield running.url


@pytest.fixture(scope="package")
def victoria() -> Iterator[str]:
    with VictoriaMetrics(SEED["series"]) as running:
        yield running.url


@pytest.fixture(params=["real", "sandbox", pytest.param("victoria", marks=pytest.mark.peers)])
def url(request: pytest.FixtureRequest) -> str:
    """Each test holds on the real server, on the sandbox with the same samples, and on
    VictoriaMetrics, which is another program with the same API.
    """
    found: str = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def opened(url: str) -> Iterator[Opened]:
    recorder = Recorder()
    session = connector.open(SourceConfig("prom", "prometheus", url), recorder)
    yield Opened(session, recorder)
    session.close()
