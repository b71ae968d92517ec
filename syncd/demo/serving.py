"""An HTTP server on the loopback address, in threads of its own, for the sandbox upstreams."""

from __future__ import annotations

import json
import logging
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import parse_qsl, unquote, urlsplit

Clock = Callable[[], datetime]
"""Tells the sandbox's moment, aware UTC."""

_log = logging.getLogger("syncd.demo")
_STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Request:
    """One request: decoded path, query pairs in order, header names in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes

    def values(self, name: str) -> list[str]:
        """Every value of a query parameter, in order."""
        return [value for key, value in self.query if key == name]

    def last(self, name: str) -> str | None:
        """The last value of a query parameter, None when it is absent."""
        values = self.values(name)
        return values[-1] if values else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status and a body."""

    status: int
    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def json(
        cls, value: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()
    ) -> Answer:
        """A JSON answer."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, body, "application/json", headers)

    @classmethod
    def html(
        cls, text: str, status: int = 200, headers: tuple[tuple[str, str], ...] = ()
    ) -> Answer:
        """An HTML page."""
        return cls(status, text.encode(), "text/html; charset=utf-8", headers)


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that was answered, for tests. Holds no header, so no secret."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: bytes
    status: int


@dataclass(frozen=True, slots=True)
class Outage:
    """From `start` (inclusive) to `end` (exclusive) every request is answered with `status`."""

    start: datetime
    end: datetime
    status: int


def moment(text: str) -> datetime:
    """The aware moment an ISO 8601 text names; ValueError when it has no offset."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"the time {text!r} has no offset; write it like 2026-01-05T09:00:00Z")
    return parsed


def outages_of(seed: Mapping[str, Any]) -> tuple[Outage, ...]:
    """The outages of a seed: ``[{"from": ..., "to": ..., "status": 502}]``, status optional."""
    return tuple(
        Outage(moment(each["from"]), moment(each["to"]), int(each.get("status", 502)))
        for each in seed.get("outages", ())
    )


class Sandbox(ABC):
    """A loopback HTTP server that stands in for an upstream at the clock's moment.

    Start it with `start` or as a context manager; `stop` closes every socket and thread.
    """

    def __init__(self, clock: Clock, *, port: int = 0, outages: Sequence[Outage] = ()) -> None:
        self._clock = clock
        self._port = port
        self._outages = tuple(outages)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._seen: list[Seen] = []
        self._failing: int | None = None

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """What the upstream answers to this request at the clock's moment."""

    @property
    def url(self) -> str:
        """The address without a slash at its end; RuntimeError before `start`."""
        if self._server is None:
            raise RuntimeError("the sandbox is not started")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> tuple[Seen, ...]:
        """What was asked so far, in the order of the answers."""
        with self._lock:
            return tuple(self._seen)

    def now(self) -> datetime:
        """The clock's moment, aware UTC."""
        return self._clock()

    def forget_requests(self) -> None:
        """Empties the list of requests."""
        with self._lock:
            self._seen.clear()

    def fail_with(self, status: int) -> None:
        """From now on every request is answered with this status, as a proxy would."""
        self._failing = status

    def recover(self) -> None:
        """Ends what `fail_with` began."""
        self._failing = None

    def start(self) -> str:
        """The address, once the server listens."""
        if self._server is not None:
            raise RuntimeError("the sandbox is already started")
        self._server = _Server(("127.0.0.1", self._port), self)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name=f"{type(self).__name__}:{self._server.server_address[1]}",
        )
        self._thread.start()
        return self.url

    def stop(self) -> None:
        """Closes the server, its connections and its threads. Stopping twice is harmless."""
        server, thread = self._server, self._thread
        if server is None or thread is None:
            return
        server.shutdown()
        thread.join(_STOP_SECONDS)
        server.hang_up()
        server.server_close()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def serve(self, request: Request) -> Answer:
        """The answer to one request, failures and outages included; it is written down."""
        answer = self._failure() or self.answer(request)
        with self._lock:
            self._seen.append(
                Seen(request.method, request.path, request.query, request.body, answer.status)
            )
        return answer

    def _failure(self) -> Answer | None:
        status = self._failing
        if status is None:
            now = self._clock()
            status = next((o.status for o in self._outages if o.start <= now < o.end), None)
        if status is None:
            return None
        page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
        return Answer.html(page, status)


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._connections: set[socket.socket] = set()
        self._connections_lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._connections_lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._connections_lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Ends the connections that clients keep open, so that their threads end."""
        with self._connections_lock:
            open_connections = tuple(self._connections)
        for connection in open_connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client was quicker

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        _log.debug("a connection of the sandbox broke", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        if len(body) < length:  # who asked is gone: half a question is none
            self.close_connection = True
            return
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(parts.path),
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        try:
            answer = cast("_Server", self.server).sandbox.serve(request)
        except Exception:  # noqa: BLE001 - a server answers 500 and goes on
            _log.exception("the sandbox failed on %s %s", request.method, request.path)
            answer = Answer(500, b"the sandbox itself failed, see its log", "text/plain")
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header: the sandbox's own time, which clients may compare with the data's."""
        if timestamp is None:
            timestamp = cast("_Server", self.server).sandbox.now().timestamp()
        return super().date_time_string(timestamp)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keeps requests off the terminal; `Sandbox.requests` has them."""
