"""A loopback HTTP server that answers well until it is told how to fail.

It speaks over real sockets, so that what a client meets is what the network would give it. The
ways to fail are in `faults`:

    with FaultServer(healthy) as server:
        server.fail(faults.reset_mid_body, first=2)      # from the second request on
        server.fail(faults.status(429), first=1, last=1) # the first request only
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = Any


@dataclass(frozen=True)
class Request:
    """One request as it arrived. `query` and `form` hold every value of a name, in order."""

    method: str
    path: str
    raw_query: str
    headers: Mapping[str, str]
    body: bytes
    peer: int = 0
    """The client's port: the same for requests over one connection."""

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(self.raw_query, keep_blank_values=True)

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode(), keep_blank_values=True)

    @property
    def json(self) -> Json:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """One answer. `content_type` empty: none is sent."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(value: Json, status: int = 200, **headers: str) -> Reply:
    """An answer with a JSON body; keywords are headers (`Retry_After="1"`)."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, json.dumps(value).encode(), headers=named)


class Wire:
    """The server's end of one connection, for faults that are not whole answers."""

    def __init__(self, handler: BaseHTTPRequestHandler, stopping: threading.Event) -> None:
        self._handler = handler
        self._stopping = stopping

    def send(self, reply: Reply) -> None:
        """Sends a whole answer; the connection stays open for more."""
        handler = self._handler
        handler.send_response(reply.status)
        if reply.content_type:
            handler.send_header("Content-Type", reply.content_type)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        self.send_bytes(reply.body)

    def send_bytes(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def send_slowly(self, data: bytes, pause_seconds: float) -> None:
        """Sends one byte, pauses, and so on, until the server stops or the peer is gone."""
        for number in range(len(data)):
            if self._stopping.wait(pause_seconds):
                return
            self.send_bytes(data[number : number + 1])

    def hold(self) -> None:
        """Says nothing until the server stops."""
        self._stopping.wait()
        self.hang_up()

    def hang_up(self) -> None:
        """Closes the connection in order (FIN) after what was sent."""
        self._handler.close_connection = True

    def hang_up_under_the_next(self) -> None:
        """Waits until the next request arrives on the connection, and closes without reading it,
        which resets it: what a server's limit for idle connections looks like in bad luck.
        """
        select.select([self._handler.connection], [], [])
        self.hang_up()

    def reset(self) -> None:
        """Breaks the connection off (RST)."""
        linger = struct.pack("ii", 1, 0)
        self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._handler.close_connection = True


Fault = Callable[[Wire, Request, Reply], None]
"""Does something to the wire; is given the request and what a healthy upstream would say."""


@dataclass(frozen=True)
class _Programmed:
    fault: Fault
    first: int
    last: int | None

    def covers(self, number: int) -> bool:
        return self.first <= number and (self.last is None or number <= self.last)


class FaultServer:
    """Listens on a free loopback port from construction to the end of its `with` block."""

    def __init__(
        self,
        healthy: Callable[[Request], Reply],
        tls: ssl.SSLContext | None = None,
        port: int = 0,
    ) -> None:
        self.requests: list[Request] = []
        self.date = DATE
        self._healthy = healthy
        self._faults: list[_Programmed] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._scheme = "http" if tls is None else "https"
        self._server = _Server(("127.0.0.1", port), _handler_class(self), tls)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, https with `tls`."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def fail(self, fault: Fault, first: int = 1, last: int | None = None) -> None:
        """From request `first` (counted from 1) to `last` (None: for ever) the fault answers."""
        with self._lock:
            self._faults.append(_Programmed(fault, first, last))

    def hang_up_all(self) -> None:
        """Closes every connection that there is."""
        self._server.hang_up_all()

    def refuse(self) -> None:
        """Nobody listens from now on, and connections are closed. The address stays ours, if it was
        made with a `port`.
        """
        self._server.socket.shutdown(socket.SHUT_RDWR)
        self._server.hang_up_all()

    def listen(self) -> None:
        """Undoes `refuse`."""
        self._server.socket.listen(self._server.request_queue_size)

    def __enter__(self) -> FaultServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.hang_up_all()
        self._server.server_close()
        self._thread.join()

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        """Answers one request, well or as programmed."""
        request = _read_request(handler)
        with self._lock:
            self.requests.append(request)
            number = len(self.requests)
            fault = next((p.fault for p in reversed(self._faults) if p.covers(number)), None)
        wire = Wire(handler, self._stopping)
        reply = self._healthy(request)
        # The client hanging up is the usual end of a fault, not an accident of the server.
        try:
            if fault is None:
                wire.send(reply)
            else:
                fault(wire, request, reply)
        except OSError:
            wire.hang_up()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, address: Any, handler: Any, tls: ssl.SSLContext | None) -> None:
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(address, handler)
        if tls is not None:
            # The handshake happens at the first read, in the connection's own thread.
            self.socket = tls.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        # Closed without the orderly shutdown of the base class, which would undo `Wire.reset`.
        request.close()

    def hang_up_all(self) -> None:
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A peer that resets between two requests is no event."""


def _handler_class(server: FaultServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            server.serve(self)

        do_POST = do_PATCH = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

        def date_time_string(self, timestamp: float | None = None) -> str:
            return server.date if timestamp is None else super().date_time_string(timestamp)

    return Handler


def _read_request(handler: BaseHTTPRequestHandler) -> Request:
    length = int(handler.headers.get("Content-Length", "0"))
    parts = urlsplit(handler.path)
    return Request(
        handler.command,
        parts.path,
        parts.query,
        {name.lower(): value for name, value in handler.headers.items()},
        handler.rfile.read(length),
        handler.client_address[1],
    )


DATE = "Thu, 15 Jan 2026 10:30:00 GMT"
"""What every answer's `Date` says until the server is given another `date`, so that dates in
`Retry-After` can be written down.
"""
