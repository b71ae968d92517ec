"""A server before a sandbox that breaks a page of a run, and whatever is asked after it.

It is the contract's server, with one program: which requests are pages of the walk that is measured
is told by the world, the rest (who am I, which fields are there) is answered well until then.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.contract import faults
from tests.contract.faultserver import Fault, FaultServer, Reply, Request, Wire

BIG_BYTES = 200_000_000
_PIECE = b" " * 65_536


class Front:
    """A healthy upstream until it is told to break; `sent_bytes` counts what a big answer sent."""

    def __init__(
        self, healthy: Callable[[Request], Reply], is_page: Callable[[Request], bool]
    ) -> None:
        self._server = FaultServer(healthy)
        self._server.fail(self._answer)
        self._is_page = is_page
        self._lock = threading.Lock()
        self._fault: Fault | None = None
        self._from_page = 0
        self.pages = 0

    @property
    def url(self) -> str:
        return self._server.url

    def breaks(self, fault: Fault, page: int) -> None:
        """From the run's page of this number (from 1) on, the fault is the answer to everything."""
        with self._lock:
            self._fault, self._from_page, self.pages = fault, page, 0

    def mend(self) -> None:
        """Answers well again, and counts pages anew."""
        with self._lock:
            self._fault, self.pages = None, 0

    def __enter__(self) -> Front:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    def _answer(self, wire: Wire, request: Request, reply: Reply) -> None:
        with self._lock:
            self.pages += self._is_page(request)
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


@contextlib.contextmanager
def unanswered_url(kind: str) -> Iterator[str]:
    """An address at which no connection comes about: nobody listens, there is no such name, or who
    listens does not speak TLS.
    """
    if kind == "refused":
        with faults.refusing_url() as url:
            yield url
    elif kind == "no name":
        yield "http://jira.syncd-faults.invalid"
    else:
        with plain_listener() as port:
            yield f"https://127.0.0.1:{port}"


@contextlib.contextmanager
def plain_listener() -> Iterator[int]:
    """The port of a server that answers every greeting in plain text."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stopping = threading.Event()

        def answer() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(OSError):
                    if stopping.is_set():
                        return
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        port = listening.getsockname()[1]
        try:
            yield port
        finally:
            stopping.set()
            socket.create_connection(("127.0.0.1", port)).close()
            thread.join()
