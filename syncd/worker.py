"""The loop: claim, measure, publish, compose, assess. The only place that knows the order.

Connectors are synchronous, so each source has a bounded pool of threads of its own: a source
that hangs holds up nobody else. All that a run brings is written by `syncd.store.publish`, all
that it means by `syncd.store.assessing`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import sqlalchemy as sa
import structlog

from connectors.base import Session
from syncd.clock import Clock
from syncd.judging import judge_due
from syncd.measuring import Measuring, RunReport
from syncd.model import Catalogue
from syncd.run import Work, log_told
from syncd.store.assessing import MOST
from syncd.store.claims import (
    Claim,
    claim_due,
    count_due,
    next_moment,
    postpone,
)
from syncd.store.composing import compose, next_composition
from syncd.store.daily import Days
from syncd.store.engine import Store
from syncd.store.leases import LEASE_SECONDS, Leases
from syncd.store.moving import move_by_time
from syncd.tracing import Reference, doing, step

log = structlog.get_logger(__name__)

MOST_LINKS = 100
"""So many of the runs that a judgement follows are named by it."""

TICK_SECONDS = 1.0
"""The longest the loop sleeps: what other replicas publish is noticed this late at most."""

TOGETHER_SECONDS, LONGEST_TOGETHER_SECONDS = 0.25, 2.0
"""What comes so soon after what was judged is judged with what else comes; longer where judging
takes long, so that it takes a quarter of the time at the most.
"""


@dataclass(frozen=True)
class WorkerSettings:
    """How the worker works. All in seconds; `pool` is threads a source."""

    run_seconds: float = 300.0
    full_every_seconds: float = 86_400.0
    grace_seconds: float = 20.0
    pool: int = 4
    lease_seconds: float = LEASE_SECONDS


class RunObserver(Protocol):
    """Told of each run's end, on the run's own thread, and of the loop's turns; must be quick and
    must not raise.
    """

    def ran(self, report: RunReport) -> None:
        """Called once a run, published or not."""
        ...

    def turned(self, seconds: float) -> None:
        """Called once a turn of the loop, on its thread: how long it took, runs not included."""
        ...


class Worker:
    """One worker on one store. Not shared between threads, but for `stop`."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        sessions: Mapping[str, Session],
        *,
        observer: RunObserver,
        settings: WorkerSettings | None = None,
        at_once: Mapping[str, int] | None = None,
    ) -> None:
        """`at_once`: how many runs of each source there may be with all workers together."""
        self._store = store
        self._clock = clock
        self._sessions = sessions
        self._observer = observer
        self._settings = settings or WorkerSettings()
        self._at_once = at_once
        self._leases = Leases(store, clock, self._settings.lease_seconds)
        self._work = Work()
        self._days = Days()
        self._pools = {
            name: ThreadPoolExecutor(self._settings.pool, thread_name_prefix=f"syncd-{name}")
            for name in sessions
        }
        self._running: dict[Future[RunReport], Claim] = {}
        self._ended: list[Reference] = []
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._measuring = Measuring(
            store,
            clock,
            sessions,
            self._leases,
            run_seconds=self._settings.run_seconds,
            ran=observer.ran,
            stopping=self._stopping.is_set,
        )

    def work_on(self, *catalogues: Catalogue) -> None:
        """Takes up what is in force; runs under way finish under what was before."""
        self._work = Work.of(*catalogues)

    # ------------------------------------------------------------------------------- one cycle

    def cycle(self, progress: Callable[[RunReport], None] | None = None) -> list[RunReport]:
        """Does all that is due now, to its end. Returns the runs in the order they ended.

        All that they brought is composed and assessed together: a key result is judged once.
        """
        reports: list[RunReport] = []
        self._begin()
        # what runs bring is of this moment already: time moves nothing more until the next cycle
        while self._running:
            finished, _ = wait(self._running, return_when=FIRST_COMPLETED)
            for future in finished:
                report = future.result()
                reports.append(report)
                if progress is not None:
                    progress(report)
            self._forget_finished()
            self._begin_due()
        self._judge(self.assess_due)
        return reports

    def step(self) -> bool:
        """Begins what is due and has room, composes what is dirty, and assesses as much as one
        transaction takes. Does not wait. Returns whether there may be more to assess: with many key
        results there always is, and what is to be measured must not wait for the last of them.
        """
        began = time.monotonic()
        self._begin()
        assessed = self._judge(self._assess_some)
        self._observer.turned(time.monotonic() - began)
        return assessed >= MOST

    def _begin(self) -> None:
        self._forget_finished()
        move_by_time(self._store, now=self._clock.now(), tell=log_told)
        self._begin_due()

    def _go_on(self) -> None:
        """Begins what has room since runs have ended."""
        self._forget_finished()
        self._begin_due()

    def due_now(self) -> int:
        """How many scopes are due at this moment."""
        return count_due(self._store, now=self._clock.now())

    def _judge(self, assess: Callable[[], int]) -> int:
        """Takes in what the runs that ended have brought, and what time alone has moved; returns
        how many key results were assessed.
        """
        with doing("judge", after=self._ended[-MOST_LINKS:]) as work:
            composed = self.compose_due()
            assessed = assess()
            if not composed and not assessed:
                work.forget()
                return 0
            self._ended.clear()
            work.note(composed=composed, assessed=assessed)
            log.debug("judged", composed=composed, assessed=assessed)
        return assessed

    def compose_due(self) -> int:
        """Makes all composed readings that are dirty or move by themselves; returns how many."""
        with step("compose") as work:
            made = compose(self._store, now=self._clock.now(), tell=log_told)
            work.note(readings=made)
            if not made:
                work.forget()
        return made

    def assess_due(self) -> int:
        """Assesses all key results that are dirty or move by themselves at this moment; returns how
        many. What moves while it does so is for the next time: else that might never come.
        """
        now, done = self._clock.now(), 0
        while judged := self._assess_some(now):
            done += judged
        return done

    def _assess_some(self, now: datetime | None = None) -> int:
        """The same of as many as one transaction takes; `now` None: the clock's."""
        with step("assess") as work:
            judged = judge_due(self._store, now=now or self._clock.now(), days=self._days)
            work.note(key_results=judged)
            if not judged:
                work.forget()
        return judged

    # -------------------------------------------------------------------------------- the loop

    def run(self) -> None:
        """Works until `stop` is called, then drains: runs under way get the grace period.

        Where runs end one after the other, what they bring is judged together: a transaction costs
        more than a key result in it. What comes alone is judged at once.
        """
        next_step = 0.0
        while not self._stopping.is_set():
            try:
                if (early := next_step - (began := time.monotonic())) > 0:
                    self._go_on()
                    pause = early
                elif self.step():
                    pause = 0.0
                else:
                    took = time.monotonic() - began
                    pause = self._pause()
                    rest = min(max(TOGETHER_SECONDS, 3 * took), LONGEST_TOGETHER_SECONDS)
                    next_step = time.monotonic() + rest
            except sa.exc.DBAPIError as error:
                # the process tells once that its store fails, and once that it works again
                log.debug("worker.store_away", error=str(error.orig))
                pause = TICK_SECONDS
            self._wake.wait(pause)
            self._wake.clear()
        self._drain()

    def stop(self) -> None:
        """Asks `run` to end; safe from other threads, not from a signal handler."""
        self._stopping.set()
        self._wake.set()

    def close(self) -> None:
        """Ends the threads and closes the sessions, cutting what is still under way."""
        self._stopping.set()
        for session in self._sessions.values():
            session.close()
        self.release()

    def release(self) -> None:
        """Ends the threads once what is under way has ended; sessions stay open for whoever gave
        them.
        """
        self._stopping.set()
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def _pause(self) -> float:
        moments = next_moment(self._store), next_composition(self._store)
        moment = min((one for one in moments if one is not None), default=None)
        if moment is None:
            return TICK_SECONDS
        return min(TICK_SECONDS, max(0.01, (moment - self._clock.now()).total_seconds()))

    def _drain(self) -> None:
        if self._running:
            log.info("worker.draining", runs=len(self._running))
            wait(self._running, timeout=self._settings.grace_seconds)
        self.close()
        self._forget_finished()
        try:
            self._judge(self.assess_due)
        except sa.exc.DBAPIError as error:
            # who begins next judges it: all that runs have brought is marked
            log.debug("worker.store_away", error=str(error.orig))

    # ------------------------------------------------------------------------------------ runs

    def _forget_finished(self) -> None:
        for future in [future for future in self._running if future.done()]:
            del self._running[future]
            if not future.cancelled() and (traced := future.result().traced) is not None:
                self._ended.append(traced)

    def _begin_due(self) -> None:
        if self._stopping.is_set():
            return
        room = dict.fromkeys(self._sessions, self._settings.pool)
        for claim in self._running.values():
            room[claim.source] -= 1
        # before more is claimed, lest what this worker reads comes back to it
        self._leases.renew_due()
        now = self._clock.now()
        claims = claim_due(
            self._store,
            now=now,
            room=room,
            lease_seconds=self._leases.seconds,
            full_every_seconds=self._settings.full_every_seconds,
            at_once=self._at_once,
        )
        for claim in claims:
            if not self._work.knows(claim):
                # a replica with other mapping files put this one in force, and will read it
                postpone(self._store, claim, now=now, until=now + timedelta(seconds=10))
                continue
            # in the course of other work (a plan's) it is a part of that
            future = self._pools[claim.source].submit(
                copy_context().run, self._measuring.measure, claim, self._work
            )
            self._running[future] = claim
            future.add_done_callback(lambda _: self._wake.set())
