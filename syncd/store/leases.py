"""Leases that are renewed while runs last: short, so that what a dead worker held soon returns."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from syncd.clock import Clock
from syncd.store.claims import Claim
from syncd.store.engine import Store
from syncd.store.schema import circuits, scopes

log = structlog.get_logger(__name__)

LEASE_SECONDS = 60.0
"""What a dead worker held is taken over this late at most."""

RENEWALS = 4
"""A lease is renewed so often while it lasts: all but one may fail."""

MARGIN = 1 / 8
"""So much of a lease before its end it is taken for over: no clock and no answer is that late."""


class Lease:
    """What a run may go on by. All in `time.monotonic()` seconds."""

    def __init__(self, claim: Claim, good_until: float, renewed_until: float) -> None:
        self.claim = claim
        self.good_until = good_until
        self.renewed_until = renewed_until

    def holds(self) -> bool:
        """Whether nobody else can have the claim by now."""
        return time.monotonic() < self.good_until


class Leases:
    """The leases of one process, renewed by a thread of their own, which runs while there are any.

    Safe to share between threads. A lease that cannot be renewed in time ends.
    """

    def __init__(self, store: Store, clock: Clock, seconds: float = LEASE_SECONDS) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[str, Lease] = {}
        self._none_left = threading.Event()
        self._renewed_at = time.monotonic()
        self._margin = seconds * MARGIN
        self.seconds = seconds

    @contextlib.contextmanager
    def kept(self, claim: Claim, *, most_seconds: float) -> Iterator[Lease]:
        """The lease of a claim that has just been made, renewed within; after `most_seconds` no
        more, so that a run that hangs does not hold it for ever.
        """
        began = time.monotonic()
        left = (claim.lease_until - self._clock.now()).total_seconds()
        lease = Lease(claim, began + left - self._margin, began + most_seconds)
        with self._lock:
            self._held[claim.token] = lease
            if len(self._held) == 1:
                self._none_left = threading.Event()
                words = (self._none_left,)
                thread = threading.Thread(target=self._renew_until, args=words, name="syncd-leases")
                thread.daemon = True
                thread.start()
        try:
            yield lease
        finally:
            with self._lock:
                del self._held[claim.token]
                if not self._held:
                    self._none_left.set()

    def renew_due(self) -> None:
        """Renews, where it is time. Raises sqlalchemy's DBAPIError."""
        with self._lock:
            if time.monotonic() < self._renewed_at + self.seconds / RENEWALS:
                return
            self._renewed_at = began = time.monotonic()
            held = [one for one in self._held.values() if began < one.renewed_until]
        renewed = renew(
            self._store,
            [one.claim.token for one in held],
            until=self._clock.now() + timedelta(seconds=self.seconds),
        )
        for one in held:
            if one.claim.token in renewed:
                one.good_until = began + self.seconds - self._margin

    def _renew_until(self, none_left: threading.Event) -> None:
        while not none_left.wait(self.seconds / RENEWALS / 2):
            try:
                self.renew_due()
            except sa.exc.DBAPIError as error:
                log.debug("lease.not_renewed", error=str(error.orig))


def renew(store: Store, tokens: Collection[str], *, until: datetime) -> set[str]:
    """Prolongs the leases of these tokens; returns those of them that still hold. One whose row
    somebody has locked, as who publishes has, is passed over, so that nobody waits.
    """
    if not tokens:
        return set()
    with store.write() as connection:
        probes = connection.execute(
            store.locked(
                sa.select(circuits.c.source).where(circuits.c.probe.in_(tokens)), skip=True
            )
        ).scalars()
        connection.execute(
            sa.update(circuits)
            .where(circuits.c.source.in_(list(probes)), circuits.c.probe.in_(tokens))
            .values(retry_at=until)
        )
        found = connection.execute(
            store.locked(
                sa.select(scopes.c.id, scopes.c.lease_token).where(
                    scopes.c.lease_token.in_(tokens)
                ),
                skip=True,
            )
        ).all()
        connection.execute(
            sa.update(scopes)
            .where(scopes.c.id.in_([row.id for row in found]))
            .values(lease_until=until)
        )
        return {row.lease_token for row in found}
