"""A source that accepts connections and never answers holds up nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from connectors.base import Limits, Plan, ScanPlan, SilentObserver, SourceConfig
from connectors.netbox import connector as netbox
from connectors.netbox.measures import Count as DeviceCount
from connectors.prometheus import connector as prometheus
from connectors.prometheus.measures import Query
from syncd.clock import ManualClock
from syncd.instruments import Instruments
from syncd.model import Indicator
from syncd.store.catalogue import put_in_force
from syncd.store.engine import Store
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.serve import WebServer
from syncd.worker import Worker, WorkerSettings
from tests.contract import faults
from tests.contract.faultserver import FaultServer, Reply, Request, json_reply
from tests.plain import NO_TLS
from tests.store.catalogues import START, catalogue, key_result
from tests.store.made import made
from tests.waiting import until

THREADS = 2
SCOPES = 5
"""Of the source that hangs, more than there are threads for it."""

EVERY_SECONDS = 60.0
TURNS = 3
PATIENCE_SECONDS = 60.0


def number(request: Request) -> Reply:
    """What a healthy Prometheus says to any query."""
    vector = [{"metric": {}, "value": [START.timestamp(), "7"]}]
    return json_reply({"status": "success", "data": {"resultType": "vector", "result": vector}})


@dataclass
class Installed:
    """A worker of two sources, one of which hangs."""

    store: Store
    clock: ManualClock
    instruments: Instruments
    worker: Worker


@contextmanager
def installed(
    folder: Path, hanging: FaultServer, sound: FaultServer, run_seconds: float
) -> Iterator[Installed]:
    store, clock, silent = made(folder / "syncd.db"), ManualClock(START), SilentObserver()
    # silence alone ends nothing: the deadline does
    limits = Limits(attempts=1, read_seconds=600.0)
    secrets = {"token": "t" * 40}
    sessions = {
        "netbox": netbox.open(
            SourceConfig("netbox", "netbox", hanging.url, secrets, limits=limits), silent
        ),
        "prometheus": prometheus.open(
            SourceConfig("prometheus", "prometheus", sound.url, limits=limits), silent
        ),
    }
    counts = [
        DeviceCount(measure="netbox.count", endpoint="dcim.devices", filter={"site": f"s-{n}"})
        for n in range(SCOPES)
    ]
    plans = {
        **{f"devices_{n}": one.plan("netbox") for n, one in enumerate(counts)},
        "up": Query(measure="prometheus.query", query="up").plan("prometheus"),
    }
    measured = [
        Indicator(name, "test.one", source_of(plan), plan, plan.dimension, None, {"of": name})
        for name, plan in plans.items()
    ]
    key_results = [key_result(f"ops-o1-kr{n}", one) for n, one in enumerate(measured)]
    in_force = catalogue(measured, key_results)
    put_in_force(
        store,
        in_force,
        interval_of=lambda _: EVERY_SECONDS,
        link_of=lambda _: None,
        now=clock.now(),
    )
    instruments = Instruments(list(sessions))
    settings = WorkerSettings(
        run_seconds=run_seconds, pool=THREADS, grace_seconds=0.0, lease_seconds=3600.0
    )
    worker = Worker(store, clock, sessions, observer=instruments, settings=settings)
    worker.work_on(in_force)
    try:
        yield Installed(store, clock, instruments, worker)
    finally:
        worker.close()
        store.close()


def source_of(plan: Plan) -> str:
    return plan.scope.source if isinstance(plan, ScanPlan) else plan.source


def test_others_keep_their_pace_while_all_threads_of_one_source_hang(tmp_path: Path) -> None:
    with FaultServer(number) as sound, FaultServer(number) as hanging:
        hanging.fail(faults.never_answers)
        with installed(tmp_path, hanging, sound, run_seconds=600.0) as found:
            working = threading.Thread(target=found.worker.run)
            working.start()
            try:
                until(lambda: len(hanging.requests) == THREADS, "all threads of the source hang")
                until(partial(asked, found.clock, sound, TURNS), "the other is read all the while")
                still = len(hanging.requests)
            finally:
                found.worker.stop()
                while working.is_alive():
                    # else who stops would wait for the deadline
                    hanging.hang_up_all()
                    working.join(0.1)

    assert still == THREADS, "meanwhile nothing of the one that hangs has ended"


def asked(clock: ManualClock, server: FaultServer, times: int) -> bool:
    """Whether it was asked so often; time goes on at each look."""
    clock.advance(seconds=EVERY_SECONDS / 6)
    return len(server.requests) >= times


def test_its_deadline_ends_it_its_circuit_opens_and_it_is_named(tmp_path: Path) -> None:
    with FaultServer(number) as sound, FaultServer(number) as hanging:
        hanging.fail(faults.never_answers)
        with installed(tmp_path, hanging, sound, run_seconds=0.5) as found:
            reports = found.worker.cycle()

            app = create_app(
                found.store,
                found.clock,
                own_metrics=found.instruments.registry,
                instance=InstanceInfo(version="test", external_url=None),
            )
            web = WebServer(app, "127.0.0.1", 0)
            with httpx.Client(
                base_url=web.start(), trust_env=False, timeout=60, verify=NO_TLS
            ) as client:
                metrics, page = client.get("/metrics").text, client.get("/sources").text
            web.stop()

    assert {(one.source, one.error_type) for one in reports} == {
        ("netbox", "timeout"),
        ("prometheus", None),
    }
    assert len(hanging.requests) == 2 * THREADS < SCOPES, "the rest is not asked any more"
    for line in (
        'syncd_source_circuit{source="netbox",state="open"} 1',
        'syncd_source_up{source="netbox"} 0',
        'syncd_source_up{source="prometheus"} 1',
        'syncd_indicator_value{indicator="up",source="prometheus",measure="test.one"} 7',
    ):
        assert line in metrics
    assert f"{SCOPES} of {SCOPES} queries fail" in page
    assert "left alone until" in page
    assert "the deadline passed" in page
