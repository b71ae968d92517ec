"""The policy under requests: an adapter to mount on a session, whoever made the session."""

from __future__ import annotations

import io
import json
import os
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse

from connectors.base import BadAnswer, Json, SourceConfig
from connectors.transport.body import ACCEPT_ENCODING, CHUNK_BYTES, read_body, read_excerpt
from connectors.transport.budget import Budget
from connectors.transport.decoding import Shape
from connectors.transport.policy import EXCERPT_BYTES, Attempt, Policy
from connectors.transport.proxies import proxy_for
from connectors.transport.refusals import Answer, parsed

SPENT_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding", "set-cookie"})
"""What no longer holds of a body that was read and decoded. Cookies are not kept: each request
stands on its own credentials, and a session of yesterday hides a token that died."""

PARTING = {"Connection": "close"}
"""Headers of a request whose connection is not kept: the next one is made anew."""


class PolicyAdapter(HTTPAdapter):
    """Sends a session's requests under the policy; what comes back is read whole and 2xx.

    The caller's timeout is ignored (the `jira` package passes None): the limits and the thread's
    deadline hold. Raises only UpstreamErrors.
    """

    def __init__(self, policy: Policy, config: SourceConfig) -> None:
        self.policy = policy
        self._config = config
        super().__init__(pool_connections=2, pool_maxsize=config.limits.concurrency)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Makes the pools of watched connections."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self.policy.budget)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """The pools behind a proxy, watched like the others (SOCKS ones keep their own)."""
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _pool_classes(self.policy.budget)
        return manager

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002  # bodies are always read whole
        timeout: Any = None,  # noqa: ARG002  # the policy's hold
        verify: Any = True,
        cert: Any = None,  # noqa: ARG002  # ours
        proxies: Any = None,  # noqa: ARG002  # chosen by `proxy_for`, as for httpx
    ) -> requests.Response:
        """The answer to a prepared request; raises an UpstreamError."""
        return self._rebuilt(request, self.answered(request, verify))

    def answered(self, request: requests.PreparedRequest, verify: bool | str) -> Answer:
        """The same as it came."""
        url, method = str(request.url), str(request.method)
        request.headers["Accept-Encoding"] = ACCEPT_ENCODING
        # requests lets REQUESTS_CA_BUNDLE win over what a session was told; here a setting wins.
        trusted = verify if self._config.verify is True else self._config.verify
        proxy = proxy_for(url)
        chosen = {"http": proxy, "https": proxy} if proxy else {}

        def perform(attempt: Attempt) -> Answer:
            prepared = request
            if attempt.url != url:
                prepared = request.copy()
                prepared.url = attempt.url
            certificate, *key = client_files(self._config) or (None,)
            raw: Any = HTTPAdapter.send(
                self,
                prepared,
                stream=True,
                timeout=(attempt.connect_seconds, attempt.read_seconds),
                verify=trusted,
                cert=(certificate, key[0]) if certificate and key else certificate,
                proxies=chosen,
            )
            try:
                return _read(raw, attempt)
            finally:
                raw.close()
                raw.release_conn()

        return self.policy.ask(method, url, perform)

    def build_response(self, req: Any, resp: Any) -> Any:  # noqa: ARG002
        """What `HTTPAdapter.send` is to give: the bytes as they come. To make a response of
        requests of them took as long as to read their headers, and nobody looked at it.
        """
        return resp

    def _rebuilt(self, request: requests.PreparedRequest, answer: Answer) -> requests.Response:
        native: HTTPResponse = answer.native
        kept = {n: v for n, v in native.headers.items() if n.lower() not in SPENT_HEADERS}
        raw = HTTPResponse(
            body=b"",
            headers=kept,
            status=answer.status,
            version=native.version,
            reason=native.reason,
            preload_content=False,
        )
        response = super().build_response(request, raw)
        # It was read already: to have requests read it again, in pieces of 10 kB, took as long as
        # to receive it.
        response._content = answer.body
        response._content_consumed = True  # type: ignore[attr-defined]
        return response


class PolicySession(requests.Session):
    """A session that also refuses in our words what never reaches an adapter: an address (of a
    `next` link, say) that is none.
    """

    def __init__(self, source: str) -> None:
        super().__init__()
        self._source = source

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        """The answer; raises an UpstreamError."""
        try:
            return super().request(method, url, *args, **options)
        except (requests.RequestException, UnicodeError):
            pass
        raise BadAnswer(f"{self._source}: {method}: was sent to something that is no address")


class NoNetrc(AuthBase):
    """Adds nothing. Where a session has no `auth`, requests takes credentials from ~/.netrc and
    puts them over our own header.
    """

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request as it is."""
        return request


class Posting:
    """JSON that is sent to one address again and again, with the headers and the authentication
    that the session has now. It is prepared once: to put settings together for each request took
    half of the processor of asking.
    """

    def __init__(self, session: requests.Session, adapter: PolicyAdapter, url: str) -> None:
        self._adapter = adapter
        self._verify = session.verify if session.verify is not None else True
        self._request = session.prepare_request(requests.Request("POST", url, json={}))
        self._headers = dict(self._request.headers)

    def __call__(self, body: Json, shape: Shape | None = None) -> Json:
        """The JSON that answers, as `shape` makes it where it is of that shape. Raises an
        UpstreamError.
        """
        request: Any = requests.PreparedRequest()
        request.method, request.url = self._request.method, self._request.url
        request.body = json.dumps(body, allow_nan=False).encode()
        request.headers = {**self._headers, "Content-Length": str(len(request.body))}
        answer = self._adapter.answered(request, self._verify)
        policy = self._adapter.policy
        label = policy.label(request.method, request.url)
        return parsed(label, answer.content_type, answer.body, policy.redact, shape)


