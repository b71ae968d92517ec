"""One process of syncd, assembled: store, sessions, mapping, worker.

Nothing here decides anything about a number; it wires what does, and starts and stops it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import sqlalchemy as sa
import structlog

from connectors.base import NumberPlan, Observer, ScanPlan, Session, SourceConfig
from connectors.quantity import parse_duration
from syncd.clock import Clock
from syncd.instruments import Instruments
from syncd.loading import findings_of, load_again, load_mappings
from syncd.mapping import digest_of, settled
from syncd.model import Catalogue, Indicator
from syncd.registry import connectors
from syncd.sessions import RenewableSession
from syncd.settings import Installation, Settings
from syncd.store.catalogue import put_in_force
from syncd.store.clock import clock_of
from syncd.store.closing import changed_since
from syncd.store.engine import Store, StoreUnusable
from syncd.store.files import Unfit, looked_through
from syncd.store.loads import files_in_force, record_refusal
from syncd.store.periods import period_views, present
from syncd.store.rates import SharedRates
from syncd.store.standing import Standstill
from syncd.tracing import doing
from syncd.tracing.exchanges import Exchanges
from syncd.worker import Worker, WorkerSettings

log = structlog.get_logger(__name__)

LOOKED_SECONDS = 5.0
"""So long a start may take to look for damage in an SQLite file; `syncd doctor` takes longer."""


@dataclass(frozen=True)
class Assembly:
    """The parts of a process, open. Close the worker, then the store."""

    installation: Installation
    store: Store
    sessions: Mapping[str, RenewableSession]
    instruments: Instruments
    worker: Worker
    clock: Clock

    def close(self) -> None:
        """Ends threads, sessions and the store's connections."""
        self.worker.close()
        self.store.close()


def assemble(installation: Installation, clock: Clock | None = None) -> Assembly:
    """Opens and migrates the store, opens the sources (no I/O yet), makes the worker. `clock` None:
    the store's own.

    Raises SettingsRefused (a secret is missing) and StoreUnusable.
    """
    settings = installation.settings
    configs = [source.config(name) for name, source in installation.sources.items()]
    instruments = Instruments(list(installation.sources), installation.targets)
    store = Store(settings.database())
    _require_whole(store)
    store.migrate()
    store.standing.told = _tell_in_the_log(store)
    instruments.store_is_writable(lambda: store.standing.standstill is None)
    clock = clock or clock_of(store)
    shared = None if store.is_sqlite else SharedRates(store)
    sessions = {
        config.name: RenewableSession(partial(_opened, Exchanges(instruments), shared), config)
        for config in configs
    }
    worker = Worker(
        store,
        clock,
        sessions,
        observer=instruments,
        settings=worker_settings(settings),
        # one process keeps to them by itself
        at_once=None if shared is None else {one.name: one.limits.concurrency for one in configs},
    )
    return Assembly(installation, store, sessions, instruments, worker, clock)


def _require_whole(store: Store) -> None:
    """Returns where an SQLite file is sound, as far as can be seen in some seconds: who works on a
    damaged one makes it worse. Raises StoreUnusable.
    """
    if store.file is None or not store.file.is_file() or not store.file.stat().st_size:
        return
    try:
        if not looked_through(store.file, LOOKED_SECONDS):
            log.debug("store.looked_through_in_part", store=store.name, seconds=LOOKED_SECONDS)
    except Unfit as error:
        raise StoreUnusable(f"{store.name} {error}") from error


def _tell_in_the_log(store: Store) -> Callable[[Standstill | None, float], None]:
    def told(standstill: Standstill | None, seconds: float) -> None:
        if standstill is None:
            log.info("store.recovered", store=store.name, seconds=round(seconds, 3))
        else:
            log.error(
                "store.failing",
                store=store.name,
                error=standstill.said,
                trouble=standstill.trouble.value,
                words=standstill.words,
            )

    return told


def _opened(observer: Observer, shared: SharedRates | None, config: SourceConfig) -> Session:
    """A session with a source. Does no I/O."""
    return connectors()[config.kind].open(replace(config, shared_rate=shared), observer=observer)


