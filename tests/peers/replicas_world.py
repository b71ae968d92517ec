"""Three `syncd run` on one PostgreSQL behind a pooler, whose machines' clocks are a minute apart,
and what they ask and tell: an upstream that knows who asks, and a receiver of their webhooks.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import httpx
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from syncd.demo.prometheus import PrometheusSandbox
from syncd.demo.serving import Answer, Request
from syncd.store.engine import Store
from syncd.store.migrating import HEAD, MIGRATIONS
from tests.peers.inbox import Inbox
from tests.peers.one_number import one_number, query_of
from tests.peers.pgbouncer import PgBouncer
from tests.peers.postgres import Postgres
from tests.peers.process import LOOPBACK, Process, free_port
from tests.plain import NO_TLS

SECONDS = 90.0
"""Patience: the machine that tests run on may be busy with something else."""

QUERIES = 6
EVERY_SECONDS = 1.0
LEASE_SECONDS = 4.0
RATE = 3
"""A second, fewer than would be asked."""

AT_ONCE = 3
CLOCKS = ("+0s", "+60s", "-60s")
"""How far each machine's clock is off."""

SECRET = "whsec_c3luY2Qgc3luY2Qgc3luY2Qgc3luY2Qgc3luY2Q="
GOOD, BAD = 20.0, 1.0


@dataclass(frozen=True)
class Asked:
    """A query that arrived, from which replica, and when (in `time.monotonic()` seconds)."""

    query: str
    replica: str
    at: float


