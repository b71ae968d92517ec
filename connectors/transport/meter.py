"""Counting what some work costs: the exchanges made in its context, and the bytes they brought."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextvars import ContextVar


class Meter:
    """Counts exchanges, attempts included, and the bytes received. Safe to share between threads.

    A thread that a connector starts is counted where it runs in a copy of the context
    (`contextvars.copy_context().run`).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests = 0
        self._bytes_received = 0

    @property
    def requests(self) -> int:
        """How many exchanges there were."""
        return self._requests

    @property
    def bytes_received(self) -> int:
        """How many bytes came over the wire."""
        return self._bytes_received

    def add(self, bytes_received: int) -> None:
        """One more exchange."""
        with self._lock:
            self._requests += 1
            self._bytes_received += bytes_received


_meters: ContextVar[tuple[Meter, ...]] = ContextVar("meters", default=())


@contextlib.contextmanager
def metered() -> Iterator[Meter]:
    """Within it, every exchange of the calling context is counted, whatever the source; of nested
    ones each counts for itself.
    """
    meter = Meter()
    token = _meters.set((*_meters.get(), meter))
    try:
        yield meter
    finally:
        _meters.reset(token)


def count(bytes_received: int) -> None:
    """Tells the meters of the calling context of an exchange."""
    for meter in _meters.get():
        meter.add(bytes_received)
