"""`syncd run` is started while no upstream answers: one refuses, one has a name that does not resolve,
one accepts and says nothing. What is known is served at once, with its age; what is not is unknown.
The clock is the store's, and is moved by the test, so that nobody waits for circuits.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from syncd.clock import ManualClock
from syncd.demo.jira import Seed
from syncd.demo.prometheus import PrometheusSandbox
from syncd.process import MappingKeeper, assemble
from syncd.settings import Installation, Settings, SourceSetting
from tests.contract import faults
from tests.contract.face_sandboxes import Jira, NetBox, answering
from tests.contract.faultserver import FaultServer, Request
from tests.faults.front import Front
from tests.peers import world
from tests.peers.postgres import Postgres
from tests.peers.process import LOOPBACK, Process, free_port
from tests.plain import NO_TLS
from tests.soak.stores import postgres_with_a_clock
from tests.waiting import until

MAPPINGS = Path(__file__).parents[1] / "mappings" / "small"
TOKEN = "nbt_abcdefghijkl.0123456789012345678901234567890123456789"
USER = "reader@example.org"
LATER = world.NOW + timedelta(hours=6)
"""When the process starts: what was read at `world.NOW` is stale."""

NO_SUCH = "http://jira.syncd-faults.invalid"
JIRAS = {"ce-o1-kr1", "ce-o3-kr1", "ce-o4-kr1", "proc-o2-kr2"}
KNOWN = {
    "dcim-o1-kr1": world.COMPLETE / world.ACTIVE,
    "dcim-o2-kr1": world.IN_TIME / world.DELIVERED,
    "dcim-o2-kr3": 0.0,
    "ce-o1-kr1": world.PAGES_P0 / world.PAGES,
    "ce-o3-kr1": world.CERTIFIED / world.TEAM,
    "proc-o2-kr2": world.PURCHASES_TRACKED / world.PURCHASES,
}


def prometheus_seed() -> Any:
    """Consumables run out of stock while nobody looks."""
    points = [
        ((world.NOW - timedelta(days=1)).timestamp(), 0.0),
        ((world.NOW + timedelta(hours=1)).timestamp(), 2.0),
    ]
    function = {"shape": "steps", "points": points, "end": (LATER + timedelta(days=9)).timestamp()}
    metric = {"__name__": "consumables_out_of_stock"}
    return {"series": [{"metric": metric, "function": function}]}


def never(_: Request) -> bool:
    return True


@dataclass
class Started:
    """A process: where it listens, what brings two of its upstreams back, and what sets its clock."""

    address: str
    come_back: Callable[[], None]
    show_clock: Callable[[datetime], None]

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.address}{path}", trust_env=False, timeout=30, verify=NO_TLS)

    def told(self) -> dict[str, Any]:
        return {one["id"]: one for one in self.get("/api/v1/krs").json()["key_results"]}

    def statuses(self) -> dict[str, str]:
        return {key: one["status"] for key, one in self.told().items()}


@contextmanager
def started(postgres: Postgres, folder: Path, *, knows: bool) -> Iterator[Started]:
    """With a store that read everything at `world.NOW`, or with an empty one."""
    name = f"dead_upstreams_{'of_one_that_knows' if knows else 'of_an_empty_one'}"
    database, show_clock = postgres_with_a_clock(postgres, name)
    at = ManualClock(world.NOW)
    devices = NetBox(world.netbox_seed(), at.now, token=TOKEN)
    with Front(answering(devices), never) as netbox:
        port = free_port()
        if knows:
            read_everything(folder, database, at, netbox.url)
        at.move_to(LATER + timedelta(days=1))
        netbox.breaks(faults.never_answers, page=0)
        stock = PrometheusSandbox(prometheus_seed(), at.now, port=port)

        def come_back() -> None:
            netbox.mend()
            stock.start()

        urls = {"jira": NO_SUCH, "netbox": netbox.url, "prometheus": f"http://{LOOPBACK}:{port}"}
        listen = f"{LOOPBACK}:{free_port()}"
        show_clock(LATER)
        process = run(folder, database, urls, listen)
        try:
            yield Started(f"http://{listen}", come_back, show_clock)
        finally:
            process.stop()
            stock.stop()


def read_everything(folder: Path, database: str, clock: ManualClock, netbox: str) -> None:
    jira = Jira(Seed.model_validate(world.jira_seed()), clock.now, token=TOKEN, user=USER)
    with (
        FaultServer(answering(jira)) as issues,
        PrometheusSandbox(prometheus_seed(), clock.now) as prometheus,
    ):
        urls = {"jira": issues.url, "netbox": netbox, "prometheus": prometheus.url}
        os.environ |= {"DEAD_TOKEN": TOKEN, "DEAD_USER": USER}
        sources = {
            name: SourceSetting.model_validate(setting) for name, setting in settings(urls).items()
        }
        told = Settings(mappings=MAPPINGS, database_url=database)  # type: ignore[arg-type]
        assembly = assemble(Installation(told, sources), clock)
        try:
            assert MappingKeeper(assembly).refresh() is not None
            assembly.worker.cycle()
        finally:
            assembly.close()


def settings(urls: dict[str, str]) -> dict[str, Any]:
    token, user = {"env": "DEAD_TOKEN"}, {"env": "DEAD_USER"}
    # silence is borne for longer than the test is patient: who waits for it does not start in time
    limits = {"attempts": 1, "read": "10 min"}
    return {
        "jira": {
            "kind": "jira",
            "url": urls["jira"],
            "user": user,
            "token": token,
            "flavour": "cloud",
            "limits": limits,
        },
        "netbox": {"kind": "netbox", "url": urls["netbox"], "token": token, "limits": limits},
        "prometheus": {"kind": "prometheus", "url": urls["prometheus"], "limits": limits},
    }


def run(folder: Path, database: str, urls: dict[str, str], listen: str) -> Process:
    file = folder / "settings.yaml"
    file.write_text(json.dumps({"sources": settings(urls), "every": {"default": "5 min"}}))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SYNCD_")} | {
        "SYNCD_DATABASE_URL": database,
        "SYNCD_MAPPINGS": str(MAPPINGS),
        "SYNCD_RUN": "4 s",
        "SYNCD_RELOAD_EVERY": "1 s",
        "DEAD_TOKEN": TOKEN,
        "DEAD_USER": USER,
    }
    words = [sys.executable, "-m", "syncd", "--config", str(file), "run", "--listen", listen]
    return Process("syncd", words, log=folder / "log", env=environment)


@pytest.fixture(params=[True, False], ids=["a store that knows", "an empty store"])
def knows(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def up(syncd: Started) -> bool:
    try:
        return syncd.get("/readyz").is_success
    except httpx.TransportError:
        return False


def test_what_is_known_is_served_at_once_with_its_age_and_truth_follows(
    postgres: Postgres, tmp_path: Path, knows: bool
) -> None:
    with started(postgres, tmp_path, knows=knows) as syncd:
        until(lambda: up(syncd), "it is ready, whatever its upstreams are")
        unknown = {"stale", "no_data"} if knows else {"no_data"}
        until(lambda: set(syncd.statuses().values()) <= unknown, "nothing is good, nothing is bad")
        told = syncd.told()
        page, feed = syncd.get("/").text, syncd.get("/feed.json").json()
        until(lambda: failing(syncd) == {"jira", "netbox", "prometheus"}, "it says who is away")
        metrics = syncd.get("/metrics").text

        if knows:
            assert {key: told[key]["value"] for key in KNOWN} == KNOWN
            assert {told[key]["status"] for key in KNOWN} == {"stale"}
            assert datetime.fromisoformat(told["ce-o1-kr1"]["observed_at"]) == world.NOW
            assert {one["_syncd"]["kind"] for one in feed["items"]} >= {"data_stale"}
            assert "6 h" in page
        else:
            assert {one["value"] for one in told.values()} == {None}
            assert "syncd_indicator_value{" not in metrics

        syncd.come_back()

        for turn in range(1, 13):
            # a try that was under way before goes wrong yet, and the next comes later
            syncd.show_clock(LATER + turn * timedelta(minutes=10))
            if follows(syncd):
                break
        else:
            pytest.fail(f"what answers again is told as it is now: {syncd.told()}")
        left = {key: syncd.statuses()[key] for key in JIRAS}
        assert set(left.values()) <= unknown, "what does not is unknown still"
        assert re.search("does not resolve", syncd.get("/sources").text)


def failing(syncd: Started) -> set[str]:
    return set(
        re.findall(
            r'^syncd_source_up\{source="(\w+)"\} 0(?:\.0)?$',
            syncd.get("/metrics").text,
            re.MULTILINE,
        )
    )


def follows(syncd: Started) -> bool:
    """Whether the truth is told within some seconds."""
    try:
        until(lambda: truth(syncd), "truth", seconds=10.0)
    except AssertionError:
        return False
    return True


def truth(syncd: Started) -> bool:
    told = syncd.told()
    if failing(syncd) != {"jira"}:
        return False
    now = {"dcim-o1-kr1": world.COMPLETE / world.ACTIVE, "dcim-o2-kr3": 2.0}
    return all(
        told[key]["value"] == value and told[key]["status"] not in ("stale", "no_data")
        for key, value in now.items()
    )
