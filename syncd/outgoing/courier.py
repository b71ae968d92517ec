"""The couriers: a thread for each target, which claims its letters and sends them.

They share nothing with measuring but the store: a target that is down holds up its own letters and
nobody else. No transaction is open while something is sent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import sqlalchemy as sa
import structlog
from tenacity import RetryCallState, Retrying
from tenacity.wait import wait_exponential_jitter

from syncd.clock import Clock
from syncd.outgoing.destination import Destination, Undelivered
from syncd.store.engine import Store
from syncd.store.outages import told_already
from syncd.store.outbox import (
    Bag,
    Letter,
    claim_letters,
    failed,
    pause,
    postpone,
    register,
    settle,
)
from syncd.tracing import Work, doing

log = structlog.get_logger(__name__)

MOST = 500
LEASE_SECONDS = 60.0
IDLE_SECONDS = 1.0
STOP_SECONDS = 5.0
"""How long what is being sent may take when the process stops, whatever the number of targets."""
PAUSE = timedelta(minutes=5)
"""The longest that a target which did not answer is left alone altogether."""

_BACKOFF = wait_exponential_jitter(multiplier=10, max=6 * 3600, jitter=5)


class DeliveryOutcome(StrEnum):
    """What became of an attempt."""

    DELIVERED = "delivered"
    FAILED = "failed"
    GIVEN_UP = "given_up"


class DeliveryObserver(Protocol):
    """Told of each attempt's end, on the courier's thread; must be quick and must not raise."""

    def delivered(self, target: str, outcome: DeliveryOutcome) -> None:
        """Called once an attempt."""
        ...


class Courier:
    """The couriers of one process, for these targets. `register`, `start` and `stop` once each."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        destinations: Sequence[Destination],
        observer: DeliveryObserver,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        """What a dead process was sending is sent by another after `lease_seconds` and the longest
        that an attempt may take.
        """
        self._store = store
        self._lease_seconds = lease_seconds
        self._clock = clock
        self._destinations = {one.name: one for one in destinations}
        self._observer = observer
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def register(self) -> None:
        """From now on letters are written for these targets, and for no others."""
        register(self._store, list(self._destinations), self._clock.now())

    def renew(self, destinations: Sequence[Destination]) -> None:
        """From now on with these secrets; the names are those that there were."""
        self._destinations = {one.name: one for one in destinations}

    def start(self) -> None:
        """Begins to send."""
        for name in self._destinations:
            thread = threading.Thread(target=self._run, args=(name,), name=f"syncd-to-{name}")
            thread.daemon = True
            thread.start()
            self._threads.append(thread)

    def send_due(self, seconds: float) -> bool:
        """Sends what may be sent by now, to all targets at the same time, and returns when that is
        done or `seconds` are over; whether it is done. Instead of `start` and `stop`, for a process
        that does not stay.
        """
        until = time.monotonic() + seconds
        for name in self._destinations:
            thread = threading.Thread(target=self._empty, args=(name,), name=f"syncd-to-{name}")
            thread.daemon = True
            thread.start()
            self._threads.append(thread)
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._stopping.set()
        return not any(thread.is_alive() for thread in self._threads)

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ends; what is being sent gets so many seconds. What was cut is sent again later."""
        self._stopping.set()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def turn(self, destination: Destination) -> bool:
        """Sends what is due now to one target; False: there was nothing to send."""
        now = self._clock.now()
        bag = claim_letters(
            self._store,
            destination.name,
            now=now,
            most=MOST if destination.together else 1,
            lease_seconds=self._lease_seconds + destination.seconds,
            together=destination.together,
        )
        if bag is None:
            return False
        with doing("delivery", target=destination.name) as work:
            return self._deliver(destination, bag, now, work)

    def _deliver(self, destination: Destination, bag: Bag, now: datetime, work: Work) -> bool:
        """Sends what is wanted of a bag; False: it is not the time for it."""
        wanted = self._wanted(destination, bag)
        settle(self._store, bag.only([one for one in bag.letters if one not in wanted]))
        if not wanted:
            work.forget()
            return True
        bag = bag.only(wanted)
        events = [letter.event for letter in wanted]
        opens = destination.opens_at(events, now)
        if opens > now:
            work.forget()
            postpone(self._store, bag, until=opens)
            return False
        work.note(letters=len(wanted))
        try:
            destination.send(events, now)
        except Undelivered as error:
            work.fail(type(error).__name__)
            self._failed(destination, bag, error)
            return True
        settle(self._store, bag)
        log.debug("delivery.sent", letters=len(wanted))
        self._observer.delivered(destination.name, DeliveryOutcome.DELIVERED)
        return True

    def _wanted(self, destination: Destination, bag: Bag) -> list[Letter]:
        wanted = [one for one in bag.letters if destination.takes(one.event)]
        if not destination.once_an_outage:
            return wanted
        with self._store.read() as connection:
            told = told_already(
                connection, bag.target, [one.event for one in wanted], destination.takes
            )
        return [one for one in wanted if one.event.position not in told]

    def _failed(self, destination: Destination, bag: Bag, error: Undelivered) -> None:
        now = self._clock.now()
        tried = max(letter.attempts for letter in bag.letters) + 1
        given_up = error.for_good or tried >= destination.attempts
        until = None if given_up else now + wait_after(tried, error.retry_after_seconds)
        failed(self._store, bag, str(error), until=until, now=now)
        if error.away:
            wait = wait_after(tried, error.retry_after_seconds)
            pause(self._store, destination.name, until=now + min(wait, PAUSE))
        outcome = DeliveryOutcome.GIVEN_UP if given_up else DeliveryOutcome.FAILED
        log.warning(
            "delivery.given_up" if given_up else "delivery.failed",
            target=destination.name,
            attempt=tried,
            letters=len(bag.letters),
            reason=str(error),
        )
        self._observer.delivered(destination.name, outcome)

    def _run(self, name: str) -> None:
        while not self._stopping.is_set():
            self._empty(name)
            self._stopping.wait(IDLE_SECONDS)

    def _empty(self, name: str) -> None:
        """Sends until nothing is left that may be sent now."""
        try:
            while not self._stopping.is_set() and self.turn(self._destinations[name]):
                pass
        except sa.exc.DBAPIError as error:
            log.debug("delivery.store_away", error=str(error.orig))
        except Exception:  # a fault in one destination must not end its courier
            log.exception("delivery.failed_unexpectedly", target=name)


def wait_after(tried: int, asked_seconds: float | None = None) -> timedelta:
    """How long to wait after so many attempts that failed: 10 s, doubled each time, at most six
    hours, and a little by chance; at least what the target asked for, up to a day.
    """
    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = tried
    seconds = _BACKOFF(state)
    if asked_seconds is not None:
        seconds = max(seconds, min(asked_seconds, 86_400.0))
    return timedelta(seconds=seconds)
