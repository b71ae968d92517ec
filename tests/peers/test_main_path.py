"""The main path on real servers: mapping file to metric, every number known beforehand.

NetBox and Prometheus are real. Jira has no free server: the sandbox speaks its REST API.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from syncd.clock import ManualClock
from syncd.demo.jira import JiraSandbox, Seed
from syncd.demo.netbox import NetBoxSandbox
from syncd.demo.prometheus import PrometheusSandbox
from syncd.process import Assembly, MappingKeeper, assemble
from syncd.settings import Installation, LimitsSetting, Secret, Settings, SourceSetting
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.detail import key_result_detail
from syncd.surfaces.documents import key_result_list
from syncd.surfaces.serve import WebServer
from tests.peers import world
from tests.peers.netbox import NetBox
from tests.peers.prometheus import Prometheus, promtool_check_metrics
from tests.plain import NO_TLS

MAPPINGS = Path(__file__).parents[1] / "mappings" / "small"
JIRA_TOKEN = "a-token-for-the-sandbox"
JIRA_USER = "reader@example.org"
SANDBOX_NETBOX_TOKEN = "nbt_abcdefghijkl.0123456789012345678901234567890123456789"

Urls = Mapping[str, tuple[str, str]]
"""Kind to (url, token)."""


@pytest.fixture(scope="module")
def jira() -> Iterator[tuple[str, str]]:
    clock = ManualClock(world.NOW)
    seed = Seed.model_validate(world.jira_seed())
    with JiraSandbox(seed, clock.now, token=JIRA_TOKEN, user=JIRA_USER) as sandbox:
        yield sandbox.url, JIRA_TOKEN


@pytest.fixture(scope="module")
def real(
    jira: tuple[str, str], netbox: NetBox, prometheus_server: Callable[..., Prometheus]
) -> Urls:
    netbox.reset()
    netbox.load(world.netbox_seed())
    prometheus = prometheus_server(history=world.prometheus_history())
    return {
        "jira": jira,
        "netbox": (netbox.url, netbox.token),
        "prometheus": (prometheus.url, ""),
    }


@contextmanager
def syncd(
    urls: Urls, tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Assembly]:
    """syncd on a few mappings, pointed at these servers."""
    monkeypatch.setenv("TEST_JIRA_USER", JIRA_USER)
    sources = {}
    for kind, (url, token) in urls.items():
        if token:
            monkeypatch.setenv(f"TEST_{kind.upper()}", token)
        sources[kind] = SourceSetting(
            kind=kind,
            url=url,
            user=Secret(env="TEST_JIRA_USER") if kind == "jira" else None,
            token=Secret(env=f"TEST_{kind.upper()}") if token else None,
            limits=LimitsSetting(attempts=1),
        )
    settings = Settings(
        mappings=MAPPINGS,
        database_url=f"sqlite:///{tmp_path / 'syncd.db'}",  # type: ignore[arg-type]
    )
    assembly = assemble(Installation(settings, sources), clock)
    try:
        assert MappingKeeper(assembly).refresh() is not None
        yield assembly
    finally:
        assembly.close()


def told(assembly: Assembly) -> dict[str, Any]:
    with assembly.store.read() as connection:
        return {document["id"]: document for document in key_result_list(connection)}


def detail(assembly: Assembly, key: str) -> Any:
    with assembly.store.read() as connection:
        return key_result_detail(connection, f"2026-Q1/{key}", now=assembly.clock.now())


EXACT = {
    "dcim-o1-kr1": world.COMPLETE / world.ACTIVE,
    "dcim-o2-kr1": world.IN_TIME / world.DELIVERED,
    "dcim-o2-kr3": 0.0,
    "dcim-o3-kr2": world.ZTP_SUCCESSES / world.ZTP_ATTEMPTS,
    "ce-o1-kr1": world.PAGES_P0 / world.PAGES,
    "ce-o3-kr1": world.CERTIFIED / world.TEAM,
    "ce-o4-kr1": None,
    "proc-o2-kr2": world.PURCHASES_TRACKED / world.PURCHASES,
}


def test_every_key_result_comes_out_exactly(
    real: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with syncd(real, tmp_path, ManualClock(world.NOW), monkeypatch) as assembly:
        reports = assembly.worker.cycle()
        found = told(assembly)
        completeness = detail(assembly, "dcim-o1-kr1")
        latency = detail(assembly, "dcim-o2-kr1")

    assert [report.error_type for report in reports] == [None] * len(reports)
    assert {key: document["value"] for key, document in found.items()} == EXACT
    assert found["dcim-o1-kr1"]["status"] == "at_risk"
    assert found["dcim-o2-kr3"]["status"] == "on_track"
    assert found["ce-o4-kr1"]["status"] == "no_data"
    assert {o["label"]: o["missing"] for o in completeness["evidence"]["objects"]} == {
        "c-0001 (A1)": ["{every: interfaces, where: {mgmt_only: true}, has: cable}"],
        "c-0004 (A4)": ["serial"],
        "c-0005 (A5)": ["primary_ip4"],
    }
    assert {o["label"] for o in latency["evidence"]["objects"]} == {
        "c-0006 (A6)",
        "c-0007 (A7)",
    }


def test_an_edit_in_netbox_moves_the_key_result_at_the_next_turn(
    real: Urls, netbox: NetBox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock(world.NOW)
    with syncd(real, tmp_path, clock, monkeypatch) as assembly:
        assembly.worker.cycle()
        netbox.patch("dcim/devices/4/", {"serial": "found it"})
        clock.advance(minutes=5)

        reports = assembly.worker.cycle()

        value = told(assembly)["dcim-o1-kr1"]["value"]
    netbox.patch("dcim/devices/4/", {"serial": ""})
    assert value == (world.COMPLETE + 1) / world.ACTIVE
    assert not any(report.full for report in reports if report.source == "netbox")
    assert sum(report.objects for report in reports if report.source == "netbox") <= 4


def test_prometheus_scrapes_syncd_and_reads_the_progress_back(
    real: Urls,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    prometheus_server: Callable[..., Prometheus],
) -> None:
    with syncd(real, tmp_path, ManualClock(world.NOW), monkeypatch) as assembly:
        assembly.worker.cycle()
        app = create_app(
            assembly.store,
            assembly.clock,
            own_metrics=assembly.instruments.registry,
            instance=InstanceInfo("0"),
        )
        web = WebServer(app, "127.0.0.1", 0)
        address = web.start()
        try:
            target = address.removeprefix("http://")
            scraper = prometheus_server(
                [{"job_name": "syncd", "static_configs": [{"targets": [target]}]}]
            )
            scraper.wait_until_scraped()
            (sample,) = scraper.wait_for('syncd_kr_progress_ratio{kr="dcim-o1-kr1"}')
            with httpx.Client(trust_env=False, verify=NO_TLS) as client:
                exposition = client.get(f"{address}/metrics").text
        finally:
            web.stop()

    assert float(sample["value"][1]) == world.COMPLETE / world.ACTIVE
    assert promtool_check_metrics(exposition) == []


def test_the_sandboxes_give_the_real_servers_readings(
    real: Urls, jira: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock(world.NOW)
    with (
        NetBoxSandbox(world.netbox_seed(), clock.now, token=SANDBOX_NETBOX_TOKEN) as netbox,
        PrometheusSandbox(world.prometheus_seed(), clock.now) as prometheus,
    ):
        stand_ins = {
            "jira": jira,
            "netbox": (netbox.url, SANDBOX_NETBOX_TOKEN),
            "prometheus": (prometheus.url, ""),
        }
        readings = []
        for name, urls in (("real", real), ("sandbox", stand_ins)):
            folder = tmp_path / name
            folder.mkdir()
            with syncd(urls, folder, clock, monkeypatch) as assembly:
                assembly.worker.cycle()
                evidence = [detail(assembly, key)["evidence"] for key in EXACT]
            readings.append(
                [
                    (
                        e["reading"]["value"],
                        e["reading"]["numerator"],
                        e["reading"]["denominator"],
                        [(o["label"], o["missing"]) for o in e["objects"]],
                    )
                    for e in evidence
                ]
            )

    assert readings[0] == readings[1]


class TestBadUpstreams:
    """The reading says what is wrong, the key result is unknown, the rest goes on."""

    def test_a_wrong_token(
        self, real: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wrong = {**real, "netbox": (real["netbox"][0], "nbt_abcdefghijkl." + "x" * 40)}

        with syncd(wrong, tmp_path, ManualClock(world.NOW), monkeypatch) as assembly:
            assembly.worker.cycle()
            found = told(assembly)

        assert found["dcim-o1-kr1"]["status"] == "no_data"
        assert found["dcim-o1-kr1"]["error_type"] == "unauthorised"
        assert found["ce-o1-kr1"]["value"] == EXACT["ce-o1-kr1"]

    def test_a_host_that_nobody_answers_at(
        self, real: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        nobody = {**real, "prometheus": ("http://127.0.0.1:9", "")}

        with syncd(nobody, tmp_path, ManualClock(world.NOW), monkeypatch) as assembly:
            assembly.worker.cycle()
            found = told(assembly)

        assert found["dcim-o3-kr2"]["status"] == "no_data"
        assert found["dcim-o3-kr2"]["error_type"] == "unreachable"
        assert found["dcim-o1-kr1"]["value"] == EXACT["dcim-o1-kr1"]

    def test_a_filter_that_netbox_silently_ignores(
        self, real: Urls, netbox: NetBox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (field,) = netbox.get("extras/custom-fields/")["results"]
        netbox.patch(f"extras/custom-fields/{field['id']}/", {"name": "shipped_at"})
        try:
            with syncd(real, tmp_path, ManualClock(world.NOW), monkeypatch) as assembly:
                assembly.worker.cycle()
                found = told(assembly)
        finally:
            netbox.patch(f"extras/custom-fields/{field['id']}/", {"name": "delivered_at"})

        assert found["dcim-o2-kr1"]["status"] == "no_data"
        assert found["dcim-o2-kr1"]["error_type"] == "filter_ignored"
        assert found["ce-o1-kr1"]["value"] == EXACT["ce-o1-kr1"]

    def test_a_source_that_goes_down_turns_its_key_results_stale_and_nothing_else(
        self, real: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = ManualClock(world.NOW)
        with (
            NetBoxSandbox(world.netbox_seed(), clock.now, token=SANDBOX_NETBOX_TOKEN) as netbox,
            syncd(
                {**real, "netbox": (netbox.url, SANDBOX_NETBOX_TOKEN)},
                tmp_path,
                clock,
                monkeypatch,
            ) as assembly,
        ):
            assembly.worker.cycle()
            before = told(assembly)
            netbox.fail_with(503)
            for _ in range(20):
                clock.advance(minutes=5)
                assembly.worker.cycle()
            down = told(assembly)
            netbox.recover()
            clock.advance(hours=1)
            assembly.worker.cycle()
            again = told(assembly)

        assert down["dcim-o1-kr1"]["status"] == "stale"
        assert down["dcim-o1-kr1"]["value"] == before["dcim-o1-kr1"]["value"]
        assert again["dcim-o1-kr1"]["status"] == before["dcim-o1-kr1"]["status"]


def test_no_secret_is_left_in_the_store(
    real: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with syncd(real, tmp_path, ManualClock(world.NOW), monkeypatch) as assembly:
        assembly.worker.cycle()

    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for name in ("TEST_JIRA", "TEST_NETBOX"):
        assert os.environ[name].encode() not in stored
