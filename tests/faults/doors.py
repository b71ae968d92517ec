"""Ways in which no connection comes about: from the beginning of a run, or from one of its pages
on, when the upstream has already answered well.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import trustme

from tests.contract import faults
from tests.contract.faultserver import FaultServer

NAME = "upstream.syncd-faults.invalid"
"""No name service knows it; `Named` does, until it forgets it."""


class Door(Protocol):
    """How an upstream is reached. `url` of its port; `close` lets no new connection come about and
    ends those there are; `open` undoes it.
    """

    def url(self, port: int) -> str: ...

    def close(self, server: FaultServer) -> None: ...

    def open(self, server: FaultServer) -> None: ...


class Plain:
    """HTTP at an address, where nobody may listen any more."""

    def url(self, port: int) -> str:
        return f"http://127.0.0.1:{port}"

    def close(self, server: FaultServer) -> None:
        server.refuse()

    def open(self, server: FaultServer) -> None:
        server.listen()


class Named:
    """HTTP at a name that may cease to be known. The name service is the one thing of the matrix
    that is not real: that of the machine cannot be told to forget.
    """

    def __init__(self) -> None:
        self._known = True
        self._real = socket.getaddrinfo

    def __enter__(self) -> Named:
        socket.getaddrinfo = self._found
        return self

    def __exit__(self, *_: object) -> None:
        socket.getaddrinfo = self._real

    def _found(self, host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name != NAME:
            return self._real(host, *rest, **more)
        if not self._known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return self._real("127.0.0.1", *rest, **more)

    def url(self, port: int) -> str:
        return f"http://{NAME}:{port}"

    def close(self, server: FaultServer) -> None:
        self._known = False
        server.hang_up_all()

    def open(self, server: FaultServer) -> None:  # the name is known, not the port
        self._known = True


class Certified:
    """HTTPS with a certificate of `authority`, which gives way to a stranger's."""

    def __init__(self, folder: Path) -> None:
        ours = trustme.CA()
        self.authority = folder / "authority.pem"
        ours.cert_pem.write_to_path(str(self.authority))
        self._good = ours.issue_cert("127.0.0.1")
        self._strange = trustme.CA().issue_cert("127.0.0.1")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._good.configure_cert(self.context)

    def url(self, port: int) -> str:
        return f"https://127.0.0.1:{port}"

    def close(self, server: FaultServer) -> None:
        self._strange.configure_cert(self.context)
        server.hang_up_all()

    def open(self, server: FaultServer) -> None:
        self._good.configure_cert(self.context)
        server.hang_up_all()


def free_port() -> int:
    """A port of the loopback address that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextlib.contextmanager
def unanswered_url(kind: str) -> Iterator[str]:
    """An address at which no connection comes about at all: nobody listens, there is no such name,
    or who listens does not speak TLS.
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
