"""One source: reachable, authorised, its clock, its limit, and what its connector knows to ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from connectors.base import (
    Budget,
    Exchange,
    Identity,
    NumberPlan,
    Observer,
    ScanPlan,
    Session,
    SourceConfig,
)
from connectors.checkup import Checkup, Examinable, Finding, Wanted, failed
from connectors.errors import Unauthorised, UpstreamError
from syncd.clock import Clock
from syncd.doctor.groups import Tell
from syncd.doctor.judging import Heard, budget_told, clock_told
from syncd.model import Catalogue
from syncd.settings import Installation, SettingsRefused

Open = Callable[[SourceConfig, Observer], Session]


def wanted_of(
    source: str, catalogues: Sequence[Catalogue], installation: Installation
) -> list[Wanted]:
    """What key results measure of a source, each once, named as people know it."""
    found: dict[str, Wanted] = {}
    for catalogue in catalogues:
        used: dict[str, list[str]] = {}
        for one in catalogue.key_results.values():
            used.setdefault(one.indicator, []).append(one.id)
        for key, indicator in catalogue.indicators.items():
            if indicator.source != source or not isinstance(indicator.plan, ScanPlan | NumberPlan):
                continue
            name = indicator.name or ", ".join(used.get(key, [])) or indicator.measure
            every = installation.every.seconds(indicator)
            found.setdefault(key, Wanted(name, indicator.plan, every, catalogue.starts))
    return list(found.values())


@dataclass
class Ear:
    """Notes what the exchanges with a source say of its clock and its limit."""

    clock: Clock
    heard: list[Heard] = field(default_factory=list)
    budget: Budget | None = None
    quickest: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def exchanged(self, exchange: Exchange) -> None:
        """Called after each attempt."""
        now = self.clock.now().timestamp()
        with self._lock:
            if exchange.status is not None:
                self.quickest = min(exchange.seconds, self.quickest or exchange.seconds)
            if exchange.date is not None:
                self.heard.append(Heard(now - exchange.seconds, now, exchange.date))
            self.budget = exchange.budget or self.budget


class SourceLook:
    """The look at one source, which takes at most `seconds`."""

    def __init__(
        self,
        config: Callable[[], SourceConfig],
        open_: Open,
        wanted: Sequence[Wanted],
        clock: Clock,
        seconds: float,
    ) -> None:
        self._config = config
        self._open = open_
        self._wanted = wanted
        self._clock = clock
        self._seconds = seconds
        self._session: Session | None = None

    def look(self, tell: Tell) -> None:
        """Tells what is found, one after another."""
        deadline = time.monotonic() + self._seconds
        ear = Ear(self._clock)
        try:
            config = self._config()
            session = self._session = self._open(config, ear)
        except SettingsRefused as error:
            for fault in error.faults:
                tell(Finding.problem("settings", f"{fault.path}: {fault.got}", fault.fix))
            return
        except ValueError as error:
            tell(Finding.problem("settings", str(error), "see docs/guide/settings.md"))
            return
        try:
            self._ask(session, config, ear, deadline, tell)
        finally:
            session.close()
            if ear.quickest is not None:
                tell(clock_told(ear.heard, "the server"))
            for finding in budget_told(ear.budget):
                tell(finding)

    def hang_up(self) -> None:
        """Ends whatever is waited for."""
        if self._session is not None:
            self._session.close()

    def _ask(
        self, session: Session, config: SourceConfig, ear: Ear, deadline: float, tell: Tell
    ) -> None:
        try:
            identity = session.identify(deadline)
        except UpstreamError as error:
            refused = error.answered or isinstance(error, Unauthorised)
            tell(failed("authorised" if refused else "reachable", error))
            return
        quick = "" if ear.quickest is None else f" within {ear.quickest * 1000:.0f} ms"
        tell(Finding.ok("reachable", f"{config.url} answers{quick}"))
        tell(Finding.ok("authorised", f"as {identity.account}"))
        self._examine(session, identity, deadline, tell)

    def _examine(self, session: Session, identity: Identity, deadline: float, tell: Tell) -> None:
        if not isinstance(session, Examinable):
            tell(
                Finding.unknown(
                    "connector",
                    f"version {identity.version}; its connector says no more",
                    "`syncd check --live` tries every query",
                )
            )
            return
        checkup = Checkup(self._wanted, identity, self._clock.now(), deadline)
        try:
            for finding in session.examine(checkup):
                tell(finding)
        except UpstreamError as error:
            tell(failed("cut short", error))
