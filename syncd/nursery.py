"""A process that does nothing but fork: it is forked itself while its parent has no threads yet, so
that the parent may have children at any time later, in milliseconds and with everything loaded.

A fork beside threads copies their locks as they happen to be held; a new Python takes a second of
processor and a hundred megabytes to load what is there already. What a child does not change it
shares with its parent.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Final

MOST_BYTES: Final = 64
"""Of the name of a kind of children."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What is sent to a whole group is the parent's to answer; children end when it lets go of them."""


class NurseryEnded(Exception):
    """Nobody is left who could fork."""


class Nursery:
    """Forks children, each of which calls `work` with its kind and its end of a connection, and
    ends when that returns. Safe to share between threads, but to be made before there are any.
    """

    def __init__(self, work: Callable[[str, Connection], None]) -> None:
        self._lock = threading.Lock()
        self._wire, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sys.stdout.flush()
        sys.stderr.flush()
        self._pid = os.fork()
        if self._pid == 0:
            self._wire.close()
            _end_with(lambda: _nurse(theirs, work))
        theirs.close()

    def begin(self, kind: str) -> Connection:
        """A connection to a new child of a kind: it is at its end when the child has ended, and the
        child ends when it is closed. Raises NurseryEnded.
        """
        with self._lock:
            try:
                self._wire.send(kind.encode())
                _, descriptors, _, _ = socket.recv_fds(self._wire, MOST_BYTES, 1)
            except OSError as error:
                raise NurseryEnded from error
        if not descriptors:
            raise NurseryEnded
        return Connection(descriptors[0])

    def close(self) -> None:
        """Ends it. The children end with their connections."""
        self._wire.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)


def may_fork() -> bool:
    """Whether this process can have a nursery: systems other than Linux have libraries that do not
    bear a fork.
    """
    return sys.platform == "linux" and threading.active_count() == 1


def _nurse(wire: socket.socket, work: Callable[[str, Connection], None]) -> None:
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who has ended is gone at once
    # what is loaded is looked through by no collector, or each child would have a copy of it
    gc.freeze()
    while kind := wire.recv(MOST_BYTES):
        ours, theirs = socket.socketpair()
        if os.fork() == 0:
            wire.close()
            ours.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _end_with(partial(work, kind.decode(), Connection(theirs.detach())))
        socket.send_fds(wire, [kind], [ours.fileno()])
        ours.close()
        theirs.close()


def _end_with(work: Callable[[], None]) -> None:
    """Does the last thing that this process does: nothing of its parent's is cleaned up in it."""
    status = 1
    try:
        work()
        status = 0
    except (BrokenPipeError, EOFError):
        status = 0
    finally:
        sys.stderr.flush()
        os._exit(status)
