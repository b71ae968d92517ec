"""From a change in a real NetBox to an alert that is delivered, and back: two replicas of syncd on
one PostgreSQL, a real Prometheus with the shipped rules, and a real Alertmanager that routes by the
shipped example. Only the windows are shorter.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from syncd.alerting import SHIPPED, Links, groups, rule_file
from tests.peers.alertmanager import Alertmanager, Delivered, Receiver
from tests.peers.netbox import NetBox
from tests.peers.netbox.watching import Upstream, World, new_world
from tests.peers.postgres import Postgres
from tests.peers.process import LOOPBACK, Process, boot
from tests.peers.prometheus import Prometheus
from tests.plain import NO_TLS

SECONDS = 90.0
"""Patience: the machine that tests run on may be busy with something else."""

FASTER = 4000
"""The window for a fall is then 21.6 s, and what it must last 0.2 s."""

TODAY = datetime.now(UTC).date()
EXAMPLE = Path(__file__).parents[2] / "deploy" / "prometheus" / "alertmanager.example.yaml"
PAGES, TICKETS = "now-o1-kr1", "now-o1-kr2"


@pytest.fixture
def world(netbox: NetBox) -> Iterator[World]:
    upstream = Upstream(netbox.url, netbox.token)
    with new_world(upstream) as made:
        yield made
    upstream.close()


def routing(receiver: str) -> dict[str, Any]:
    """The shipped example, with its waits made short and everything delivered to one address."""
    config: dict[str, Any] = YAML(typ="safe").load(EXAMPLE)
    config["route"] |= {"group_wait": "100ms", "group_interval": "1s"}
    for route in config["route"]["routes"]:
        route["matchers"] = [m.replace('team="dcim"', 'team="now"') for m in route["matchers"]]
    for one in config["receivers"]:
        one["webhook_configs"] = [{"url": receiver, "send_resolved": True}]
    return config


@pytest.fixture
def replicas(
    netbox: NetBox, world: World, postgres: Postgres, tmp_path: Path
) -> Iterator[list[str]]:
    """The addresses of two `syncd run` that measure the serials of a site every second. Half of
    the progress is expected by now.
    """
    (tmp_path / "settings.yaml").write_text(
        f'sources:\n  netbox: {{kind: netbox, url: "{netbox.url}", token: {{env: T_NETBOX}}}}\n'
        "every: {default: 1 s}\n"
    )
    mappings = tmp_path / "now"
    mappings.mkdir()
    (mappings / "organisation.yaml").write_text(
        f"organisation: Now\nperiod: {TODAY - timedelta(days=50)}/{TODAY + timedelta(days=50)}\n"
        "timezone: UTC\n"
    )
    (mappings / "now.yaml").write_text(
        f"""\
team: now
indicators:
  serials:
    measure: netbox.completeness
    endpoint: dcim.devices
    filter: {{site: {world.tag}}}
    required: [{{fields: [serial]}}]
objectives:
  - id: now-o1
    title: Serials are known
    key_results:
      - {{id: {PAGES}, title: Wakes somebody, owner: Lead, page: true, indicator: serials, target: {{at_least: 90 %}}}}
      - {{id: {TICKETS}, title: Opens a ticket, owner: Lead, indicator: serials, target: {{at_least: 100 %}}}}
"""
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SYNCD_")}
    environment |= {
        "SYNCD_DATABASE_URL": postgres.create_database(),
        "SYNCD_MAPPINGS": str(mappings),
        "T_NETBOX": netbox.token,
    }
    found = []
    with ExitStack() as stack:
        for number in range(2):
            log = tmp_path / f"log{number}"

            def launch(port: int, log: Path = log) -> Process:
                words = ["--config", str(tmp_path / "settings.yaml"), "run"]
                words += ["--listen", f"{LOOPBACK}:{port}"]
                argv = [sys.executable, "-m", "syncd", *words]
                return Process("syncd", argv, log=log, env=environment)

            process, port = boot(launch, is_ready, seconds=SECONDS)
            stack.callback(process.stop)
            found.append(f"{LOOPBACK}:{port}")
        yield found


def is_ready(port: int) -> bool:
    try:
        return httpx.get(
            f"http://{LOOPBACK}:{port}/readyz", trust_env=False, verify=NO_TLS
        ).is_success
    except httpx.TransportError:
        return False


def of(key: str, status: str) -> Callable[[Delivered], bool]:
    """Whether this is the alert on a sudden fall of a key result."""
    return lambda one: (
        one.labels["alertname"] == "SyncdKeyResultFell"
        and one.labels.get("kr") == key
        and one.status == status
    )


def test_a_change_in_netbox_pages_and_opens_a_ticket_and_its_mend_resolves_both(
    world: World,
    replicas: list[str],
    tmp_path: Path,
) -> None:
    devices = [world.device(serial=f"S-{number}") for number in range(10)]
    rules = tmp_path / "rules.yml"
    rules.write_text(rule_file(groups(SHIPPED.faster(FASTER)), Links()))
    with (
        Receiver() as receiver,
        Alertmanager(routing(receiver.url)) as alertmanager,
        Prometheus(
            [{"job_name": "syncd", "static_configs": [{"targets": replicas}]}],
            rules=[rules],
            alertmanager=alertmanager.url,
        ) as prometheus,
    ):
        well = f'min(syncd_kr_progress_ratio{{kr="{PAGES}"}}) == 1'
        prometheus.wait_for(well, seconds=SECONDS)

        for device in devices[:9]:
            world.upstream.edit("dcim/devices/", device, serial="")
        page = receiver.wait_for(of(PAGES, "firing"), seconds=SECONDS)
        ticket = receiver.wait_for(of(TICKETS, "firing"), seconds=SECONDS)
        firing = prometheus.query('ALERTS{alertname="SyncdKeyResultFell", alertstate="firing"}')
        for device in devices[:9]:
            world.upstream.edit("dcim/devices/", device, serial=f"again-{device}")
        resolved = [
            receiver.wait_for(of(key, "resolved"), seconds=SECONDS) for key in (PAGES, TICKETS)
        ]

    assert (page.receiver, page.labels["severity"]) == ("on-call", "page")
    assert page.annotations["summary"] == f"Wakes somebody fell behind suddenly ({PAGES})"
    assert (ticket.receiver, ticket.labels["severity"]) == ("dcim", "ticket")
    assert [one.receiver for one in resolved] == ["on-call", "dcim"]
    assert len(firing) == 2, "two replicas, and still one alert for each key result"
