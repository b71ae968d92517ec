"""Every fault of transport, what it must become, and what a person is told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.contract import faults
from tests.contract.faultserver import Fault
from tests.faults.front import Big


@dataclass(frozen=True)
class Broken:
    """A fault, its `error_type`, and words of what is told.

    `fault` None: no connection comes about, `unanswered` says why: not at all where that is on the
    first page, and no more where it is on a later one. `seconds`: the deadline
    of its run, short where only that ends it; `silence_seconds`: how much of it is borne, short
    where only that is met. `waits_seconds`: what the server asked for.
    """

    error_type: str
    says: str
    fault: Callable[[], Fault] | None = None
    unanswered: str = ""
    seconds: float = 20.0
    silence_seconds: float = 10.0
    waits_seconds: float = 0.0


def _always(fault: Fault) -> Callable[[], Fault]:
    return lambda: fault


def _status(code: int, error_type: str, says: str, **more: str) -> Broken:
    return Broken(error_type, says, _always(faults.status(code, **more)))


def _limited(form: str | None, waits_seconds: float = 0.0) -> Broken:
    more = {} if form is None else {"Retry_After": form}
    says = "too many requests (429)"
    if waits_seconds:
        says += f" (retry after {waits_seconds:g} s)"
    fault = _always(faults.status(429, **more))
    return Broken("rate_limited", says, fault, waits_seconds=waits_seconds)


_CLOSED = "the connection was closed before the whole answer had arrived"
_SIGN_IN = "as sign-in pages do; check the credentials and the source's url"

TABLE: dict[str, Broken] = {
    "connection refused": Broken("unreachable", "the connection was refused", unanswered="refused"),
    "DNS failure": Broken("unreachable", "the host name does not resolve", unanswered="no name"),
    "TLS failure": Broken("tls", "TLS failed", unanswered="no TLS"),
    "reset mid-body": Broken(
        "unreachable", "the connection was reset", _always(faults.reset_mid_body)
    ),
    "truncated body": Broken("unreachable", _CLOSED, _always(faults.truncated_body)),
    "one byte at a time": Broken(
        "timeout", "the deadline passed", _always(faults.one_byte_at_a_time), seconds=0.4
    ),
    "never answers": Broken(
        "timeout", "no answer within", _always(faults.never_answers), silence_seconds=0.2
    ),
    "redirect to a login page": Broken("unauthorised", _SIGN_IN, _always(faults.redirect_to_login)),
    "a login page with 200": Broken(
        "unauthorised", "answered with a login page", _always(faults.login_page)
    ),
    "HTML where JSON was due": Broken(
        "bad_answer", "answered with an HTML page; expected JSON", _always(faults.html_page)
    ),
    "wrong content type": Broken(
        "bad_answer",
        "answered with text/plain; expected JSON",
        _always(faults.wrong_content_type),
    ),
    "broken gzip": Broken("bad_answer", "the body is not gzip", _always(faults.broken_gzip)),
    "200 MB, announced": Broken(
        "too_large", "the body is over the limit", lambda: Big(announced=True)
    ),
    "200 MB, not announced": Broken(
        "too_large", "the body is over the limit", lambda: Big(announced=False)
    ),
    "400": _status(400, "query_refused", "the query was refused (400)"),
    "400 as HTML": Broken(
        "query_refused", "the query was refused (400)", _always(faults.html_status(400))
    ),
    "401": _status(401, "unauthorised", "the credentials were not accepted (401)"),
    "403": _status(403, "forbidden", "the account may not see this (403)"),
    "404": _status(404, "not_found", "there is nothing here (404)"),
    "409": _status(409, "query_refused", "the query was refused (409)"),
    "410": _status(410, "not_found", "there is nothing here (410)"),
    "429, Retry-After in seconds": _limited("1847", 1847.0),
    "429, Retry-After with a fraction": _limited("1847.5", 1847.5),
    "429, Retry-After of 0": _limited("0"),
    "429, Retry-After as a date": _limited("Thu, 15 Jan 2026 11:30:00 GMT", 3600.0),
    "429, no Retry-After": _limited(None),
    "429, Retry-After of no meaning": _limited("soon"),
    "429, Retry-After absurdly long": _limited("9" * 200, 86_400.0),
    "500": _status(500, "server_error", "the server failed (500)"),
    "502 as HTML": Broken(
        "server_error", "the server failed (502)", _always(faults.html_status(502))
    ),
    "503": _status(503, "server_error", "the server failed (503)"),
    "503 as HTML": Broken(
        "server_error", "the server failed (503)", _always(faults.html_status(503))
    ),
    "504 as HTML": Broken(
        "server_error", "the server failed (504)", _always(faults.html_status(504))
    ),
}
