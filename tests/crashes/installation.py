"""A whole `syncd run` beside upstreams that never rest: begun in a moment, killed at any."""

from __future__ import annotations

import json
import math
import os
import random
import re
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from tests.command import ROOT, Warm
from tests.crashes.upstreams import (
    INVOICE,
    PROJECTS,
    QUERIES,
    TOKEN,
    RestlessJira,
    RestlessNumbers,
)
from tests.peers.inbox import Inbox
from tests.peers.process import LOOPBACK, free_port
from tests.plain import NO_TLS
from tests.waiting import until

SECONDS = 120.0
"""Patience: the machine that tests run on may be busy."""

LOADED = (
    "tests.crashes.unprivileged",
    "connectors.jira",
    "connectors.prometheus",
    "syncd.doctor",
    "syncd.outgoing.courier",
    "syncd.surfaces.app",
    "syncd.surfaces.serve",
    "tracemalloc",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
)
"""What `syncd run` loads besides, so that a start is a fork."""

SECRET = "whsec_c3luY2Qgc3luY2Qgc3luY2Qgc3luY2Qgc3luY2Q="


@dataclass
class Running:
    """One process, from its beginning to its end."""

    python: Warm
    pid: int
    address: str
    log: list[str]
    _reading: threading.Thread

    def get(self, path: str) -> httpx.Response:
        """What it answers. Raises httpx.TransportError where it does not."""
        return httpx.get(f"{self.address}{path}", trust_env=False, timeout=30, verify=NO_TLS)

    @property
    def running(self) -> bool:
        """Whether the process is still there."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def ready(self) -> bool:
        try:
            return self.get("/readyz").is_success
        except httpx.TransportError:
            return False

    def lines(self, event: str) -> list[dict[str, Any]]:
        """What it has logged under a name so far."""
        found = [json.loads(line) for line in list(self.log) if line.startswith("{")]
        return [one for one in found if one.get("event") == event]

    def until(self, so: Callable[[], Any], what: str) -> Any:
        """What `so` gives once it is true; fails with `what` and the log when it does not."""
        return until(
            so,
            lambda: f"{what}\n{''.join(self.log[-20:])}",
            seconds=SECONDS,
            meanwhile=self._goes_on,
        )

    def _goes_on(self) -> None:
        assert self.running, f"it ended by itself\n{''.join(self.log[-20:])}"

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Sends a signal and waits; how it ended, as `subprocess` has it."""
        os.kill(self.pid, how)
        return self.wait()

    def wait(self) -> int:
        """How it ended by itself. Where it does not, each of its threads says where it stands."""
        try:
            status = self.python.ended(SECONDS)
        except TimeoutError:
            os.kill(self.pid, signal.SIGABRT)
            self._reading.join(SECONDS)
            pytest.fail(f"it does not end\n{''.join(self.log[-200:])}")
        self._reading.join(SECONDS)
        return status