def worker_settings(settings: Settings) -> WorkerSettings:
    """How a worker works, as the installation says."""
    return WorkerSettings(
        run_seconds=parse_duration(settings.run),
        lease_seconds=parse_duration(settings.lease),
        full_every_seconds=parse_duration(settings.full_every),
        grace_seconds=parse_duration(settings.grace),
    )


class MappingKeeper:
    """Puts the mapping files in force, again whenever they change. A bad change is refused and
    told; what is in force stays. Who starts while the files are bad goes on by the last good ones,
    which the store has kept.
    """

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self._seen: object = None
        self._works = False

    def refresh(self) -> Sequence[Catalogue] | None:
        """Loads the files if they changed since the last call, or if another period is the present
        one or is closed; what is in force then, if they are accepted.
        """
        folder = self._assembly.installation.settings.mappings
        now = self._assembly.clock.now()
        if (digest_of(folder), self._periods(now)) == self._seen:
            return None
        with doing("mapping"):
            try:
                return self._load(folder, now)
            except BaseException:
                # else the next call would take them for loaded
                self._seen = None
                raise

    def _load(self, folder: Path, now: datetime) -> Sequence[Catalogue] | None:
        installation = self._assembly.installation
        loaded, digest = settled(folder, lambda: load_mappings(installation))
        self._seen = (digest, self._periods(now))
        if not loaded.catalogues:
            faults = [str(fault) for fault in loaded.faults]
            record_refusal(self._assembly.store, faults, digest, now)
            log.error("mapping.refused", folder=str(installation.settings.mappings), faults=faults)
            if not self._works:
                self._go_on()
            return None
        catalogues = put_in_force(
            self._assembly.store,
            *loaded.catalogues,
            interval_of=installation.every.seconds,
            link_of=self._link,
            now=now,
            findings=findings_of(loaded),
            files=loaded.texts,
        )
        self._works = True
        self._seen = (digest, self._periods(now))
        self._assembly.worker.work_on(*catalogues)
        with self._assembly.store.read() as connection:
            for difference in changed_since(connection, loaded.catalogues):
                log.warning("mapping.closed_period_differs", words=difference)
        log.info(
            "mapping.accepted",
            folder=str(installation.settings.mappings),
            key_results=sum(len(one.key_results) for one in catalogues),
            indicators=sum(len(one.indicators) for one in catalogues),
        )
        return catalogues

    def _go_on(self) -> None:
        """Measures what is in force, by the files that were accepted last."""
        with self._assembly.store.read() as connection:
            texts = files_in_force(connection)
            closed = {one.period.id for one in period_views(connection) if one.closed is not None}
        if texts is None:
            log.error("mapping.none_to_go_on_by")
            return
        loaded = load_again(self._assembly.installation, texts)
        if not loaded.catalogues:
            # the settings changed too: a source or a variable that they name is gone
            faults = [str(fault) for fault in loaded.faults]
            log.error("mapping.none_to_go_on_by", faults=faults)
            return
        self._assembly.worker.work_on(
            *(one for one in loaded.catalogues if one.period not in closed)
        )
        self._works = True
        log.warning("mapping.goes_on_by_the_last_good_one")

    def look(self) -> None:
        """Refreshes; whatever went wrong is logged, and tried again at the next look."""
        try:
            self.refresh()
        except sa.exc.DBAPIError as error:
            log.debug("mapping.store_away", error=str(error.orig))
        except Exception:  # nothing must end the watching
            log.exception("mapping.not_loaded")

    def _periods(self, now: datetime) -> object:
        """Changes when another period becomes the present one, or one is closed."""
        with self._assembly.store.read() as connection:
            views = period_views(connection)
        return (
            frozenset(one.period.id for one in views if one.closed is not None),
            present(views, now).period.id if views else None,
        )

    def _link(self, indicator: Indicator) -> str | None:
        plan = indicator.plan
        if not isinstance(plan, ScanPlan | NumberPlan):
            return None
        source = plan.scope.source if isinstance(plan, ScanPlan) else plan.source
        return self._assembly.sessions[source].link(plan)
