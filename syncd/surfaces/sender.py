"""A process that does nothing but send what processes share, straight from where it is: beside a
busy worker the one that serves would wait for its turn with each part of 25 MB.
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle

import structlog

from syncd.nursery import NurseryEnded
from syncd.surfaces.shared import Shared

log = structlog.get_logger(__name__)

MOST_REST = 65_536
"""Bytes that are sent after what is shared: more would not fit beside it into a message."""
AT_ONCE = 1 << 22
"""Whoever takes quickly is sent so many bytes before others are looked at."""
_JOB = struct.Struct("<QQ")
_DONE = struct.Struct("<Q?")


class Sender:
    """Has a process send, which is begun when it is needed: `begin` gives a connection to one that
    does `send_with`, or raises NurseryEnded. Used by one event loop; who comes from another sends
    by itself.
    """

    def __init__(self, begin: Callable[[], Connection]) -> None:
        self._new = begin
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wire: socket.socket | None = None
        self._beginning = False
        self._number = 0
        self._under_way: dict[int, asyncio.Future[bool]] = {}

    async def send(self, connection: int, shared: Shared, rest: bytes) -> bool | None:
        """Sends to a connection (its descriptor) what is shared and a rest. False: it broke off in
        the middle; None: nothing was sent, there is nobody at the moment who would.
        """
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        if loop is not self._loop or len(rest) > MOST_REST:
            return None
        if self._wire is None:
            self._begin(loop)
            return None
        self._number += 1
        number = self._number
        done: asyncio.Future[bool] = loop.create_future()
        self._under_way[number] = done
        try:
            socket.send_fds(
                self._wire,
                [_JOB.pack(number, shared.size), rest],
                [connection, shared.fileno()],
            )
        except OSError:  # it is gone, or so busy that it takes nothing
            del self._under_way[number]
            return None
        try:
            return await done
        finally:
            self._under_way.pop(number, None)

    def close(self) -> None:
        """Lets go of the process. To be called when the event loop has ended."""
        if self._wire is not None:
            self._wire.close()

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._beginning:
            self._beginning = True
            threading.Thread(target=self._connect, args=(loop,), name="syncd-sender").start()

    def _connect(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            with self._new() as connection:
                wire = socket.socket(fileno=recv_handle(connection))
        except NurseryEnded:
            return  # this process sends all by itself from now on
        except (EOFError, OSError, RuntimeError):
            log.warning("sender.ended")
            self._beginning = False
            return
        wire.setblocking(False)
        try:
            loop.call_soon_threadsafe(self._follow, loop, wire)
        except RuntimeError:  # the loop has ended meanwhile
            wire.close()

    def _follow(self, loop: asyncio.AbstractEventLoop, wire: socket.socket) -> None:
        self._wire, self._beginning = wire, False
        loop.add_reader(wire, self._hear, loop, wire)

    def _hear(self, loop: asyncio.AbstractEventLoop, wire: socket.socket) -> None:
        said = b""
        with suppress(OSError):
            said = wire.recv(_DONE.size)
        if said:
            number, well = _DONE.unpack(said)
            self._tell(number, well=well)
            return
        loop.remove_reader(wire)
        wire.close()
        self._wire = None
        log.warning("sender.ended")
        for number in list(self._under_way):
            self._tell(number, well=False)

    def _tell(self, number: int, *, well: bool) -> None:
        done = self._under_way.get(number)
        if done is not None and not done.done():
            done.set_result(well)


# ------------------------------------------------------------------------- in the process itself


@dataclass
class _Job:
    """What is still to be sent to whom."""

    number: int
    connection: socket.socket
    shared: Shared
    rest: memoryview
    at: int = 0

    def go_on(self) -> bool:
        """Sends what is taken at once; whether that was all. Raises OSError: it is broken off."""
        left = AT_ONCE
        with suppress(BlockingIOError):
            while self.at < self.shared.size and left > 0:
                count = min(left, self.shared.size - self.at)
                sent = os.sendfile(self.connection.fileno(), self.shared.fileno(), self.at, count)
                self.at += sent
                left -= sent
            while self.at == self.shared.size and self.rest:
                self.rest = self.rest[self.connection.send(self.rest) :]
        return self.at == self.shared.size and not self.rest


def send_with(connection: Connection) -> None:
    """Sends what it is given, until whoever gives it has ended."""
    with connection:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            send_handle(connection, theirs.fileno(), None)
    jobs: dict[int, _Job] = {}
    with ours:
        try:
            _send(ours, jobs)
        finally:
            for job in jobs.values():
                job.connection.close()


def _send(ours: socket.socket, jobs: dict[int, _Job]) -> None:
    polling = select.poll()
    polling.register(ours, select.POLLIN)
    while True:
        for descriptor, _ in polling.poll():
            if descriptor != ours.fileno():
                _go_on(jobs[descriptor], jobs, polling, ours)
                continue
            said, descriptors, _, _ = socket.recv_fds(ours, _JOB.size + MOST_REST, 2)
            if not said:
                return
            job = _given(said, descriptors)
            if job is None:
                ours.send(_DONE.pack(_JOB.unpack_from(said)[0], False))
                continue
            jobs[job.connection.fileno()] = job
            polling.register(job.connection, select.POLLOUT)
            _go_on(job, jobs, polling, ours)


def _given(said: bytes, descriptors: list[int]) -> _Job | None:
    """What is to be sent; None: no more files may be open here."""
    number, size = _JOB.unpack_from(said)
    if len(descriptors) < 2:
        for one in descriptors:
            os.close(one)
        return None
    connection, whole = descriptors
    rest = memoryview(said)[_JOB.size :]
    return _Job(number, socket.socket(fileno=connection), Shared(whole, size), rest)


def _go_on(job: _Job, jobs: dict[int, _Job], polling: select.poll, ours: socket.socket) -> None:
    try:
        if not job.go_on():
            return
        well = True
    except OSError:  # whoever was to take it has left
        well = False
    polling.unregister(job.connection)
    del jobs[job.connection.fileno()]
    job.connection.close()
    ours.send(_DONE.pack(job.number, well))
