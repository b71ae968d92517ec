"""The past, compacted beside the work: a thread that looks whether it is time and does it.

It shares nothing with measuring but the store; of several processes one does it.
"""

from __future__ import annotations

import threading
from datetime import timedelta

import sqlalchemy as sa
import structlog

from syncd.clock import Clock
from syncd.store.compacting import Compacted, compact
from syncd.store.engine import Store
from syncd.store.removing import Keep

log = structlog.get_logger(__name__)

LOOK_SECONDS = 60.0
"""How often it is looked whether it is time."""

STOP_SECONDS = 10.0
"""The longest that one of its transactions may take when the process stops."""


class Compactor:
    """Compacts in one process, in each `every` once among all. `start` and `stop` once each."""

    def __init__(self, store: Store, clock: Clock, keep: Keep, every: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._keep = keep
        self._every = every
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="syncd-compactor", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the transaction that is under way."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def look(self) -> list[Compacted]:
        """Does what is due, and says so in the log; what it was."""
        try:
            done = compact(
                self._store,
                self._clock.now,
                self._keep,
                every=self._every,
                stopping=self._stopping.is_set,
            )
        except sa.exc.DBAPIError as error:
            log.debug("store.not_compacted", error=str(error.orig))
            return []
        for one in done:
            log.info(
                "store.compacted",
                kind=one.kind.value,
                removed=one.removed,
                kept=one.kept,
                seconds=round(one.seconds, 3),
            )
        return done

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            self.look()
