"""What an exception of requests, urllib3, httpcore, httpx, ssl or socket means to us."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator

import httpcore
import httpx
import requests
import urllib3

from connectors.base import BadAnswer, TimedOut, TlsFailed, Unreachable, UpstreamError

FAILURES: tuple[type[Exception], ...] = (
    OSError,  # requests.RequestException is one
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    httpcore.ConnectionNotAvailable,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    ValueError,  # urllib3 and h11 refuse malformed targets and headers with it
)
"""Everything the libraries below may raise for one attempt."""

_CLOSED_EARLY = "the connection was closed before the whole answer had arrived"


def meaning(error: Exception) -> tuple[type[UpstreamError], str]:
    """Our class for it and what to say; never words from the request or the answer."""
    links = list(_links(error))
    if any(isinstance(link, _TIMEOUTS) and not isinstance(link, _NO_TIMEOUT) for link in links):
        return TimedOut, "no answer in time"
    if _any(links, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return Unreachable, _CLOSED_EARLY
    for link in links:
        if isinstance(link, ssl.SSLError):
            return TlsFailed, f"TLS failed: {_tls_words(link)}"
    if _any(links, _TLS):
        return TlsFailed, "TLS failed"
    if _any(
        links, (requests.exceptions.ProxyError, httpcore.ProxyError, urllib3.exceptions.ProxyError)
    ):
        return Unreachable, "the proxy did not connect"
    if _any(links, (socket.gaierror,)):
        return Unreachable, "the host name does not resolve"
    for link in links:
        if isinstance(link, ConnectionRefusedError):
            return Unreachable, "the connection was refused"
        if isinstance(link, ConnectionResetError | BrokenPipeError | ConnectionAbortedError):
            return Unreachable, "the connection was reset"
    if _any(links, _CUT_SHORT) or _says_closed(links):
        return Unreachable, _CLOSED_EARLY
    if _any(links, _NOT_HTTP):
        return BadAnswer, "the answer is not HTTP"
    for link in links:
        if type(link).__module__ == "builtins" and isinstance(link, OSError) and link.strerror:
            return Unreachable, link.strerror.lower()
    return Unreachable, "the connection failed"


def root_cause(error: Exception) -> OSError | None:
    """The operating system's error beneath, or None. Safe to chain: unlike what the libraries
    wrap around it, it holds no URL, no header and no part of a body.
    """
    for link in _links(error):
        plain = type(link).__module__ in ("builtins", "socket", "ssl")
        if plain and isinstance(link, OSError) and not isinstance(link, http.client.HTTPException):
            link.__cause__ = None
            link.__context__ = None
            return link
    return None


_TIMEOUTS = (
    TimeoutError,
    requests.exceptions.Timeout,
    urllib3.exceptions.TimeoutError,
    httpcore.TimeoutException,
    httpx.TimeoutException,
)
_NO_TIMEOUT = urllib3.exceptions.NewConnectionError
"""Refused or unresolved, though urllib3 derives it from its connect timeout."""

_TLS = (requests.exceptions.SSLError, urllib3.exceptions.SSLError)
_CUT_SHORT = (
    http.client.IncompleteRead,
    http.client.RemoteDisconnected,
    urllib3.exceptions.IncompleteRead,
)
_NOT_HTTP = (
    http.client.HTTPException,
    httpcore.RemoteProtocolError,
    urllib3.exceptions.InvalidHeader,
    urllib3.exceptions.DecodeError,
)


def _links(error: BaseException) -> Iterator[BaseException]:
    """The exception and all it was raised from, outermost first."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop(0)
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [getattr(link, "reason", None), *link.args, link.__cause__, link.__context__]


def _any(links: list[BaseException], classes: tuple[type[BaseException], ...]) -> bool:
    return any(isinstance(link, classes) for link in links)


def _says_closed(links: list[BaseException]) -> bool:
    """h11 has one class for a peer that hung up and a peer that does not speak HTTP."""
    return any(
        isinstance(link, httpcore.RemoteProtocolError)
        and any(words in str(link) for words in ("disconnected", "closed connection"))
        for link in links
    )


def _tls_words(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate was not accepted ({error.verify_message})"
    return (error.reason or "handshake refused").lower().replace("_", " ")
