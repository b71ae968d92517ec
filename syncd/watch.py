"""Looking again, now and then or at once, at what may have changed outside of the process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import sqlalchemy as sa
import structlog

log = structlog.get_logger(__name__)


class Watch:
    """A thread that makes `looks`, in their order, every so many seconds and whenever it is asked.
    A look that fails is logged, and made again the next time. `start` and `stop` once each.
    """

    def __init__(self, looks: Sequence[Callable[[], object]], every_seconds: float) -> None:
        self._looks = looks
        self._every_seconds = every_seconds
        self._asked = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="syncd-watch")

    def start(self) -> None:
        """Begins; the first look is after the first pause."""
        self._thread.start()

    def now(self) -> None:
        """Looks at once; safe from other threads, not from a signal handler."""
        self._asked.set()

    def stop(self) -> None:
        """Ends, after the look that it is at."""
        self._stopping = True
        self._asked.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            self._asked.wait(self._every_seconds)
            self._asked.clear()
            if self._stopping:
                return
            for look in self._looks:
                try:
                    look()
                except sa.exc.DBAPIError as error:
                    log.debug("watch.store_away", error=str(error.orig))
                except Exception:  # nothing must end the watching
                    log.exception("watch.failed")
