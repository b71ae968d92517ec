"""A web server in a thread of its own, started and stopped by whoever runs the process."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from syncd.certificates import Certificate
from syncd.surfaces.sender import Sender
from syncd.surfaces.shared import ROOM, WHOLE, Shared

START_SECONDS = 15.0
STOP_SECONDS = 5.0
UNTAKEN_BYTES = 262_144
SO_BUF_LOCK = 72
"""Of Linux 5.14 (asm-generic/socket.h); Python has no name for it. 0: the system sizes buffers."""
TAKING_SECONDS = 30.0
"""A connection whose other side takes nothing for so long, or does not answer, is given up."""


class WebServer:
    """Serves an ASGI application. `fallback`: when the port is taken, another free one will do.
    `certificate`: it speaks HTTPS with it. `sender`: it sends what processes share, but
    not by HTTPS.

    `start` once, `stop` once; it touches no signal handler.
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str,
        port: int,
        *,
        fallback: bool = False,
        certificate: Certificate | None = None,
        sender: Sender | None = None,
    ) -> None:
        self._app = app
        self._sender = sender
        self._host = host
        self._port = port
        self._fallback = fallback
        self._certificate = certificate
        self._renewed: ssl.SSLContext | None = None
        self._server: uvicorn.Server | None = None
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> str:
        """The address, once it answers. Raises OSError whose words name the address."""
        listening = self._listen()
        self._socket = listening
        certificate = self._certificate
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._app,
                http=partial(_Protocol, sender=self._sender),  # type: ignore[arg-type]
                log_config=None,
                access_log=False,
                server_header=False,
                # Who is believed about an address is said in the settings, not by uvicorn.
                proxy_headers=False,
                timeout_graceful_shutdown=int(STOP_SECONDS),
                ssl_certfile=None if certificate is None else certificate.chain,
                ssl_keyfile=None if certificate is None else certificate.key,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listening]}, name="syncd-web"
        )
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                self.stop()
                raise OSError(f"the web server did not start on {self._host}:{self._port}")
            self._thread.join(0.01)
        if self._server.config.ssl is not None:
            self._server.config.ssl.sni_callback = self._present
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        return f"{'http' if certificate is None else 'https'}://{shown}:{port}"

    def renew(self) -> None:
        """Speaks HTTPS with what is in the certificate's files now, from the next connection on.
        Raises ssl.SSLError and OSError, and goes on with what it had.
        """
        if self._certificate is None:
            return
        # A context of its own: one in use that takes a new pair holds half of it for a moment,
        # and who shakes hands in that moment is refused.
        renewed = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        renewed.load_cert_chain(self._certificate.chain, self._certificate.key)
        self._renewed = renewed

    def _present(
        self, connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _first: ssl.SSLContext
    ) -> None:
        """Shows a new connection the newest certificate (called within its handshake, also when
        the client names no server).
        """
        if self._renewed is not None:
            connection.context = self._renewed

    def stop(self) -> None:
        """Finishes open requests, for a few seconds at most, and closes the port."""
        end_streams = getattr(getattr(self._app, "state", None), "end_streams", None)
        if end_streams is not None:
            end_streams()
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
        if self._socket is not None:
            self._socket.close()

    def _listen(self) -> socket.socket:
        try:
            return _bound(self._host, self._port)
        except OSError as error:
            if self._fallback and error.errno == errno.EADDRINUSE:
                return _bound(self._host, 0)
            reason = error.strerror or str(error)
            raise OSError(error.errno, f"{self._host}:{self._port}: {reason}") from error


class _Protocol(H11Protocol):
    """Tells the application how it can have room on the connection that it answers on, and how it
    can have a large answer sent by another process.
    """

    def __init__(self, *of: Any, sender: Sender | None, **words: Any) -> None:
        super().__init__(*of, **words)
        self._sender = sender

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        application, room = self.app, partial(_room, transport.get_extra_info("socket"))

        async def answer(scope: Any, receive: Any, send: Any) -> None:
            extensions = {**(scope.get("extensions") or {}), ROOM: room}
            encrypted = transport.get_extra_info("ssl_object") is not None
            if self._sender is not None and not encrypted and scope.get("method") == "GET":
                extensions[WHOLE] = partial(self._whole, self._sender, transport, receive)
            await application({**scope, "extensions": extensions}, receive, send)

        self.app = answer

    async def _whole(
        self,
        sender: Sender,
        transport: asyncio.Transport,
        receive: Any,
        shared: Shared,
        rest: bytes,
    ) -> bool:
        """Has the body of an answer sent whose head is sent already; whether it was, or there is
        nobody any more to send it to.
        """
        if (
            not self.cycle.response_started
            or transport.is_closing()
            or transport.get_write_buffer_size()
        ):
            return False
        descriptor = transport.get_extra_info("socket").fileno()
        sent = await sender.send(descriptor, shared, rest)
        if sent is None:
            return False
        # who has it all may have left before this process heard that it was sent
        if sent and not transport.is_closing():
            body: Any = _Sent(shared.size + len(rest))
            self.conn.send_with_data_passthrough(h11.Data(data=body))
        else:
            # what came of it nobody knows: no other answer may follow on this connection
            transport.abort()
            while (await receive())["type"] != "http.disconnect":
                pass
        return True


class _Sent:
    """Bytes that somebody else sent: whoever counts them asks for no more than their number."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size


@contextmanager
def _room(connection: socket.socket) -> Iterator[None]:
    """Lets the system keep as much of what is not taken as it likes to, megabytes, for as long as
    it lasts: what is handed over at once need not be handed over in a hundred parts, each of which
    waits for this process's turn. Does nothing where the system cannot.
    """
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, SO_BUF_LOCK, 0)
    try:
        yield
    finally:
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNTAKEN_BYTES)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio has answers sent at once only where a socket says that it is of TCP: else the second
    # part of each would wait for 40 ms, until the first is acknowledged
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # the most that the system keeps of what is not taken; by itself it takes megabytes
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNTAKEN_BYTES)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # who takes nothing is cut off by the system, with what still waits to be sent to them
            listening.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(TAKING_SECONDS * 1000)
            )
        listening.bind((host.strip("[]"), port))
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening
