"""A server before a sandbox that breaks a page of a run, and whatever is asked after it.

It is the contract's server, with one program: which requests are pages of the walk that is measured
is told by the world, the rest (who am I, which fields are there) is answered well until then.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from tests.contract.faultserver import Fault, FaultServer, Reply, Request, Wire
from tests.faults.doors import Certified, Door, Plain, free_port

BIG_BYTES = 200_000_000
_PIECE = b" " * 65_536


class Front:
    """A healthy upstream until it is told to break. `paths`: of all requests since it was mended
    last.
    """

    def __init__(
        self,
        healthy: Callable[[Request], Reply],
        is_page: Callable[[Request], bool],
        door: Door | None = None,
    ) -> None:
        self._door = door or Plain()
        tls = self._door.context if isinstance(self._door, Certified) else None
        self._port = free_port()
        self._server = FaultServer(healthy, tls, self._port)
        self._server.fail(self._answer)
        self._is_page = is_page
        self._lock = threading.Lock()
        self._fault: Fault | None = None
        self._shut = False
        self._from_page = 0
        self.pages = 0
        self.paths: list[str] = []

    @property
    def url(self) -> str:
        return self._door.url(self._port)

    def breaks(self, fault: Fault, page: int) -> None:
        """From the run's page of this number (from 1; 0: from its first request) on, the fault is
        the answer to everything.
        """
        with self._lock:
            self._fault, self._from_page, self.pages = fault, page, 0

    def shuts(self, page: int) -> None:
        """At the run's page of this number the door closes."""
        self.breaks(self._shut_at, page)

    def mend(self) -> None:
        """Answers well again, and counts pages anew."""
        with self._lock:
            self._fault, self.pages, self.paths = None, 0, []
            if self._shut:
                self._door.open(self._server)
            self._shut = False

    def __enter__(self) -> Front:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    def _shut_at(self, wire: Wire, request: Request, reply: Reply) -> None:
        with self._lock:
            if not self._shut:
                self._door.close(self._server)
            self._shut = True
        wire.hang_up()

    def _answer(self, wire: Wire, request: Request, reply: Reply) -> None:
        with self._lock:
            self.pages += self._is_page(request)
            self.paths.append(request.path)
            broken = self._fault if self.pages >= self._from_page else None
        if broken is None:
            wire.send(reply)
        else:
            broken(wire, request, reply)


@dataclass
class Big:
    """An answer of 200 MB, announced or not, made while it is sent; `sent_bytes` of the last one."""

    announced: bool
    sent_bytes: int = 0

    def __call__(self, wire: Wire, request: Request, reply: Reply) -> None:
        length = f"Content-Length: {BIG_BYTES}\r\n" if self.announced else "Connection: close\r\n"
        self.sent_bytes = 0
        wire.send_bytes(
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{length}\r\n".encode()
        )
        while self.sent_bytes < BIG_BYTES:
            wire.send_bytes(_PIECE)
            self.sent_bytes += len(_PIECE)
        wire.hang_up()
