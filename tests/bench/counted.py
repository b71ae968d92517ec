"""Work that is counted, which is the same on every machine: what `make bench-check` compares.

Everything is small: the repository's sandboxes, SQLite, and a clock that stands still while something
is counted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from connectors.base import Exchange, Session
from syncd.clock import ManualClock
from syncd.demo.jira.sandbox import JiraSandbox
from syncd.demo.netbox.sandbox import NetBoxSandbox
from syncd.demo.serving import Sandbox
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.serve import WebServer
from tests.bench import jira_world
from tests.bench.bench_world import EVERY, World, measured, opened, spread_over, world
from tests.bench.statements import countable, counted
from tests.capacity.__main__ import Upstream
from tests.load.world import Moving
from tests.store.catalogues import numbered, scanned

Counts = Mapping[str, int]
"""What was counted, by its name."""

BEGAN = datetime(2026, 2, 2, 8, tzinfo=UTC)
TOKEN = "0123456789abcdef0123456789abcdef01234567"
KEY_RESULTS = 20
OBJECTS = 2_000
ISSUES = 300
DEVICES = 300
CHANGED = 10
MOST_AT_ONCE = 1
"""Runs: several would be published in an order of their own."""


@dataclass
class Exchanges:
    """Counts requests, and the bytes that they bring."""

    requests: int = 0
    bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def exchanged(self, exchange: Exchange) -> None:
        """One more."""
        with self._lock:
            self.requests += 1
            self.bytes += exchange.bytes_received


def counts() -> dict[str, Counts]:
    """All that is counted, by part."""
    found: dict[str, Counts] = {}
    with countable():
        for part in (_numbers, _objects, _jira, _netbox, _prometheus, _surfaces):
            found |= part()
    return found


def _turn(turn: Callable[[], object], seen: Exchanges | None = None) -> Counts:
    before = (0, 0) if seen is None else (seen.requests, seen.bytes)
    with counted() as tally:
        turn()
    told = tally.told()
    if seen is not None:
        told |= {"requests": seen.requests - before[0], "bytes": seen.bytes - before[1]}
    return told


def _numbers() -> dict[str, Counts]:
    upstream = Upstream(0)
    indicators = [
        numbered(f"n{number}", query=f"sum(metric_{number})", source="upstream")
        for number in range(KEY_RESULTS)
    ]
    with _over(spread_over(indicators, KEY_RESULTS), {"upstream": upstream}) as made:
        first = _turn(made.now)
        upstream.turn += 1
        moved = _turn(made.turn)
        still = _turn(made.turn)
        idle = _turn(made.now)
    return {
        f"{KEY_RESULTS} numbers, first turn": first,
        f"{KEY_RESULTS} numbers, all others": moved,
        f"{KEY_RESULTS} numbers, none other": still,
        f"{KEY_RESULTS} numbers, nothing due": idle,
    }


def _objects() -> dict[str, Counts]:
    upstream = Upstream(OBJECTS)
    indicator = scanned("objects", source="upstream")
    with _over(spread_over([indicator], 1), {"upstream": upstream}) as made:
        first = _turn(made.now)
        upstream.turn += 1
        later = _turn(made.turn)
    return {f"{OBJECTS} objects, first turn": first, f"{OBJECTS} objects, 100 come again": later}


def _jira() -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for flavour, words in (("cloud", "Jira Cloud"), ("datacenter", "Jira Data Center")):
        clock = ManualClock(jira_world.NOW)
        cloud = flavour == "cloud"
        user = jira_world.USER if cloud else None
        with JiraSandbox(
            jira_world.seed(ISSUES),
            clock.now,
            flavour="cloud" if cloud else "datacenter",
            token=TOKEN,
            user=user,
        ) as sandbox:

            def change(sandbox: JiraSandbox = sandbox) -> None:
                for number in range(CHANGED):
                    sandbox.edit_issue(f"OPS-{11 * (number + 1)}", {"status": "Done"})

            secrets = {"token": TOKEN} | ({} if user is None else {"user": user})
            said = {"measure": "jira.duration", "jql": "project = OPS", "within": "48 h"}
            said |= {"from": "created", "to": {"status": "Done"}}  # type: ignore[dict-item]
            found |= _scanned(
                f"{words}, {ISSUES} issues", sandbox, clock, said, change, secrets, flavour=flavour
            )
    return found


def _netbox() -> dict[str, Counts]:
    clock = ManualClock(BEGAN + timedelta(hours=1))
    at = clock.now() + EVERY / 2
    changed = {"at": (at + EVERY).isoformat(), "by": "admin", "set": {"serial": "known"}}
    devices = [
        {
            "id": number,
            "name": f"d-{number}",
            "site": "s-1",
            "role": "server",
            "device_type": "x1",
            "serial": "" if number % 3 else f"S-{number}",
            "created": (BEGAN - timedelta(days=2)).isoformat(),
            "changes": [changed] if number <= CHANGED else [],
        }
        for number in range(1, DEVICES + 1)
    ]
    seed = {
        "sites": [{"id": 1, "name": "S 1", "slug": "s-1"}],
        "roles": [{"id": 1, "name": "Server", "slug": "server"}],
        "manufacturers": [{"id": 1, "name": "Acme", "slug": "acme"}],
        "device_types": [{"id": 1, "model": "X1", "slug": "x1", "manufacturer": "acme"}],
        "devices": devices,
    }
    said = {"measure": "netbox.completeness", "endpoint": "dcim.devices"}
    said |= {"required": [{"fields": ["serial"]}]}  # type: ignore[dict-item]
    with NetBoxSandbox(seed, clock.now, token=TOKEN) as sandbox:
        return _scanned(
            f"NetBox, {DEVICES} devices", sandbox, clock, said, lambda: None, {"token": TOKEN}
        )


def _scanned(
    words: str,
    sandbox: Sandbox,
    clock: ManualClock,
    said: Mapping[str, Any],
    change: Callable[[], None],
    secrets: Mapping[str, str],
    **options: Any,
) -> dict[str, Counts]:
    """Everything, then nothing changed, then a few (by `change`, or by the sandbox's own history)."""
    seen = Exchanges()
    kind = str(said["measure"]).partition(".")[0]
    session = opened(kind, sandbox.url, secrets, observer=seen, **options)
    with _over(spread_over([measured(said, kind, "x")], 1), {kind: session}, clock) as made:
        first = _turn(made.now, seen)
        still = _turn(made.turn, seen)
        change()
        later = _turn(made.turn, seen)
    return {
        f"{words}, first turn": first,
        f"{words}, nothing changed": still,
        f"{words}, {CHANGED} changed": later,
    }


def _prometheus() -> dict[str, Counts]:
    clock, seen = ManualClock(BEGAN), Exchanges()
    with Moving(clock.now) as sandbox:
        session = opened("prometheus", sandbox.url, {}, observer=seen)
        indicators = [
            measured(
                {"measure": "prometheus.query", "query": f"load_{number}", "unit": "ratio"},
                "prometheus",
                f"n{number}",
            )
            for number in range(KEY_RESULTS // 2)
        ]
        wanted = spread_over(indicators, KEY_RESULTS)
        with _over(wanted, {"prometheus": session}, clock) as made:
            first = _turn(made.now, seen)
            later = _turn(made.turn, seen)
    words = f"Prometheus, {KEY_RESULTS} key results on {KEY_RESULTS // 2} queries"
    return {f"{words}, first turn": first, f"{words}, later": later}


def _surfaces() -> dict[str, Counts]:
    upstream = Upstream(0)
    indicators = [
        numbered(f"n{number}", query=f"sum(metric_{number})", source="upstream")
        for number in range(KEY_RESULTS)
    ]
    found: dict[str, Counts] = {}
    with _over(spread_over(indicators, KEY_RESULTS), {"upstream": upstream}) as made:
        made.now()
        app = create_app(
            made.store,
            made.clock,
            own_metrics=made.instruments.registry,
            instance=InstanceInfo(version="bench"),
        )
        server = WebServer(app, "127.0.0.1", 0)
        try:
            with httpx.Client(base_url=server.start(), timeout=60) as client:
                # what is loaded and remembered at the first time is not counted
                client.get("/metrics").raise_for_status()
                # its thread looks when it likes: from here on we do
                app.state.metrics.stop()
                look = app.state.metrics.look
                look()
                found["metrics, a look while nothing happens"] = _turn(look)
                upstream.turn += 1
                made.turn()
                found[f"metrics, a look when all {KEY_RESULTS} were told anew"] = _turn(look)
                for path in ("/", "/feed.json", "/api/v1/krs", "/api/v1/krs/team0-o0-kr0"):
                    client.get(path).raise_for_status()
                    with counted() as tally:
                        answer = client.get(path, headers={"Accept-Encoding": "identity"})
                    found[f"GET {path}"] = {**tally.told(), "bytes": len(answer.content)}
        finally:
            server.stop()
    return found


@contextmanager
def _over(
    wanted: Any, sessions: Mapping[str, Session], clock: ManualClock | None = None
) -> Iterator[World]:
    with world(wanted, sessions, clock or ManualClock(BEGAN), pool=MOST_AT_ONCE) as made:
        yield made
