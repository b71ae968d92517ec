"""How a store stands: what keeps it from being read or written, as those who try find out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from syncd.store.trouble import Trouble, advice, trouble_of

CONFIRMED_SECONDS = 60.0
"""What nobody has met for so long is not told any more: who only reads never learns that it is
over. A worker writes every second.
"""

_OF_A_DISK = frozenset({Trouble.DISK_FULL, Trouble.DISK})
SETTLED_SECONDS = 15.0
"""A disk of PostgreSQL's has room again when something was written and for so long nothing met that
it has not: one table has room left in itself where the next has none.
"""


@dataclass(frozen=True)
class Standstill:
    """A store that cannot be written (`writing`), or not even read, since when by this machine's
    clock (aware UTC), and why: in words for anybody, and in those of its driver (`said`).
    """

    trouble: Trouble
    writing: bool
    since: datetime
    said: str

    @property
    def words(self) -> str:
        """What it cannot do, and what to do about it."""
        what = "cannot be written" if self.writing else "does not answer"
        return f"the store {what}: {advice(self.trouble)}"


@dataclass
class Done:
    """What a transaction that ended well has shown: that the store can be read, or written too."""

    writing: bool = False


class Standing:
    """Of one process's store. `told` is called once when it comes to a standstill (once more where
    what was away is back and cannot be written), and once with None and how long it all took, in
    seconds, when that is over. `settled_seconds`: how long a disk must take all before it is. Safe
    to share between threads. `monotonic` gives seconds.
    """

    def __init__(
        self, *, settled_seconds: float = 0.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._settled = settled_seconds
        self._monotonic = monotonic
        self.told: Callable[[Standstill | None, float], None] | None = None
        self._lock = threading.Lock()
        self._found: Standstill | None = None
        self._began = self._confirmed = 0.0

    @property
    def standstill(self) -> Standstill | None:
        """What keeps the store from being used; None: nothing that was met of late."""
        found = self._found
        if found is None or self._monotonic() - self._confirmed > CONFIRMED_SECONDS:
            return None
        return found

    @property
    def in_doubt(self) -> bool:
        """Whether it is still to be shown that a standstill is over."""
        return self._found is not None

    def take_over(self, found: Standstill | None) -> None:
        """What another process has found is taken for this one's own."""
        with self._lock:
            self._found, self._confirmed = found, self._monotonic()

    @contextmanager
    def noticing(self, *, writing: bool) -> Iterator[Done]:
        """Notices how a transaction ends, and lets through whatever it raises. What it gives is
        told whether anything was written.
        """
        done, began = Done(), self._monotonic()
        try:
            yield done
        except sa.exc.DBAPIError as error:
            trouble = trouble_of(error)
            if trouble is not None:
                self._met(trouble, error, writing=writing)
            raise
        else:
            if self._found is not None:
                self._over(writing=done.writing, began=began)

    def _met(self, trouble: Trouble, error: sa.exc.DBAPIError, *, writing: bool) -> None:
        # who is away can neither be read nor written
        writing = writing and trouble is not Trouble.AWAY
        with self._lock:
            self._confirmed = self._monotonic()
            before = self._found
            # what could not be written is not mended by being away
            if before is not None and (before.writing or not writing):
                return
            since = datetime.now(UTC) if before is None else before.since
            if before is None:
                self._began = self._confirmed
            said = " ".join(str(error.orig).split())
            self._found = Standstill(trouble, writing, since, said)
            if self.told is not None:
                self.told(self._found, 0.0)

    def _over(self, *, writing: bool, began: float) -> None:
        with self._lock:
            found = self._found
            # what was under way when it was met may have been done before
            if began < self._confirmed:
                return
            # that it can be read says nothing of whether it can be written
            if found is None or (found.writing and not writing):
                return
            if found.trouble in _OF_A_DISK and (
                self._monotonic() - self._confirmed < self._settled
            ):
                return
            self._found = None
            if self.told is not None:
                self.told(None, self._monotonic() - self._began)
