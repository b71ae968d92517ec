"""One run and what it came to: measured under its lease, its failure recorded, never raised."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import sqlalchemy as sa
import structlog

from connectors.base import Session, UpstreamError
from connectors.transport.asking import asking_while
from syncd.clock import Clock
from syncd.lacking import Lacking
from syncd.run import Brought, Work, log_told, run
from syncd.store.claims import Claim, LeaseLost, release
from syncd.store.engine import Store
from syncd.store.leases import Leases
from syncd.store.publish import record_failure
from syncd.tracing import Reference, doing

log = structlog.get_logger(__name__)

STORE_AWAY = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError)
"""What says that the store does not answer, and nothing of what it was asked."""


class Unexpected(UpstreamError):
    """A fault of ours, told as the measurement's failure so that the rest goes on."""

    error_type: ClassVar[str] = "internal"
    answered: ClassVar[bool] = False


@dataclass(frozen=True)
class RunReport:
    """What one run came to. `error_type` None: it was published, but for `faulty` of its measures,
    with which something is wrong.
    """

    source: str
    fingerprint: str
    full: bool
    objects: int
    seconds: float
    error_type: str | None = None
    faulty: int = 0
    traced: Reference | None = None


class Measuring:
    """Runs of one worker, each on a thread of its own. `ran` is told of each one's end, on that
    thread; it must be quick and must not raise. `stopping` says whether the worker ends: what is
    cut by that says nothing about the upstream.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        sessions: Mapping[str, Session],
        leases: Leases,
        *,
        run_seconds: float,
        ran: Callable[[RunReport], None],
        stopping: Callable[[], bool],
    ) -> None:
        self._store = store
        self._clock = clock
        self._sessions = sessions
        self._leases = leases
        self._run_seconds = run_seconds
        self._ran = ran
        self._stopping = stopping
        self._lacking = Lacking()

    def measure(self, claim: Claim, work: Work) -> RunReport:
        """One run, on the calling thread: never raises."""
        with doing("run", source=claim.source, scope=claim.fingerprint) as running:
            report = self._measured(claim, work, running.reference)
            running.note(full=report.full, objects=report.objects)
            if report.error_type is not None:
                running.fail(report.error_type)
        self._ran(report)
        return report

    def _measured(self, claim: Claim, work: Work, traced: Reference | None) -> RunReport:
        began = time.monotonic()
        brought = Brought(0)
        error: UpstreamError | None = None
        with self._leases.kept(claim, most_seconds=self._run_seconds + 60) as lease:
            ours = False
            try:
                with asking_while(lease.holds):
                    brought = run(
                        self._store,
                        self._clock,
                        self._sessions[claim.source],
                        claim,
                        work,
                        deadline=began + self._run_seconds,
                    )
            except UpstreamError as cause:
                error = cause
                ours = not lease.holds()
            except LeaseLost as cause:
                log.warning("run.lease_lost", reason=str(cause))
                error = Unexpected(str(cause))
            except STORE_AWAY as cause:
                log.debug("run.cut_by_the_store", error=str(cause.orig))
                error = Unexpected("the store was away")
                ours = True
            except Exception as cause:  # a fault in one measure must not end the worker
                log.exception("run.failed_unexpectedly")
                error = Unexpected(f"{type(cause).__name__} while measuring; see the log")
            seconds = time.monotonic() - began
            if error is not None:
                log.debug(
                    "run.failed", error_type=error.error_type, reason=str(error), seconds=seconds
                )
                self._give_back(claim, error, ours=ours or self._stopping())
            else:
                self._lacking.told(claim.source, claim.fingerprint, brought.lacking)
                log.debug(
                    "run.published",
                    full=claim.cursor is None,
                    objects=brought.objects,
                    faulty=len(brought.faults),
                    seconds=seconds,
                )
        return RunReport(
            source=claim.source,
            fingerprint=claim.fingerprint,
            full=claim.cursor is None,
            objects=brought.objects,
            seconds=seconds,
            error_type=None if error is None else error.error_type,
            faulty=len(brought.faults),
            traced=traced,
        )

    def _give_back(self, claim: Claim, error: UpstreamError, *, ours: bool) -> None:
        try:
            if ours:
                # we cut it ourselves: that says nothing about the upstream
                release(self._store, claim, now=self._clock.now())
            else:
                log_told(record_failure(self._store, claim, error, now=self._clock.now()))
        except LeaseLost as cause:
            log.warning("run.lease_lost", reason=str(cause))
        except sa.exc.DBAPIError as cause:
            # the lease ends by itself, and the scope is claimed again
            log.debug("run.unrecorded", error=str(cause.orig))
