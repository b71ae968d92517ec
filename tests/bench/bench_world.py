"""A worker over a store of its own, whose sources and clock the benchmark has in hand."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.base import Json, Limits, Session, SilentObserver, SourceConfig
from syncd.clock import ManualClock
from syncd.instruments import Instruments
from syncd.measuring import RunReport
from syncd.model import Catalogue, Indicator
from syncd.registry import connectors, measures
from syncd.store.catalogue import put_in_force
from syncd.store.claims import make_due
from syncd.store.engine import Store
from syncd.worker import Worker, WorkerSettings
from tests.store.catalogues import catalogue, key_result

EVERY = timedelta(minutes=5)
FOR_EVER = 86_400.0
"""Seconds: no lease is renewed and nothing is read in full again while something is counted."""


@dataclass
class World:
    """What works, and what it works with."""

    store: Store
    clock: ManualClock
    worker: Worker
    instruments: Instruments
    sources: Sequence[str]

    def turn(self) -> list[RunReport]:
        """One turn of the worker, an interval later than the last. AssertionError: a run failed."""
        self.clock.advance(seconds=EVERY.total_seconds())
        return self.now()

    def due_at(self, moment: datetime) -> list[RunReport]:
        """One turn at a moment for which everything is made due."""
        self.clock.move_to(moment)
        for source in self.sources:
            make_due(self.store, source, lambda *_: True, now=moment)
        return self.now()

    def now(self) -> list[RunReport]:
        """One turn of the worker at this moment."""
        reports = self.worker.cycle()
        failed = [one for one in reports if one.error_type is not None or one.faulty]
        assert not failed, f"runs failed: {failed}"
        return reports


@contextmanager
def world(
    wanted: Catalogue,
    sessions: Mapping[str, Session],
    clock: ManualClock,
    *,
    pool: int = 4,
    url: str | None = None,
) -> Iterator[World]:
    """Nothing is read yet. `url` None: a new SQLite store."""
    with tempfile.TemporaryDirectory(prefix="syncd-bench-") as folder:
        store = Store(url or f"sqlite:///{Path(folder) / 'syncd.db'}")
        store.migrate()
        put(store, wanted, clock)
        instruments = Instruments(list(sessions))
        settings = WorkerSettings(
            pool=pool, lease_seconds=FOR_EVER, run_seconds=FOR_EVER, full_every_seconds=FOR_EVER * 9
        )
        worker = Worker(store, clock, sessions, observer=instruments, settings=settings)
        worker.work_on(wanted)
        try:
            yield World(store, clock, worker, instruments, list(sessions))
        finally:
            worker.close()
            store.close()


def put(store: Store, wanted: Catalogue, clock: ManualClock) -> None:
    """Puts a catalogue in force."""
    put_in_force(
        store,
        wanted,
        interval_of=lambda _: EVERY.total_seconds(),
        link_of=lambda _: None,
        now=clock.now(),
    )


def measured(said: Json, source: str, name: str) -> Indicator:
    """An indicator as a mapping file says it: `measure` and its words."""
    plan = measures()[said["measure"]].model_validate(said).plan(source)
    return Indicator(name, said["measure"], source, plan, plan.dimension, None, said)


def opened(
    kind: str,
    url: str,
    secrets: Mapping[str, str],
    limits: Limits | None = None,
    observer: Any = None,
    **options: Json,
) -> Session:
    """A session with a source of this kind, which is named after it."""
    config = SourceConfig(kind, kind, url, secrets, options=options, limits=limits or Limits())
    return connectors()[kind].open(config, observer or SilentObserver())


def spread_over(indicators: Sequence[Indicator], key_results: int) -> Catalogue:
    """So many key results over these indicators in turn, ten an objective and ten teams."""
    made: Iterable[Any] = (
        key_result(
            f"team{number % 10}-o{number // 10}-kr{number}", indicators[number % len(indicators)]
        )
        for number in range(key_results)
    )
    return catalogue(indicators, made)
