"""Mapping files that change while `syncd run` is at work, seen from outside."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from syncd.clock import ManualClock
from syncd.demo.jira import JiraSandbox
from syncd.demo.jira.quarter import quarter_seed
from tests.plain import NO_TLS
from tests.unit.cli.plan.world import ORGANISATION, TEAM, TOKEN
from tests.waiting import until

SECONDS = 60.0
RUNS = r'syncd_runs_total\{error_type="",source="jira"\}'


@dataclass
class Running:
    """A `syncd run`, its mapping files, and its address."""

    folder: Path
    address: str
    words: list[str]
    process: subprocess.Popen[str]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(SECONDS) == 0

    def restart(self) -> None:
        self.stop()
        self.process = started(self.words, self.folder.parent)

    def write(self, team: str, second: str = "") -> None:
        """One file, or two: a change of both is one change."""
        if second:
            (self.folder / "ops.yaml").write_text(second, encoding="utf-8")
        (self.folder / "ce.yaml").write_text(team, encoding="utf-8")

    def get(self, path: str) -> Any:
        return httpx.get(f"{self.address}{path}", timeout=SECONDS, verify=NO_TLS).json()

    def titles(self) -> dict[str, str]:
        return {one["id"]: one["title"] for one in self.get("/api/v1/krs")["key_results"]}

    def metric(self, name: str) -> float | None:
        text = httpx.get(f"{self.address}/metrics", timeout=SECONDS, verify=NO_TLS).text
        found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
        return None if found is None else float(found[1])

    def events(self) -> list[str]:
        """What was told of the mapping files as a whole."""
        found = self.get("/api/v1/events")["events"]
        return [one["kind"] for one in found if one["subject"] == "mapping"]

    def until(self, holds: Callable[[], bool]) -> None:
        """Returns once it holds."""
        until(
            holds, "it never came to hold", meanwhile=self._goes_on, passes=(httpx.TransportError,)
        )

    def _goes_on(self) -> None:
        assert self.process.poll() is None, "the process ended by itself"


@pytest.fixture
def running(tmp_path: Path, unused_port: int) -> Iterator[Running]:
    clock = ManualClock(datetime(2026, 2, 15, 12, tzinfo=UTC))
    with JiraSandbox(quarter_seed(), clock.now, token=TOKEN, flavour="datacenter") as jira:
        config = tmp_path / "settings.yaml"
        config.write_text(
            f'sources: {{jira: {{kind: jira, url: "{jira.url}", token: {{env: T_JIRA}}}}}}\n'
            "settings: {reload_every: 1 s, grace: 5 s}\nevery: {default: 2 s}\n",
            encoding="utf-8",
        )
        folder = tmp_path / "mappings"
        folder.mkdir()
        (folder / "organisation.yaml").write_text(ORGANISATION, encoding="utf-8")
        (folder / "ce.yaml").write_text(TEAM, encoding="utf-8")
        address = f"127.0.0.1:{unused_port}"
        words = [
            *("--config", str(config), "--mappings", str(folder)),
            *("--database-url", f"sqlite:///{tmp_path / 'syncd.db'}"),
            *("run", "--listen", address),
        ]
        found = Running(folder, f"http://{address}", words, started(words, tmp_path))
        try:
            found.until(lambda: set(found.titles()) == {f"ce-o1-kr{n}" for n in (1, 2, 3)})
            yield found
            found.stop()
        finally:
            found.process.kill()


def started(words: list[str], home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "syncd", *words],
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "T_JIRA": TOKEN},
        stderr=subprocess.DEVNULL,
        text=True,
    )


def test_a_change_is_picked_up_a_bad_one_is_refused_whole_and_told(running: Running) -> None:
    # the first metrics may have been rendered before the files were taken up
    running.until(
        lambda: running.metric("syncd_mapping_last_accepted_timestamp_seconds") is not None
    )
    first = running.metric("syncd_mapping_last_accepted_timestamp_seconds")

    # a good one is taken up
    running.write(TEAM.replace("title: Team certified", "title: Everybody certified"))
    running.until(lambda: running.titles()["ce-o1-kr1"] == "Everybody certified")
    assert first is not None
    # the metrics are rendered at most once a second
    running.until(
        lambda: (running.metric("syncd_mapping_last_accepted_timestamp_seconds") or 0) > first
    )
    second = running.metric("syncd_mapping_last_accepted_timestamp_seconds")
    assert second is not None
    assert running.metric("syncd_mapping_accepted") == 1.0
    assert running.events().count("mapping_changed") == 2

    # a bad one is refused whole: the sound half of it is not taken up either
    sound = "team: ops\nobjectives: [{id: ops-o1, title: Ops, key_results: []}]\n"
    bad = TEAM.replace("title: Team certified", "title: Nobody certified")
    running.write(bad.replace("jira.ratio", "jira.ratoi"), second=sound)
    running.until(lambda: running.metric("syncd_mapping_accepted") == 0.0)
    told = running.get("/api/v1/mapping")
    assert running.titles()["ce-o1-kr1"] == "Everybody certified"
    assert running.metric("syncd_mapping_faults") == len(told["faults"]) > 0
    assert any("ce.yaml:" in fault for fault in told["faults"])
    assert "ops" not in told["in_force"]["teams"]
    assert running.metric("syncd_mapping_last_accepted_timestamp_seconds") == second
    loaded = running.metric("syncd_mapping_last_load_timestamp_seconds")
    assert loaded is not None
    assert loaded > second
    assert running.events().count("mapping_refused") == 1
    assert httpx.get(f"{running.address}/readyz", timeout=SECONDS, verify=NO_TLS).status_code == 200
    page = httpx.get(running.address, timeout=SECONDS, verify=NO_TLS).text
    assert "The newest mapping files were refused" in page

    # what was in force before goes on being measured
    runs = running.metric(RUNS)
    assert runs is not None
    running.until(lambda: (running.metric(RUNS) or 0.0) > runs)

    # mended, it is taken up
    (running.folder / "ops.yaml").unlink()
    running.write(bad)
    running.until(lambda: running.titles()["ce-o1-kr1"] == "Nobody certified")
    running.until(lambda: running.metric("syncd_mapping_accepted") == 1.0)
    assert running.metric("syncd_mapping_faults") == 0.0
    assert running.events().count("mapping_changed") == 3


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def test_who_starts_while_the_files_are_bad_goes_on_by_the_last_good_ones(
    running: Running,
) -> None:
    running.write(TEAM.replace("jira.ratio", "jira.ratoi"))
    # not by what is accepted: before any files are taken up that is 0 too
    running.until(lambda: (running.metric("syncd_mapping_faults") or 0.0) >= 1.0)

    running.restart()

    # a process counts its own runs, so these are of the one that only saw the bad files
    running.until(lambda: (running.metric(RUNS) or 0.0) >= 2.0)
    # these counts are the process's own; what the store tells may be rendered a second later
    running.until(lambda: running.metric("syncd_mapping_accepted") == 0.0)
    assert set(running.titles()) == {f"ce-o1-kr{n}" for n in (1, 2, 3)}
    running.write(TEAM.replace("title: Team certified", "title: Everybody certified"))
    running.until(lambda: running.titles()["ce-o1-kr1"] == "Everybody certified")
