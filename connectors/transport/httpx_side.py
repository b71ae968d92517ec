"""The policy under httpx: a transport over httpcore, whose network streams fit the deadline."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpcore
import httpx

from connectors.base import SourceConfig
from connectors.transport.body import ACCEPT_ENCODING, read_body, read_excerpt
from connectors.transport.budget import Budget, Spent
from connectors.transport.policy import EXCERPT_BYTES, Attempt, Policy
from connectors.transport.proxies import proxy_for
from connectors.transport.refusals import Answer
from connectors.transport.requests_side import SPENT_HEADERS, client_files


class PolicyTransport(httpx.BaseTransport):
    """Sends a client's requests under the policy; what comes back is read whole and 2xx.

    `httpx.HTTPTransport` takes no network backend, so this speaks to httpcore, which does.
    Raises only UpstreamErrors.
    """

    def __init__(self, policy: Policy, config: SourceConfig) -> None:
        self.policy = policy
        self._config = config
        self._pools: dict[tuple[str | None, _Stamp], httpcore.ConnectionPool] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request; raises an UpstreamError."""
        content = request.read()
        request.headers["Accept-Encoding"] = ACCEPT_ENCODING

        def perform(attempt: Attempt) -> Answer:
            url = httpx.URL(attempt.url)
            wire_request = httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=content,
                extensions={
                    "timeout": {
                        "connect": attempt.connect_seconds,
                        "read": attempt.read_seconds,
                        "write": attempt.read_seconds,
                        "pool": attempt.read_seconds,
                    }
                },
            )
            response = self._pool(attempt.url).handle_request(wire_request)
            with contextlib.closing(response):
                return _read(response, attempt)

        answer = self.policy.ask(request.method, str(request.url), perform)
        return httpx.Response(
            answer.status,
            headers=[(n, v) for n, v in answer.native if n.lower().decode() not in SPENT_HEADERS],
            content=answer.body,
            request=request,
            extensions={"policy": self.policy},
        )

    def close(self) -> None:
        """Closes the connections; those in use must have been ended before."""
        with self._lock:
            pools = list(self._pools.values())
            self._pools.clear()
        for pool in pools:
            pool.close()

    def _pool(self, url: str) -> httpcore.ConnectionPool:
        tls = url.startswith("https:")
        # A client certificate lives for weeks and is replaced in place; a context keeps the old
        # one. The pool that used it is closed with the others.
        key = proxy_for(url), _stamp(self._config) if tls else ()
        with self._lock:
            if key not in self._pools:
                self._pools[key] = self._new_pool(key[0], tls)
            return self._pools[key]

    def _new_pool(self, proxy: str | None, tls: bool) -> httpcore.ConnectionPool:
        options: dict[str, Any] = {
            "ssl_context": _ssl_context(self._config) if tls else None,
            "max_connections": self._config.limits.concurrency,
            "network_backend": _Backend(self.policy.budget),
        }
        if proxy is None:
            return httpcore.ConnectionPool(**options)
        address = httpx.Proxy(proxy)
        where = str(address.url)
        if address.url.scheme.startswith("socks"):
            return httpcore.SOCKSProxy(where, proxy_auth=address.raw_auth, **options)
        return httpcore.HTTPProxy(where, proxy_auth=address.raw_auth, **options)


_Stamp = tuple[int, ...]


def _stamp(config: SourceConfig) -> _Stamp:
    """When the files of our own certificate were last written."""
    return tuple(Path(file).stat().st_mtime_ns for file in client_files(config))


def _ssl_context(config: SourceConfig) -> ssl.SSLContext:
    """Whom we trust and who we are. Raises ssl.SSLError or OSError for files that are of no use."""
    context = _trust(config.verify)
    if config.client_cert is not None:
        # Without a password OpenSSL would ask a terminal for that of an encrypted key.
        context.load_cert_chain(config.client_cert, config.client_key, password="")
    return context


def _trust(verify: bool | str) -> ssl.SSLContext:
    if isinstance(verify, bool):
        return httpx.create_ssl_context(verify=verify)
    if Path(verify).is_dir():
        return ssl.create_default_context(capath=verify)
    return ssl.create_default_context(cafile=verify)


def _read(response: httpcore.Response, attempt: Attempt) -> Answer:
    attempt.status = response.status
    headers = {
        name.lower().decode("ascii"): value.decode("latin-1") for name, value in response.headers
    }
    coding = headers.get("content-encoding", "")
    chunks: Iterator[bytes] = response.iter_stream()
    if response.status < 300:
        body = read_body(chunks, coding, attempt.body_bytes, attempt.received)
    else:
        body = read_excerpt(chunks, coding, EXCERPT_BYTES, attempt.received)
    return Answer(response.status, headers, body, response.headers)


class _Backend(httpcore.NetworkBackend):
    """httpcore's own sockets, each wait limited by the deadline of the thread that waits."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connected stream under watch."""
        stream = self._backend.connect_tcp(
            host, port, self._budget.allowance(timeout), local_address, socket_options
        )
        return _Stream(stream, self._budget)


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait fits the deadline of the thread that waits."""

    def __init__(self, stream: httpcore.NetworkStream, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget
        budget.watch(stream.get_extra_info("socket"))

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._limited(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._limited(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        limited = self._limited(timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, limited), self._budget)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _limited(self, timeout: float | None) -> float:
        try:
            return self._budget.allowance(timeout)
        except Spent as spent:
            raise httpcore.ReadTimeout(str(spent)) from spent
