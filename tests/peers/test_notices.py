"""From a change in an upstream to syncd's metrics, by the upstream's own notice, while the schedule
would not look again for hours. NetBox sends its webhooks itself; Jira is the sandbox, for which the
test sends what Jira would.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from syncd.demo.jira import JiraSandbox, Seed
from tests.peers.browser import chromium
from tests.peers.netbox import NetBox
from tests.peers.netbox.watching import Upstream, World, new_world
from tests.peers.process import LOOPBACK, free_port
from tests.plain import NO_TLS
from tests.waiting import until

SECONDS = 5.0
"""From the change to the metrics."""

PATIENCE_SECONDS = 60.0
TRIES = 3
"""The machine that tests run on may be busy with something else."""

SECRET = "the-secret-of-both-hooks"
TODAY = datetime.now(UTC).date()
SEED = Seed.model_validate(
    {
        "projects": [{"key": "CE", "name": "Customers"}],
        "issue_types": [{"name": "Task"}],
        "statuses": [
            {"name": "To Do", "category": "new"},
            {"name": "Done", "category": "done"},
        ],
        "users": [{"accountId": "u-a", "displayName": "Alice", "emailAddress": "a@example.org"}],
        "issues": [
            {
                "key": f"CE-{number}",
                "created": f"{TODAY - timedelta(days=9)}T09:00:00Z",
                "reporter": "u-a",
                "fields": {"issuetype": "Task", "summary": "Pass", "status": "To Do"},
            }
            for number in range(1, 5)
        ],
    }
)


@pytest.fixture(scope="module")
def world(netbox: NetBox) -> Iterator[World]:
    upstream = Upstream(netbox.url, netbox.token)
    with new_world(upstream) as made:
        yield made
    upstream.close()


@pytest.fixture(scope="module")
def jira() -> Iterator[JiraSandbox]:
    with JiraSandbox(
        SEED, lambda: datetime.now(UTC), token="a-token-for-the-sandbox", user="a@example.org"
    ) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def syncd(
    netbox: NetBox, world: World, jira: JiraSandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of `syncd run`, which has measured everything once."""
    folder = tmp_path_factory.mktemp("notices")
    for number in range(4):
        world.device(serial="" if number else "S-0")
    (folder / "settings.yaml").write_text(
        f"""\
sources:
  netbox: {{kind: netbox, url: "{netbox.url}", token: {{env: T_NETBOX}}, hook_secret: {{env: T_HOOK}}}}
  jira: {{kind: jira, url: "{jira.url}", user: {{env: T_USER}}, token: {{env: T_JIRA}}, hook_secret: {{env: T_HOOK}}}}
every: {{default: 6 h}}
"""
    )
    mappings = folder / "now"
    mappings.mkdir()
    (mappings / "organisation.yaml").write_text(
        f"organisation: Now\nperiod: {TODAY - timedelta(days=9)}/{TODAY + timedelta(days=9)}\n"
        "timezone: UTC\n"
    )
    (mappings / "now.yaml").write_text(
        f"""\
team: now
objectives:
  - id: now-o1
    title: Seen at once
    key_results:
      - id: now-o1-kr1
        title: Serials are known
        indicator:
          measure: netbox.completeness
          endpoint: dcim.devices
          filter: {{site: {world.tag}}}
          required:
            - fields: [serial]
        target: {{at_least: 100 %}}
      - id: now-o1-kr2
        title: Exams are passed
        indicator: {{measure: jira.ratio, jql: project = CE, passing: statusCategory = Done}}
        target: {{at_least: 100 %}}
"""
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SYNCD_")}
    environment |= {
        "SYNCD_DATABASE_URL": f"sqlite:///{folder / 'syncd.db'}",
        "SYNCD_MAPPINGS": str(mappings),
        "T_NETBOX": netbox.token,
        "T_USER": "a@example.org",
        "T_JIRA": "a-token-for-the-sandbox",
        "T_HOOK": SECRET,
    }
    listen = f"{LOOPBACK}:{free_port()}"
    words = ["--config", str(folder / "settings.yaml"), "run", "--listen", listen]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "syncd", *words], env=environment, stdout=log, stderr=log
        )
        try:
            for key, first in (("now-o1-kr1", 0.25), ("now-o1-kr2", 0.0)):
                until(partial(is_told, f"http://{listen}", key, first))
            yield f"http://{listen}"
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="module")
def webhooks(netbox: NetBox, syncd: str) -> Iterator[None]:
    """NetBox tells of every changed device."""
    webhook = netbox.post(
        "extras/webhooks/",
        {
            "name": "syncd",
            "payload_url": f"{syncd}/hooks/netbox",
            "http_method": "POST",
            "http_content_type": "application/json",
            "secret": SECRET,
        },
    )
    rule = netbox.post(
        "extras/event-rules/",
        {
            "name": "syncd",
            "object_types": ["dcim.device"],
            "event_types": ["object_created", "object_updated", "object_deleted"],
            "action_type": "webhook",
            "action_object_type": "extras.webhook",
            "action_object_id": webhook["id"],
        },
    )
    with netbox.working():
        yield
    netbox.delete(f"extras/event-rules/{rule['id']}/")
    netbox.delete(f"extras/webhooks/{webhook['id']}/")


