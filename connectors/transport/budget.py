"""What remains of a thread's deadline, and which sockets wait, so that no wait outlives it."""

from __future__ import annotations

import contextlib
import math
import socket
import threading
import time
import weakref
from collections.abc import Iterator

LEAST_SECONDS = 0.001
"""A socket timeout of 0 would mean "do not block"; this is as little as is ever asked for."""


class Spent(TimeoutError):  # as in connectors.base: says what is so
    """The deadline of the calling thread has passed, or the transport was closed."""


class Budget:
    """The deadlines of the threads that use one transport, and the switch that ends them all.

    Deadlines are in `time.monotonic()` seconds and belong to the thread that set them. `closed`
    is set once and stays set.
    """

    def __init__(self) -> None:
        self.closed = threading.Event()
        self._of_thread = threading.local()
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def until(self, monotonic_seconds: float) -> Iterator[None]:
        """Within it the calling thread's deadline is this one, or an outer one that is earlier."""
        before = self.deadline
        self._of_thread.deadline = min(before, monotonic_seconds)
        try:
            yield
        finally:
            self._of_thread.deadline = before

    @property
    def deadline(self) -> float:
        """The calling thread's deadline in monotonic seconds; infinite when there is none."""
        return float(getattr(self._of_thread, "deadline", math.inf))

    @property
    def remaining_seconds(self) -> float:
        """What is left for the calling thread: infinite without a deadline, else >= 0."""
        return max(0.0, self.deadline - time.monotonic())

    def allowance(self, seconds: float | None) -> float:
        """As much of `seconds` as the deadline leaves. Raises Spent when nothing is left."""
        if self.closed.is_set():
            raise Spent("the transport is closed")
        remaining = self.remaining_seconds
        if remaining <= 0:
            raise Spent("the deadline has passed")
        return max(LEAST_SECONDS, min(remaining, math.inf if seconds is None else seconds))

    def watch(self, sock: socket.socket) -> None:
        """Remembers an open socket for as long as it lives, to end its waiting at `close`."""
        with self._lock:
            self._sockets.add(sock)
        if self.closed.is_set():
            _hang_up(sock)

    def close(self) -> None:
        """Ends every wait on every watched socket; from now on `allowance` raises Spent."""
        self.closed.set()
        with self._lock:
            sockets = list(self._sockets)
        for sock in sockets:
            _hang_up(sock)


def _hang_up(sock: socket.socket) -> None:
    """Wakes whoever reads from the socket, with an end of file.

    `SSLSocket.shutdown` drops the TLS state that a reading thread is using; the plain socket's
    method shuts the connection and nothing else. The owner closes the descriptor.
    """
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
