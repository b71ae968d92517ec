"""Measures across systems on real servers: from mapping file to API, every number known.

NetBox and Prometheus are real. Jira has no free server: the sandbox speaks its REST API.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.netbox import connector as netbox_connector
from syncd.clock import ManualClock
from syncd.demo.jira import JiraSandbox, Seed
from syncd.intake.hooks import HookPort, Hooks
from syncd.process import Assembly, MappingKeeper, assemble
from syncd.settings import Installation, LimitsSetting, Secret, Settings, SourceSetting
from syncd.store.claims import make_due
from syncd.store.manual import record_manual
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.serve import WebServer
from tests.peers import measures_world as world
from tests.peers import world as netbox_world
from tests.peers.netbox import NetBox
from tests.peers.prometheus import Prometheus
from tests.plain import NO_TLS

ORGANISATION = """\
organisation: Infrastructure
period: 2026-Q1
timezone: America/Los_Angeles
"""
JIRA_TOKEN = "a-token-for-the-sandbox"
JIRA_USER = "reader@example.org"
SECRET = "the-secret-of-the-hook"


@dataclass(frozen=True)
class Running:
    """syncd at work, and its address."""

    assembly: Assembly
    clock: ManualClock
    url: str
    netbox: NetBox

    def turn(self) -> list[str | None]:
        return [report.error_type for report in self.assembly.worker.cycle()]

    def get(self, path: str) -> Any:
        answer = httpx.get(f"{self.url}{path}", verify=NO_TLS)
        answer.raise_for_status()
        return answer.json()

    def values(self) -> dict[str, Any]:
        return {it["id"]: it["value"] for it in self.get("/api/v1/krs")["key_results"]}


@pytest.fixture(scope="module")
def prometheus(prometheus_server: Callable[..., Prometheus]) -> Prometheus:
    return prometheus_server(history=world.prometheus_history())


@pytest.fixture
def running(
    netbox: NetBox, prometheus: Prometheus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Running]:
    netbox.reset()
    netbox.load(netbox_world.netbox_seed())
    with syncd(netbox, prometheus, tmp_path, monkeypatch) as found:
        yield found


@contextmanager
def syncd(
    netbox: NetBox, prometheus: Prometheus, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Running]:
    clock = ManualClock(world.NOW)
    monkeypatch.setenv("TEST_JIRA_USER", JIRA_USER)
    monkeypatch.setenv("TEST_JIRA", JIRA_TOKEN)
    monkeypatch.setenv("TEST_NETBOX", netbox.token)
    mappings = folder / "q1-2026"
    mappings.mkdir()
    (mappings / "organisation.yaml").write_text(ORGANISATION)
    (mappings / "all.yaml").write_text(world.MAPPING)
    limits = LimitsSetting(attempts=1)
    with JiraSandbox(
        Seed.model_validate(world.jira_seed()), clock.now, token=JIRA_TOKEN, user=JIRA_USER
    ) as jira:
        installation = Installation(
            Settings(
                mappings=mappings,
                database_url=f"sqlite:///{folder / 'syncd.db'}",  # type: ignore[arg-type]
            ),
            {
                "jira": SourceSetting(
                    kind="jira",
                    url=jira.url,
                    user=Secret(env="TEST_JIRA_USER"),
                    token=Secret(env="TEST_JIRA"),
                    limits=limits,
                ),
                "netbox": SourceSetting(
                    kind="netbox", url=netbox.url, token=Secret(env="TEST_NETBOX"), limits=limits
                ),
                "prometheus": SourceSetting(kind="prometheus", url=prometheus.url, limits=limits),
            },
        )
        assembly = assemble(installation, clock)
        assert netbox_connector.hook is not None
        hooks = Hooks(
            {"netbox": HookPort("netbox", netbox_connector.hook, SECRET)},
            lambda source, concerned: make_due(assembly.store, source, concerned, now=clock.now()),
            clock,
            assembly.instruments,
        )
        web = WebServer(
            create_app(
                assembly.store,
                clock,
                own_metrics=assembly.instruments.registry,
                instance=InstanceInfo(version="test"),
                hooks=hooks,
            ),
            "127.0.0.1",
            0,
        )
        try:
            assert MappingKeeper(assembly).refresh() is not None
            yield Running(assembly, clock, web.start(), netbox)
        finally:
            web.stop()
            hooks.close()
            assembly.close()


def test_every_measure_across_systems_comes_out_exactly(running: Running) -> None:
    errors = running.turn()

    values = running.values()

    assert errors == [None] * len(errors)
    assert values == {
        "all-o1-kr1": pytest.approx(1 / 3),
        "all-o1-kr2": 1.0,
        "all-o1-kr3": pytest.approx(world.LOAD),
        "all-o1-kr4": world.PAGES_NOW / 4,
        "all-o1-kr5": 0.5,
        "all-o1-kr6": None,
        "all-o1-kr7": pytest.approx(world.CANDIDATES_DONE / world.CANDIDATES),
        "all-o1-kr8": 6 / 8,
        "all-o1-kr9": 24 * 86_400.0,
    }


def test_the_start_of_a_key_result_is_what_was_measured_of_the_quarter_before(
    running: Running,
) -> None:
    running.turn()

    found = running.get("/api/v1/krs/all-o1-kr4")

    assert found["start_value"] == pytest.approx(world.PAGES_THEN / world.WEEKS_OF_THE_QUARTER)
    assert found["goal"] == pytest.approx(0.6 * world.PAGES_THEN / world.WEEKS_OF_THE_QUARTER)


def test_a_coverage_names_what_is_missing_on_either_side(running: Running) -> None:
    running.turn()

    def keys(outcome: str) -> set[str]:
        path = "/api/v1/indicators/clusters_tracked/objects"
        return {it["id"] for it in running.get(f"{path}?outcome={outcome}")["objects"]}

    assert keys("pass") == {"a-1"}
    assert keys("fail") == {"b-2", "c-3"}
    assert keys("extra") == {"x-9"}


def test_a_key_that_is_not_there_fails_when_its_deadline_passes_and_nobody_reads(
    running: Running,
) -> None:
    running.turn()
    before = running.get("/api/v1/indicators/serials_tracked")["reading"]

    running.clock.move_to(world.NOW + timedelta(hours=19))
    running.assembly.worker.step()
    running.turn()
    after = running.get("/api/v1/indicators/serials_tracked")["reading"]

    assert (before["value"], before["pending"]) == (1.0, 1)
    assert (after["value"], after["pending"]) == (pytest.approx(2 / 3), 0)


def test_a_number_that_a_person_gives_is_told_and_goes_stale(running: Running) -> None:
    running.turn()
    record_manual(
        running.assembly.store,
        "morale",
        value=0.82,
        note="survey of 18 February",
        by="head of people",
        at=world.NOW,
        now=world.NOW,
    )
    running.turn()
    told = running.get("/api/v1/krs/all-o1-kr6")

    running.clock.move_to(world.NOW + timedelta(days=15))
    running.turn()
    later = running.get("/api/v1/krs/all-o1-kr6")

    assert (told["value"], told["status"]) == (0.82, "achieved")
    assert later["status"] == "stale"


def test_a_signed_notice_of_netbox_brings_its_change_to_the_metrics_at_the_next_step(
    running: Running,
) -> None:
    running.turn()
    running.netbox.patch("dcim/devices/4/", {"serial": "S4"})
    notice = json.dumps({"event": "updated", "model": "device", "data": {"id": 4}})
    signature = hmac.new(SECRET.encode(), notice.encode(), hashlib.sha512).hexdigest()
    post = partial(httpx.post, f"{running.url}/hooks/netbox", content=notice)

    forged = post(headers={"X-Hook-Signature": "0" * 128})
    after_forgery = running.turn()
    signed = post(headers={"X-Hook-Signature": signature})
    running.turn()

    assert (forged.status_code, after_forgery) == (401, [])
    assert signed.status_code == 202
    assert signed.json()["due"] >= 1
    assert running.values()["all-o1-kr8"] == 7 / 8
    metrics = httpx.get(f"{running.url}/metrics", verify=NO_TLS).text
    assert 'syncd_kr_value{kr="all-o1-kr8"' in metrics.replace('objective="all-o1",', "")
