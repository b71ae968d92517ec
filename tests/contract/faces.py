"""What a connector must show of itself to be held to the contract.

A *face* is one way to exercise one connector: how it is configured, one plan, and a tiny upstream
that speaks the minimal shapes of its protocol. To put a connector under the contract, write
`tests/contract/face_<kind>.py` with `FACES`, a list of them; nothing else is edited.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.base import (
    Connector,
    Exchange,
    Limits,
    NumberPlan,
    Plan,
    ScanJob,
    Session,
    SourceConfig,
)
from tests.contract.faultserver import Reply, Request

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)

QUICK = Limits(
    connect_seconds=2.0,
    read_seconds=5.0,
    attempts=2,
    backoff_seconds=0.01,
    backoff_max_seconds=0.02,
    body_bytes=100_000,
)
"""Limits under which faults are met and survived at once, and a slow machine fails nothing."""

HASTY = replace(QUICK, read_seconds=0.3)
"""For an upstream that says nothing: waiting for it is over in tenths of a second."""

SOURCE = "upstream-under-test"


@dataclass(frozen=True)
class Face:
    """One exercise of one connector.

    `plan` reads from the source `SOURCE`. `healthy` answers any request the exercise and
    `identify` make, at `NOW`, in less than 100,000 bytes each and always alike. `secrets` and
    `headers` hold distinctive values of at least eight characters, which must never show.
    `path` is appended to the server's address. `expected_types` adds error types to what the
    contract expects of a fault by its name, with the reason beside it where a face needs it.
    """

    name: str
    connector: Connector
    plan: Plan
    healthy: Callable[[Request], Reply]
    secrets: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""
    expected_types: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def opening(self) -> tuple[Any, ...]:
        """What a session is told, but for the secrets' own values: equal for faces that sign in
        in the same way.
        """
        options = tuple(sorted(self.options.items()))
        told = frozenset(self.secrets), frozenset(self.headers), options, self.path
        return (self.connector.kind, *told)

    def open(self, url: str, observer: Any, limits: Limits = QUICK) -> Session:
        """A session with the upstream at this address."""
        config = SourceConfig(
            name=SOURCE,
            kind=self.connector.kind,
            url=url + self.path,
            secrets=self.secrets,
            headers=self.headers,
            limits=limits,
            options=self.options,
        )
        return self.connector.open(config, observer)


class NothingKnown:
    """A store that holds nothing of the scope yet."""

    def count(self) -> int:
        return 0

    def ids(self) -> Iterator[str]:
        return iter(())


class Recorder:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def exchanged(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)


def measure(session: Session, plan: Plan, seconds: float = 30.0) -> Any:
    """What one exercise gives, comparable with `==`: the number, or all timelines of a scan."""
    deadline = time.monotonic() + seconds
    if isinstance(plan, NumberPlan):
        return session.read(plan, NOW, deadline)
    job = ScanJob(plan.scope, [plan.judge], NOW, deadline, NothingKnown())
    return [list(timelines) for batch in session.scan(job) for timelines in batch.timelines]


def identify(session: Session, plan: Plan, seconds: float = 30.0) -> Any:
    """Who the upstream says we are."""
    return session.identify(time.monotonic() + seconds)


CALLS: Mapping[str, Callable[..., Any]] = {"identify": identify, "measure": measure}


def all_faces() -> list[Face]:
    """Every face of every `face_*.py` beside this file, in the order of their names."""
    found: list[Face] = []
    for file in sorted(Path(__file__).parent.glob("face_*.py")):
        found += importlib.import_module(f"tests.contract.{file.stem}").FACES
    return found


def exercises() -> list[tuple[Face, str]]:
    """Every face with the name of a call. All measure; one of those that open their source alike
    identifies, for that knows no plan.
    """
    opened: set[Any] = set()
    found: list[tuple[Face, str]] = []
    for face in all_faces():
        if face.opening not in opened:
            opened.add(face.opening)
            found.append((face, "identify"))
        found.append((face, "measure"))
    return found
