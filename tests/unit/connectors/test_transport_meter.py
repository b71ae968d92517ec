"""What some work costs: exchanges and bytes, counted where they are made."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextvars import copy_context

import pytest

from connectors.base import SilentObserver, SourceConfig, UpstreamError
from connectors.transport import Transport
from connectors.transport.meter import metered
from tests.contract import faults
from tests.contract.faces import QUICK
from tests.contract.faultserver import FaultServer, Reply, Request

BODY = b'{"n": 1}'


def eight_bytes(request: Request) -> Reply:
    return Reply(200, BODY)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer(eight_bytes) as running:
        yield running


@pytest.fixture
def transport(server: FaultServer) -> Iterator[Transport]:
    opened = Transport(SourceConfig("src", "kind", server.url, limits=QUICK), SilentObserver())
    yield opened
    opened.close()


def test_counts_the_exchanges_of_both_libraries(server: FaultServer, transport: Transport) -> None:
    with metered() as meter:
        transport.httpx_client().get(f"{server.url}/a")
        transport.requests_session().get(f"{server.url}/b")

    assert (meter.requests, meter.bytes_received) == (2, 2 * len(BODY))


def test_counts_failed_attempts_too(server: FaultServer, transport: Transport) -> None:
    server.fail(faults.status(500))

    with metered() as meter, pytest.raises(UpstreamError):
        transport.httpx_client().get(f"{server.url}/")

    assert meter.requests == QUICK.attempts


def test_counts_nothing_outside_its_block(server: FaultServer, transport: Transport) -> None:
    client = transport.httpx_client()
    with metered() as meter:
        client.get(f"{server.url}/")
    client.get(f"{server.url}/")

    assert meter.requests == 1


def test_of_nested_ones_each_counts_for_itself(server: FaultServer, transport: Transport) -> None:
    client = transport.httpx_client()
    with metered() as outer:
        client.get(f"{server.url}/")
        with metered() as inner:
            client.get(f"{server.url}/")

    assert (outer.requests, inner.requests) == (2, 1)


def test_another_thread_counts_where_it_runs_in_a_copy_of_the_context(
    server: FaultServer, transport: Transport
) -> None:
    client = transport.httpx_client()

    def ask() -> None:
        client.get(f"{server.url}/")

    with metered() as meter:
        inside = copy_context()
        threads = [threading.Thread(target=inside.run, args=(ask,)), threading.Thread(target=ask)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert meter.requests == 1