@dataclass
class Installation:
    """Settings, mapping files, upstreams and a Python to fork from; a context manager."""

    folder: Path
    database_url: str
    seed: int = 20260101
    every: str = "0.1 s"
    more: dict[str, str] = field(default_factory=dict)
    preloaded: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    _begun: Running | None = None

    def __enter__(self) -> Self:
        chance = random.Random(self.seed)
        with ExitStack() as stack:
            self.jira = stack.enter_context(RestlessJira(random.Random(chance.random())))
            self.numbers = stack.enter_context(RestlessNumbers(random.Random(chance.random())))
            self.inbox = stack.enter_context(Inbox())
            self._write()
            self.python = Warm(*LOADED, preloaded={"PYTHONFAULTHANDLER": "1"} | self.preloaded)
            stack.callback(self.python.close)
            stack.callback(self._kill)
            # a start is a fork from now on
            assert self.begin("--version").wait() == 0
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *what: object) -> None:
        self._stack.close()

    def _kill(self) -> None:
        if self._begun is not None and self._begun.running:
            self._begun.end(signal.SIGKILL)

    @property
    def address(self) -> str:
        """Where it serves."""
        return f"http://{LOOPBACK}:{self.port}"

    def rest(self) -> None:
        """From now on nothing changes upstream."""
        self.jira.resting = self.numbers.resting = True

    def come_to_rest(self, running: Running) -> None:
        """Returns once nothing changes any more, what is told is the truth of the upstreams, and
        every letter was delivered.
        """
        self.rest()
        running.until(running.ready, "it is ready")
        running.until(lambda: told(running) == pytest.approx(self.truth()), "the truth is told")
        left = [math.inf]
        while left[-1] > 0:
            # who was killed hundreds of times has hundreds of letters left
            running.until(partial(_fewer, running, left), "more is delivered")

    @property
    def asked(self) -> int:
        """How many requests of its were answered since `forget`."""
        return sum(len(one.requests) for one in (self.jira, self.numbers, self.inbox))

    def forget(self) -> None:
        """From now on what was asked is counted anew."""
        for one in (self.jira, self.numbers, self.inbox):
            one.forget_requests()

    def truth(self) -> dict[str, float]:
        """What the upstreams say now, by key result."""
        shares = self.jira.truth()
        found = {f"now-o1-kr{place}": shares[key] for place, key in enumerate(PROJECTS, start=1)}
        return found | {f"now-o2-kr{q[1:]}": value for q, value in self.numbers.last.items()}

    def begin(self, *words: str) -> Running:
        """Starts `syncd run`, or other words; returns at once."""
        reading, writing = os.pipe()
        words = words or ("run", "--listen", f"{LOOPBACK}:{self.port}")
        call = {
            "words": ["--config", str(self.folder / "settings.yaml"), *words],
            "environment": self.environment(),
            "folder": str(ROOT),
        }
        lines: list[str] = []
        with os.fdopen(writing, "wb") as sink, Path(os.devnull).open("rb") as nothing:
            pid = self.python.begin(json.dumps(call).encode(), [nothing, sink, sink])

        def read() -> None:
            with os.fdopen(reading, encoding="utf-8", errors="replace") as source:
                for line in source:
                    lines.append(line)  # noqa: PERF402  it is looked at meanwhile

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        self._begun = Running(self.python, pid, self.address, lines, thread)
        return self._begun

    def environment(self) -> dict[str, str]:
        found = {k: v for k, v in os.environ.items() if not k.startswith("SYNCD_")}
        return found | {
            "SYNCD_DATABASE_URL": self.database_url,
            "SYNCD_MAPPINGS": str(self.folder / "now"),
            "SYNCD_LEASE": "1 s",
            # everything is read again and again, page by page, and goes on where it was cut
            "SYNCD_FULL_EVERY": "0.5 s",
            "SYNCD_RELOAD_EVERY": "1 s",
            "SYNCD_LOG_FORMAT": "json",
            "JIRA_USER": "reader@example.org",
            "JIRA_TOKEN": TOKEN,
            "OPS": SECRET,
            **self.more,
            **self.preloaded,
        }

    def _write(self) -> None:
        settings = {
            "sources": {
                "jira": {
                    "kind": "jira",
                    "url": self.jira.url,
                    "user": {"env": "JIRA_USER"},
                    "token": {"env": "JIRA_TOKEN"},
                    "flavour": "cloud",
                },
                "prometheus": {"kind": "prometheus", "url": self.numbers.url},
            },
            "webhooks": {"ops": {"url": self.inbox.url, "secret": {"env": "OPS"}}},
            "every": {"default": self.every},
        }
        (self.folder / "settings.yaml").write_text(json.dumps(settings))
        today = datetime.now(UTC).date()
        folder = self.folder / "now"
        folder.mkdir()
        (folder / "organisation.yaml").write_text(
            f"organisation: Now\nperiod: {today - timedelta(days=50)}/{today + timedelta(days=50)}\n"
            "timezone: UTC\n"
        )
        shares = [
            {
                "id": f"now-o1-kr{place}",
                "title": f"Invoices of {key}",
                "owner": "Lead",
                "target": {"at_least": "50 %"},
                "indicator": {
                    "measure": "jira.completeness",
                    "jql": f"project = {key}",
                    "required": [{"fields": [INVOICE]}],
                },
            }
            for place, key in enumerate(PROJECTS, start=1)
        ]
        numbers = [
            {
                "id": f"now-o2-kr{n}",
                "title": f"Number {n}",
                "owner": "Lead",
                "target": {"at_least": 10},
                "indicator": {"measure": "prometheus.query", "query": f"q{n}"},
            }
            for n in range(1, QUERIES + 1)
        ]
        objectives = [
            {"id": "now-o1", "title": "Whole", "key_results": shares},
            {"id": "now-o2", "title": "Well", "key_results": numbers},
        ]
        (folder / "now.yaml").write_text(json.dumps({"team": "now", "objectives": objectives}))


def _fewer(running: Running, left: list[float]) -> bool:
    """Whether fewer letters wait than at the last look; then how many is noted."""
    said = re.search(
        r'^syncd_outbox_depth\{target="webhook:ops"\} (\S+)$',
        running.get("/metrics").text,
        re.MULTILINE,
    )
    if said is not None and float(said[1]) < left[-1]:
        left.append(float(said[1]))
        return True
    return False


def told(running: Running) -> dict[str, float | None]:
    """The value of each key result, as a process tells it."""
    rows = running.get("/api/v1/krs").raise_for_status().json()["key_results"]
    return {row["id"]: row["value"] for row in rows}
