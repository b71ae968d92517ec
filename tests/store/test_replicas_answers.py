"""Whoever of two replicas is asked, the answer is the same, to the byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from prometheus_client import CollectorRegistry

from syncd.clock import ManualClock
from syncd.instruments import Instruments
from syncd.model import Catalogue
from syncd.store.claims import Claim
from syncd.store.engine import Store
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.serve import WebServer
from tests.peers.postgres import Postgres
from tests.plain import NO_TLS
from tests.store.catalogues import Answer, catalogue, judged, key_result, numbered, scanned
from tests.store.conftest import Publish
from tests.store.state import assess_all

PATHS = (
    "/",
    "/kr/dcim-o1-kr1",
    "/feed.json",
    "/feed.atom",
    "/api/v1/krs",
    "/api/v1/krs/dcim-o1-kr1",
    "/api/v1/sources",
    "/api/v1/events",
)


@pytest.fixture
def store_url(postgres: Postgres, made_once: str) -> str:
    return postgres.create_database(template=made_once)


@pytest.fixture
def told(
    store: Store,
    clock: ManualClock,
    in_force: Callable[[Catalogue], None],
    claim: Callable[[], list[Claim]],
    publish: Publish,
) -> None:
    """Two key results: one with objects that fail, one of which nothing is known."""
    scan, empty = scanned("completeness"), numbered("out_of_stock")
    in_force(
        catalogue([scan, empty], [key_result("dcim-o1-kr1", scan), key_result("net-o1-kr1", empty)])
    )
    for one in claim():
        if one.source == "netbox":
            publish(one, Answer(judged(clock.now(), passing=["1"], failing=["2", "3"])).last())
    assess_all(store, clock)
    clock.advance(minutes=7)


@pytest.fixture
def replicas(store_url: str, clock: ManualClock) -> Iterator[list[httpx.Client]]:
    """Clients of two web servers, each with a store and metrics of its own; what a process says of
    itself differs between the two.
    """
    with ExitStack() as stack:
        found = []
        for number in range(2):
            store = Store(store_url)
            stack.callback(store.close)
            own = Instruments(["netbox"])
            own.clock_is_off(60.0 * number)
            app = create_app(
                store,
                clock,
                own_metrics=own.registry,
                instance=InstanceInfo("9.9.9", "https://okrs.example.org"),
            )
            server = WebServer(app, "127.0.0.1", 0)
            address = server.start()
            stack.callback(server.stop)
            client = httpx.Client(base_url=address, timeout=30, verify=NO_TLS)
            stack.callback(client.close)
            app.state.metrics.look()
            found.append(client)
        yield found


@pytest.mark.usefixtures("told")
def test_pages_feed_and_api_are_the_same(replicas: list[httpx.Client]) -> None:
    for path in PATHS:
        one, another = (client.get(path) for client in replicas)

        assert one.status_code == 200, path
        assert one.content == another.content, path


@pytest.mark.usefixtures("told")
def test_metrics_are_the_same_but_for_those_of_one_process(replicas: list[httpx.Client]) -> None:
    one, another = (client.get("/metrics").text for client in replicas)

    assert one != another
    assert of_all(one) == of_all(another)
    assert "syncd_kr_status" in of_all(one)


def of_all(metrics: str) -> str:
    """What is said of the store. A process's own families are those of its registry."""
    own = tuple(family.name for family in own_registry().collect())
    return "".join(
        line
        for line in metrics.splitlines(keepends=True)
        if not line.removeprefix("# HELP ").removeprefix("# TYPE ").startswith(own)
    )


def own_registry() -> CollectorRegistry:
    return Instruments(["netbox"]).registry
