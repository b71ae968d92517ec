from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from connectors.base import Batch, Number, Outcome, Timeline, Verdict, judge_fingerprint
from syncd.clock import ManualClock
from syncd.instruments import Instruments
from syncd.intake.reading import Proxy
from syncd.model import Catalogue
from syncd.store.catalogue import put_in_force
from syncd.store.claims import claim_due
from syncd.store.engine import Store
from syncd.store.publish import Cost, begin, publish_number, publish_scan
from syncd.surfaces.admission import Limits
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.guard import Door
from syncd.surfaces.serve import WebServer
from tests.plain import NO_TLS
from tests.store.catalogues import START, Named, catalogue, key_result, numbered, scanned
from tests.store.made import made
from tests.store.state import assess_all

HOSTILE = "<script>alert(1)</script>"


@dataclass(frozen=True)
class Site:
    """A store, its clock, and a client of the web server over both."""

    store: Store
    clock: ManualClock
    client: httpx.Client
    app: Starlette
    instruments: Instruments

    def metrics(self, **headers: str) -> httpx.Response:
        """What a scrape finds after the next look at the store."""
        self.app.state.metrics.look()
        return self.client.get("/metrics", headers=headers)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A served store that holds nothing yet."""
    with served(tmp_path) as found:
        yield found


@contextmanager
def served(
    folder: Path, limits: Limits | None = None, proxy: Proxy | None = None
) -> Iterator[Site]:
    """The same for as long as it is wanted."""
    store = made(folder / "syncd.db")
    clock = ManualClock(START)
    instruments = Instruments(["netbox"])
    app = create_app(
        store,
        clock,
        own_metrics=instruments.registry,
        instance=InstanceInfo(version="9.9.9"),
        door=Door(proxy=proxy, refused=instruments.refused),
        limits=limits,
        observer=instruments,
    )
    server = WebServer(app, "127.0.0.1", 0)
    try:
        with httpx.Client(base_url=server.start(), timeout=20, verify=NO_TLS) as client:
            yield Site(store, clock, client, app, instruments)
    finally:
        server.stop()
        store.close()


def put(site: Site, *wanted: Catalogue) -> None:
    put_in_force(
        site.store,
        *wanted,
        interval_of=lambda _: 300.0,
        link_of=lambda _: "https://netbox.example.org/?q",
        now=site.clock.now(),
    )


@pytest.fixture
def told(site: Site) -> Site:
    """Two key results: one of a scan with a failing, hostile device; one that has no value."""
    scan, empty = scanned("completeness"), numbered("out_of_stock")
    put(
        site,
        catalogue(
            [scan, empty],
            [
                key_result("dcim-o1-kr1", scan, title=HOSTILE),
                key_result("dcim-o2-kr3", empty),
            ],
        ),
    )
    publish_all(site)
    return site


def publish_all(site: Site) -> None:
    """Every due scope, judged and a minute ago."""
    now = site.clock.now()
    publish_due(site, "netbox")
    assess_all(site.store, site.clock)
    site.clock.move_to(now + timedelta(minutes=1))


def publish_due(site: Site, inventory: str, cost: Cost | None = None) -> None:
    """Every due scope: three devices of the source `inventory` pass and one fails; Prometheus has
    nothing to say.
    """
    now = site.clock.now()
    for claim in claim_due(
        site.store,
        now=now,
        room={inventory: 10, "prometheus": 10},
        lease_seconds=60,
        full_every_seconds=86_400,
    ):
        begin(site.store, claim)
        if claim.source == "prometheus":
            publish_number(site.store, claim, Number(None, now), now=now)
            continue
        batch = Batch((devices(now),), cursor={"at": "end"})
        judges = (judge_fingerprint(Named("complete")),)
        publish_scan(site.store, claim, judges, batch, observed_at=now, now=now, cost=cost)


def devices(at: datetime) -> tuple[Timeline, ...]:
    good = tuple(Timeline(i, at, (Verdict(at, None, Outcome.PASS),), label=i) for i in "123")
    bad = Verdict(at, None, Outcome.FAIL, missing=("serial",))
    return (*good, Timeline("4", at, (bad,), label="<b>four</b>", url="javascript:alert(1)"))
