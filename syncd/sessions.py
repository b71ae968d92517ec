"""A session whose credentials may change while it is used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from connectors.base import (
    Batch,
    Identity,
    Number,
    NumberPlan,
    Plan,
    ScanJob,
    Session,
    SourceConfig,
)


class RenewableSession:
    """A session of the source that `renew` opens anew. What is under way ends with the credentials
    that it began with; what begins later has the new ones.
    """

    def __init__(self, open_: Callable[[SourceConfig], Session], config: SourceConfig) -> None:
        self._open = open_
        self._lock = threading.Lock()
        self._held = _Held(open_(config))
        self._replaced: list[_Held] = []

    def renew(self, config: SourceConfig) -> None:
        """From now on with this configuration. Does no I/O."""
        fresh = _Held(self._open(config))
        with self._lock:
            self._replaced = [one for one in (*self._replaced, self._held) if one.users]
            ended = () if self._held.users else (self._held,)
            self._held = fresh
        for one in ended:
            one.session.close()

    @contextmanager
    def _used(self) -> Iterator[Session]:
        with self._lock:
            held = self._held
            held.users += 1
        try:
            yield held.session
        finally:
            with self._lock:
                held.users -= 1
                over = held in self._replaced and not held.users
                if over:
                    self._replaced.remove(held)
            if over:
                held.session.close()

    def identify(self, deadline: float) -> Identity:
        """As the session's."""
        with self._used() as session:
            return session.identify(deadline)

    def scan(self, job: ScanJob) -> Iterator[Batch]:
        """As the session's."""
        with self._used() as session:
            yield from session.scan(job)

    def read(self, plan: NumberPlan, now: datetime, deadline: float) -> Number:
        """As the session's."""
        with self._used() as session:
            return session.read(plan, now, deadline)

    def history(
        self, plan: NumberPlan, moments: Sequence[datetime], deadline: float
    ) -> Iterator[Number]:
        """As the session's."""
        with self._used() as session:
            yield from session.history(plan, moments, deadline)

    def link(self, plan: Plan) -> str | None:
        """As the session's."""
        with self._used() as session:
            return session.link(plan)

    def close(self) -> None:
        """Closes what is open, under way or not."""
        with self._lock:
            found = (*self._replaced, self._held)
        for one in found:
            one.session.close()


class _Held:
    """A session, and how many calls are in it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.users = 0