@pytest.mark.usefixtures("webhooks")
def test_a_change_in_netbox_is_in_the_metrics_within_seconds(world: World, syncd: str) -> None:
    site = world.upstream.call("GET", f"dcim/devices/?site={world.tag}&ordering=id")["results"]
    devices = [device["id"] for device in site[1:]]

    def change(number: int) -> None:
        world.upstream.edit("dcim/devices/", devices[number], serial=f"S-{number + 1}")

    took = [seconds_until(change, n, syncd, "now-o1-kr1", (n + 2) / 4) for n in range(TRIES)]

    assert min(took) < SECONDS


def test_a_change_in_jira_is_in_the_metrics_within_seconds(jira: JiraSandbox, syncd: str) -> None:
    def change(number: int) -> None:
        turn(jira, syncd, f"CE-{number + 1}", "Done")

    took = [seconds_until(change, n, syncd, "now-o1-kr2", (n + 1) / 4) for n in range(TRIES)]

    assert min(took) < SECONDS


def test_an_open_page_shows_a_change_in_jira_without_being_loaded_again(
    jira: JiraSandbox, syncd: str
) -> None:
    value = told(syncd, "now-o1-kr2")
    assert value is not None
    with sync_playwright() as playwright:
        # The sandbox of Chromium wants more rights than a container has.
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{syncd}/kr/now-o1-kr2")
        page.evaluate("document.body.dataset.loaded = 'once'")
        shown = page.locator("dt:text-is('Value') + dd")
        expect(shown).to_contain_text(f"{value * 4:g} of 4")

        turn(jira, syncd, "CE-4", "Done")

        expect(shown).to_contain_text(f"{value * 4 + 1:g} of 4", timeout=PATIENCE_SECONDS * 1000)
        assert page.evaluate("document.body.dataset.loaded") == "once"
        browser.close()
    turn(jira, syncd, "CE-4", "To Do")
    until(partial(is_told, syncd, "now-o1-kr2", value))


def turn(jira: JiraSandbox, syncd: str, key: str, status: str) -> None:
    """Gives an issue a status, and sends the notice that Jira would send."""
    jira.edit_issue(key, {"status": status})
    project = {"id": "10000", "key": "CE", "name": "Customers"}
    issue = {"key": key, "fields": {"project": project}}
    told_at = int(time.time() * 1000)
    notice = {"timestamp": told_at, "webhookEvent": "jira:issue_updated", "issue": issue}
    body = json.dumps(notice).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature": f"sha256={signature}"}
    httpx.post(
        f"{syncd}/hooks/jira", content=body, headers=headers, verify=NO_TLS
    ).raise_for_status()


def seconds_until(
    change: Callable[[int], None], number: int, syncd: str, key: str, wanted: float
) -> float:
    """How long it takes from a change until a key result's value in the metrics is this."""
    began = time.monotonic()
    change(number)
    until(partial(is_told, syncd, key, wanted))
    return time.monotonic() - began


def is_told(syncd: str, key: str, wanted: float) -> bool:
    """Whether the metrics say so."""
    return told(syncd, key) == wanted


def told(syncd: str, key: str) -> float | None:
    """The value that the metrics tell of a key result; None: they tell none."""
    try:
        metrics = httpx.get(f"{syncd}/metrics", verify=NO_TLS).text
    except httpx.TransportError:
        return None
    found = re.search(rf'^syncd_kr_value{{[^}}]*kr="{key}"[^}}]*}} (\S+)$', metrics, re.MULTILINE)
    return None if found is None else float(found[1])