def govern(session: requests.Session, adapter: PolicyAdapter, config: SourceConfig) -> None:
    """Puts a session under the policy: every request it sends goes through the adapter."""
    for prefix in list(session.adapters):
        session.adapters.pop(prefix).close()
    session.mount("", adapter)  # whatever the scheme: the policy refuses what is elsewhere
    # what requests would look up in the whole environment, twice for each request
    session.trust_env = False
    session.verify = _bundle() if config.verify is True else config.verify
    session.headers.update(config.headers)
    if session.auth is None:
        session.auth = NoNetrc()


def _bundle() -> str | bool:
    """The certificate authorities that the environment names for requests; True: its own."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True


def client_files(config: SourceConfig) -> tuple[str, ...]:
    """The files we show who we are with: none, a certificate with its key in it, or both.

    Raises ssl.SSLError when one cannot be read, as for a certificate that the server refuses:
    neither is mended by trying again.
    """
    named = (config.client_cert, config.client_key if config.client_cert is not None else None)
    files = tuple(file for file in named if file is not None)
    for file in files:
        try:
            with Path(file).open("rb"):
                pass
        except OSError:
            unreadable = ssl.SSLError()
            unreadable.reason = "the file of the client certificate or its key cannot be read"
            raise unreadable from None
    return files


def _read(raw: HTTPResponse, attempt: Attempt) -> Answer:
    attempt.status = raw.status
    headers = {name.lower(): value for name, value in raw.headers.items()}
    coding = headers.get("content-encoding", "")
    if raw.status < 300:
        body = read_body(_chunks(raw), coding, attempt.body_bytes, attempt.received)
    else:
        body = read_excerpt(_chunks(raw), coding, EXCERPT_BYTES, attempt.received)
    return Answer(raw.status, headers, body, raw)


def _chunks(raw: HTTPResponse) -> Iterator[bytes]:
    """The body as it arrives; `read` would count nothing until a whole chunk is there."""
    while chunk := raw.read1(CHUNK_BYTES, decode_content=False):
        yield chunk


class _Watched:
    """A connected socket whose every wait fits the deadline of the thread that waits.

    Only what http.client and urllib3 use of a socket is overridden; the rest is the socket's own.
    """

    def __init__(self, sock: socket.socket, budget: Budget) -> None:
        self._sock = sock
        self._budget = budget
        self._silence_seconds = sock.gettimeout()
        budget.watch(sock)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def settimeout(self, seconds: float | None) -> None:
        self._silence_seconds = seconds
        self._sock.settimeout(seconds)

    def sendall(self, data: Any) -> None:
        self.limit_wait()
        self._sock.sendall(data)

    def makefile(self, mode: str, *_: Any, **__: Any) -> io.BufferedReader:
        if mode != "rb":
            raise ValueError(f"mode: got {mode!r}; expected 'rb', the only one http.client uses")
        return io.BufferedReader(_WatchedFile(self))

    def limit_wait(self) -> None:
        """Sets the socket's timeout to what is allowed now; raises Spent."""
        self._sock.settimeout(self._budget.allowance(self._silence_seconds))

    def raw_file(self) -> socket.SocketIO:
        return self._sock.makefile("rb", buffering=0)


class _WatchedFile(io.RawIOBase):
    """The reading side of a watched socket."""

    def __init__(self, watched: _Watched) -> None:
        self._watched = watched
        self._file = watched.raw_file()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._watched.limit_wait()
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Parting:
    """A connection that holds to what it said: after `Connection: close` nothing more is asked over
    it. http.client goes by the server's header alone, and not every server sends one before it
    closes, under the next request.
    """

    sock: Any
    _parting = False

    def request(self, method: str, url: str, *args: Any, headers: Any = None, **words: Any) -> None:
        self._parting = (headers or {}).get("Connection") == "close"
        super().request(method, url, *args, headers=headers, **words)  # type: ignore[misc]

    def getresponse(self) -> Any:
        response = super().getresponse()  # type: ignore[misc]
        if self._parting and self.sock is not None:
            # the answer has its own hold on the socket, which ends with it
            sock, self.sock = self.sock, None
            sock.close()
        return response


def _pool_classes(budget: Budget) -> dict[str, type[HTTPConnectionPool]]:
    """urllib3's pools, with connections that put their socket under watch once it is connected."""

    class WatchedHTTPConnection(_Parting, HTTPConnection):
        def connect(self) -> None:
            super().connect()
            self.sock: Any = _Watched(self.sock, budget)

    class WatchedHTTPSConnection(_Parting, HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            self.sock: Any = _Watched(self.sock, budget)

    class WatchedHTTPPool(HTTPConnectionPool):
        ConnectionCls = WatchedHTTPConnection

    class WatchedHTTPSPool(HTTPSConnectionPool):
        ConnectionCls = WatchedHTTPSConnection

    return {"http": WatchedHTTPPool, "https": WatchedHTTPSPool}