class Source(PrometheusSandbox):
    """A Prometheus whose numbers are said by the test, and which can keep an answer back."""

    def __init__(self) -> None:
        super().__init__({"series": []}, lambda: datetime.now(UTC))
        self.asked: list[Asked] = []
        self.numbers = dict.fromkeys((f"q{n}" for n in range(QUERIES)), GOOD)
        self._held: tuple[str, threading.Event] | None = None
        self._stalled: threading.Event | None = None
        self._guard = threading.Lock()
        self.busy = 0
        self.busiest = 0

    def hold(self, query: str) -> threading.Event:
        """The next answer to this query is kept back until the event is set."""
        event = threading.Event()
        with self._guard:
            self._held = (query, event)
        return event

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Within it no answer goes out."""
        self._stalled = event = threading.Event()
        try:
            yield
        finally:
            self._stalled = None
            event.set()

    def answer(self, request: Request) -> Answer:
        if request.path != "/api/v1/query":
            return super().answer(request)
        query = query_of(request)
        with self._guard:
            self.asked.append(Asked(query, request.headers["x-replica"], time.monotonic()))
            self.busy += 1
            self.busiest = max(self.busiest, self.busy)
            held = self._held if self._held is not None and self._held[0] == query else None
            if held is not None:
                self._held = None
        for event in (self._stalled, None if held is None else held[1]):
            if event is not None:
                event.wait(SECONDS)
        with self._guard:
            self.busy -= 1
        return one_number(self.numbers[query])


@dataclass
class Replica:
    """One process and where it listens."""

    name: str
    clock: str
    process: Process
    address: str

    def get(self, path: str) -> str:
        """What it answers."""
        return httpx.get(f"{self.address}{path}", trust_env=False, timeout=30, verify=NO_TLS).text


@dataclass
class Replicas:
    """The whole; a context manager."""

    folder: Path
    postgres: Postgres = field(default_factory=Postgres)
    source: Source = field(default_factory=Source)
    inbox: Inbox = field(default_factory=Inbox)
    all: list[Replica] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)
    _url: str = ""
    _database: str = "replicas"

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.postgres)
            pooler = stack.enter_context(PgBouncer(self.postgres))
            stack.enter_context(self.source)
            stack.enter_context(self.inbox)
            made_by_the_version_before(self.postgres.create_database(self._database))
            self._url = pooler.url(self._database)
            self._write_mappings()
            stack.callback(self._kill)
            for clock in CLOCKS:
                self.all.append(self._begin(str(len(self.all)), clock))
            for one in self.all:
                self.ready(one)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *what: object) -> None:
        self._stack.close()

    def replace(self, one: Replica) -> Replica:
        """A new one with the same name, begun in its place."""
        fresh = self._begin(one.name, one.clock)
        self.all[self.all.index(one)] = fresh
        self.ready(fresh)
        return fresh

    def ready(self, one: Replica) -> None:
        """Returns once it is, and has put its own mapping files in force."""

        def so() -> bool:
            if "mapping.accepted" not in one.process.log.read_text():
                return False
            try:
                return httpx.get(f"{one.address}/readyz", trust_env=False, verify=NO_TLS).is_success
            except httpx.TransportError:
                return False

        one.process.wait_until(so, seconds=SECONDS)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the store."""
        return self.postgres.execute(query, database=self._database)

    def events(self, after: int = 0) -> list[tuple[Any, ...]]:
        """Position, id, kind, subject, before and after of what was told after a position."""
        return self.rows(
            "SELECT position, id, kind, subject, before->>'status', after->>'status' "  # noqa: S608
            f"FROM events WHERE position > {after} ORDER BY position"
        )

    def asked_of(self, query: str, since: float) -> list[Asked]:
        """When it was asked, and by whom, since a moment."""
        return [one for one in list(self.source.asked) if one.query == query and one.at >= since]

    def _kill(self) -> None:
        for one in self.all:
            one.process.stop(signal.SIGKILL)

    def _begin(self, name: str, clock: str) -> Replica:
        port = free_port()
        settings = self.folder / f"settings-{name}.yaml"
        settings.write_text(
            json.dumps(
                {
                    "sources": {
                        "prometheus": {
                            "kind": "prometheus",
                            "url": self.source.url,
                            "headers": {"X-Replica": name},
                            "limits": {"concurrency": AT_ONCE, "rate": f"{RATE}/s"},
                        }
                    },
                    "webhooks": {"ops": {"url": self.inbox.url, "secret": {"env": "OPS"}}},
                    "every": {"default": f"{EVERY_SECONDS:g} s"},
                }
            )
        )
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SYNCD_")}
        environment |= {
            "SYNCD_DATABASE_URL": self._url,
            "SYNCD_MAPPINGS": str(self.folder / "now"),
            "SYNCD_LEASE": f"{LEASE_SECONDS:g} s",
            "SYNCD_RELOAD_EVERY": "1 s",
            "OPS": SECRET,
        }
        words = [] if clock == "+0s" else ["faketime", "--exclude-monotonic", "-f", clock]
        words += [sys.executable, "-m", "syncd", "--config", str(settings), "run"]
        words += ["--listen", f"{LOOPBACK}:{port}"]
        log = self.folder / f"log-{name}-{port}"
        process = Process(f"syncd {name}", words, log=log, env=environment)
        return Replica(name, clock, process, f"http://{LOOPBACK}:{port}")

    def _write_mappings(self) -> None:
        today = datetime.now(UTC).date()
        folder = self.folder / "now"
        folder.mkdir()
        period = f"{today - timedelta(days=50)}/{today + timedelta(days=50)}"
        (folder / "organisation.yaml").write_text(
            f"organisation: Now\nperiod: {period}\ntimezone: UTC\n"
        )
        key_results = "".join(
            f"      - {{id: now-o1-kr{n}, title: Number {n}, owner: Lead, target: {{at_least: 10}}, "
            f"indicator: {{measure: prometheus.query, query: q{n}}}}}\n"
            for n in range(QUERIES)
        )
        (folder / "now.yaml").write_text(
            "team: now\nobjectives:\n  - id: now-o1\n    title: All is well\n    key_results:\n"
            f"{key_results}"
        )


def made_by_the_version_before(url: str) -> None:
    """A store as the step before the newest one left it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    newest = ScriptDirectory.from_config(config).get_revision(HEAD)
    store = Store(url)
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, str(newest.down_revision))
    store.close()
