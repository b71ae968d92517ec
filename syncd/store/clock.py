"""The one clock of all who share a store: on PostgreSQL the server's, on SQLite the machine's.

The server is asked now and then, and this process counts on from its answer by its monotonic
clock: what the machine's own calendar says, and whether somebody sets it, is of no account. Of
SQLite a machine's clock that is set is followed step by step
(`docs/decisions/0042-a-clock-is-never-set.md`).
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
import structlog

from syncd.clock import Clock, SteadyClock, SystemClock
from syncd.store.engine import Store
from syncd.store.schema import events, scopes

log = structlog.get_logger(__name__)

WRONG_SECONDS = 2.0
"""A machine whose clock differs by more is said to be wrong."""

SLOW_SECONDS = 1.0
"""An answer that took longer says too little of the moment that it was given at."""


def clock_of(store: Store) -> Clock:
    """The clock that everything about a store is told by. Asks PostgreSQL once."""
    if not store.is_sqlite:
        return StoreClock(store)
    return SteadyClock(SystemClock().now, not_before=_newest(store))


def _newest(store: Store) -> datetime | None:
    """The newest moment that the store has told of."""
    attempted = sa.func.max(scopes.c.last_attempt_at, type_=scopes.c.last_attempt_at.type)
    told = sa.func.max(events.c.at, type_=events.c.at.type)
    with store.read() as connection:
        found: list[datetime | None] = [
            connection.execute(sa.select(one)).scalar_one() for one in (attempted, told)
        ]
    return max((one for one in found if one is not None), default=None)


class StoreClock:
    """The clock of the store's server, to half the time that an answer of it takes. Safe to read
    from several threads. Raises sqlalchemy's DBAPIError when the server cannot be asked at first.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._wrong = False
        self._base, _ = self._asked()

    def now(self) -> datetime:
        """This moment, aware UTC."""
        return self._base + timedelta(seconds=time.monotonic())

    def measure(self) -> float:
        """Asks the server again. Returns by how many seconds its clock is ahead of this machine's;
        a machine whose clock is wrong is told in the log when it turns out and when it is over.

        An answer that is slow changes nothing. Raises sqlalchemy's DBAPIError.
        """
        base, seconds = self._asked()
        if seconds <= SLOW_SECONDS:
            self._base = base
        offset = (self.now() - datetime.now(UTC)).total_seconds()
        with self._lock:
            wrong = abs(offset) > WRONG_SECONDS
            if wrong and not self._wrong:
                log.warning(
                    "clock.wrong",
                    seconds=round(offset, 3),
                    words="this machine's clock differs from the store's, which is used; set it",
                )
            elif self._wrong and not wrong:
                log.info("clock.right", seconds=round(offset, 3))
            self._wrong = wrong
        return offset

    def _asked(self) -> tuple[datetime, float]:
        """When the server's clock stood where the monotonic one has its zero, and how many seconds
        the asking took.
        """
        with self._store.read() as connection:
            # The connection is made, and the transaction begun, before the time is taken.
            connection.execute(sa.select(sa.literal(1)))
            before = time.monotonic()
            told: datetime = connection.execute(
                sa.select(sa.func.clock_timestamp(type_=sa.DateTime(timezone=True)))
            ).scalar_one()
            after = time.monotonic()
        return told.astimezone(UTC) - timedelta(seconds=(before + after) / 2), after - before


def watched(clock: Clock, told: Callable[[float], None]) -> Callable[[], None]:
    """A look that keeps a clock right and tells by how many seconds it is ahead of this machine's;
    of a clock that asks nobody, nothing.
    """

    def look() -> None:
        if not isinstance(clock, StoreClock):
            return
        # a store that is away is told by who works on it
        with contextlib.suppress(sa.exc.DBAPIError):
            told(clock.measure())

    return look
