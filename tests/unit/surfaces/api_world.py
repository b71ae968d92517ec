"""A served store that has something of everything that the API tells, hostile strings included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from syncd.clock import ManualClock
from syncd.instruments import Instruments
from syncd.intake.access import Access
from syncd.intake.adjusting import GivenAdjustment, adjust, withdraw
from syncd.intake.externals import GivenState, set_state
from syncd.intake.manual import Given, set_number
from syncd.model import Catalogue, Checkpoint, External, Objective, Target, TargetType
from syncd.store.catalogue import put_in_force
from syncd.store.publish import Cost
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.guard import Door
from syncd.surfaces.serve import WebServer
from tests.plain import NO_TLS
from tests.store.catalogues import DUE, START, catalogue, key_result, numbered, scanned
from tests.store.made import made
from tests.unit.surfaces.composed import EVERY, KEY_RESULTS, held, publish_sets, tell
from tests.unit.surfaces.conftest import HOSTILE, Site, publish_due

TOKEN = "a token of this installation"
PERIOD = "2026-Q1"
COMPLETE = scanned("completeness", source="inventory")
STOCK = numbered("out_of_stock")
KEY = "dcim-o1-kr1"
FINDING = {
    "rule": "no-owner",
    "severity": "warning",
    "subject": f"kr:{PERIOD}/dcim-o2-kr3",
    "file": "q1-2026/dcim.yaml",
    "line": 12,
    "path": "owner",
    "says": "dcim-o2-kr3 has no owner",
    "fix": "owner: the name of who answers for it",
    "others": [{"subject": "team:dcim", "file": "q1-2026/dcim.yaml", "line": 1, "path": "team"}],
    "title": "Nobody owns it",
}


def served(folder: Path) -> Iterator[Site]:
    """The store and its server; the clock stands on the second day of the quarter."""
    store = made(folder / "syncd.db")
    clock = ManualClock(START)
    instruments = Instruments(["netbox"])
    app = create_app(
        store,
        clock,
        own_metrics=instruments.registry,
        instance=InstanceInfo(version="9.9.9", external_url="https://okrs.example.org"),
        door=Door(Access(TOKEN)),
    )
    server = WebServer(app, "127.0.0.1", 0)
    try:
        with httpx.Client(base_url=server.start(), timeout=60, verify=NO_TLS) as client:
            site = Site(store, clock, client, app, instruments)
            _fill(site)
            yield site
    finally:
        server.stop()
        store.close()


def _fill(site: Site) -> None:
    day = timedelta(days=1)
    put_in_force(
        site.store,
        _catalogue(),
        interval_of=lambda _: 300.0,
        link_of=lambda _: "https://netbox.example.org/?q",
        now=site.clock.now(),
        findings=[FINDING],
    )
    # devices, of which one fails, and a number that is not there
    publish_due(site, "inventory", Cost(seconds=2.34, requests=14, bytes_received=230_400))
    publish_sets(site, [held("A", START), held("B", START)], [held("a", START), held("Z", START)])
    now = site.clock.now()
    set_number(site.store, "support_coverage", Given("62 %", by="Ada", note="signed"), now=now)
    set_state(site.store, "recruiting", GivenState("at_risk", "one declined", "Ada"), now=now)
    note = GivenAdjustment("note", "the hand scanners arrived", "Ada")
    adjust(site.store, KEY, note, now=now)
    pause = adjust(
        site.store, KEY, GivenAdjustment("pause", "no power", "Ada", until="2026-02-20"), now=now
    )
    tell(site)
    site.clock.move_to(now + day / 2)
    withdraw(site.store, pause.said.id, by="Ada", reason="it is back", now=site.clock.now())
    tell(site)
    site.clock.move_to(now + day)


def _catalogue() -> Catalogue:
    of_share = Target(TargetType.AT_LEAST, goal=1.0)
    return catalogue(
        [COMPLETE, STOCK, *EVERY],
        [
            key_result(
                KEY,
                COMPLETE,
                title=HOSTILE,
                target=of_share,
                checkpoints=(Checkpoint(datetime(2026, 2, 16, 8, tzinfo=UTC), 0.9),),
                needs=("external:recruiting", "net-o1-kr1"),
                note="counted on Mondays",
            ),
            *(replace(one, target=of_share) for one in KEY_RESULTS),
            key_result("net-o1-kr1", STOCK, target=Target(TargetType.AT_MOST, goal=3.0)),
        ],
        [External("recruiting", "Recruiting keeps pace", "Head of recruiting", DUE)],
        period=PERIOD,
        starts=START,
        ends=DUE,
        objectives=[
            Objective("dcim-o1", "NetBox is the source of truth", "dcim", accountable=("Lead",)),
            Objective("dcim-o2", "Everything is covered", "dcim", joint_team="net"),
            Objective("net-o1", "Nothing is out of stock", "net"),
        ],
    )
