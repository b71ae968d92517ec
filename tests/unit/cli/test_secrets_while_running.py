"""Secrets that are rotated while `syncd run` is at work, as a cluster rotates those it mounts."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from syncd.clock import ManualClock
from syncd.demo.jira import JiraSandbox
from syncd.demo.jira.quarter import quarter_seed
from tests.peers.process import free_port
from tests.plain import NO_TLS
from tests.unit.cli.plan.world import ORGANISATION, TEAM
from tests.waiting import until

SECONDS = 60.0
FIRST, SECOND = "the-first-token-of-jira", "the-second-token-of-jira"
READ = r'syncd_runs_total\{error_type="",source="jira"\}'
REFUSED = r'syncd_source_requests_total\{error_type="[^"]+",source="jira"\}'


class Mounted:
    """A Secret as Kubernetes mounts it: links to a hidden folder that is swapped as a whole."""

    def __init__(self, folder: Path, **values: str) -> None:
        self.folder = folder
        folder.mkdir()
        self._number = 0
        self.rotate(**values)
        for name in values:
            (folder / name).symlink_to(f"..data/{name}")

    def rotate(self, **values: str) -> None:
        self._number += 1
        hidden = self.folder / f"..{self._number}"
        hidden.mkdir()
        for name, value in values.items():
            (hidden / name).write_text(value)
        fresh = self.folder / "..data_tmp"
        fresh.symlink_to(hidden.name)
        fresh.rename(self.folder / "..data")


@dataclass
class Running:
    jira: JiraSandbox
    secrets: Mounted
    folder: Path
    address: str
    process: subprocess.Popen[str]
    log: Path

    def metric(self, name: str) -> float:
        text = httpx.get(f"{self.address}/metrics", timeout=SECONDS, verify=NO_TLS).text
        return sum(float(found) for found in re.findall(rf"^{name} (\S+)$", text, re.MULTILINE))

    def until(self, holds: Callable[[], bool]) -> None:
        until(
            holds,
            lambda: f"it never came to hold\n{self.log.read_text()[-3000:]}",
            meanwhile=self._goes_on,
            passes=(httpx.TransportError,),
        )

    def _goes_on(self) -> None:
        assert self.process.poll() is None, self.log.read_text()

    def look_again(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def writes_with(self, token: str) -> bool:
        """Whether the token lets in; the number itself is one that nobody gives."""
        answer = httpx.post(
            f"{self.address}/api/v1/indicators/none/readings",
            json={},
            headers={"Authorization": f"Bearer {token}"},
            timeout=SECONDS,
            verify=NO_TLS,
        )
        return answer.status_code not in (401, 403)

    def told(self, event: str) -> int:
        return self.log.read_text().count(f'"event": "{event}"')


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    clock = ManualClock(datetime(2026, 2, 15, 12, tzinfo=UTC))
    with JiraSandbox(quarter_seed(), clock.now, token=FIRST, flavour="datacenter") as jira:
        secrets = Mounted(tmp_path / "secrets", jira=FIRST, api="first-of-the-api")
        config = tmp_path / "settings.yaml"
        # nothing is looked at by itself: only SIGHUP makes it
        config.write_text(
            f'sources: {{jira: {{kind: jira, url: "{jira.url}",'
            f" token: {{file: {secrets.folder}/jira}}, limits: {{attempts: 1}}}}}}\n"
            f"settings: {{reload_every: 1 h, grace: 5 s, api_token: {{file: {secrets.folder}/api}}}}\n"
            "every: {default: 1 s}\n",
            encoding="utf-8",
        )
        folder = tmp_path / "mappings"
        folder.mkdir()
        (folder / "organisation.yaml").write_text(ORGANISATION, encoding="utf-8")
        (folder / "ce.yaml").write_text(TEAM, encoding="utf-8")
        address = f"127.0.0.1:{free_port()}"
        log = tmp_path / "log"
        with log.open("w") as sink:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "syncd"),
                    *("--config", str(config), "--mappings", str(folder)),
                    *("--database-url", f"sqlite:///{tmp_path / 'syncd.db'}"),
                    *("run", "--listen", address),
                ],
                env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
                stderr=sink,
                text=True,
            )
        found = Running(jira, secrets, folder, f"http://{address}", process, log)
        try:
            found.until(lambda: found.metric(READ) > 0)
            yield found
            process.send_signal(signal.SIGTERM)
            assert process.wait(SECONDS) == 0
        finally:
            process.kill()
            process.wait()


def test_rotated_secrets_and_edited_mapping_files_are_taken_up_at_a_signal(
    running: Running,
) -> None:
    # the upstream takes the new token only, and the mount is swapped
    running.jira.revoke(token=SECOND)
    running.secrets.rotate(jira=SECOND, api="second-of-the-api")
    (running.folder / "ce.yaml").write_text(
        TEAM.replace("title: Team certified", "title: Everybody certified"), encoding="utf-8"
    )
    running.until(lambda: running.metric(REFUSED) > 0)
    assert running.writes_with("first-of-the-api")

    running.look_again()

    running.until(lambda: running.told("secret.renewed") == 3)  # the log's, Jira's, the API's
    assert running.writes_with("second-of-the-api")
    assert not running.writes_with("first-of-the-api")
    read = running.metric(READ)
    running.until(lambda: running.metric(READ) > read)
    running.until(
        lambda: (
            "Everybody certified" in httpx.get(running.address, timeout=SECONDS, verify=NO_TLS).text
        )
    )

    # a secret that is gone stays in use
    running.secrets.rotate(jira=SECOND)
    running.look_again()
    running.until(lambda: running.told("secret.not_read") == 1)
    assert running.writes_with("second-of-the-api")

    log = running.log.read_text()
    assert running.told("looking_again") == 2
    for secret in (FIRST, SECOND, "first-of-the-api", "second-of-the-api"):
        assert secret not in log
