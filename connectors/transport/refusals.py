"""What the status, the headers and the body of a finished answer mean to us."""

from __future__ import annotations

import email.utils
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import urljoin, urlsplit

from connectors.base import (
    BadAnswer,
    Budget,
    Forbidden,
    Json,
    NotFound,
    QueryRefused,
    RateLimited,
    ServerFailed,
    TimedOut,
    Unauthorised,
    UpstreamError,
)
from connectors.transport.decoding import Shape, decoded
from connectors.transport.words import Redactor, is_html, is_login_page, is_login_path, words_of

LONGEST_RETRY_AFTER_SECONDS = 86_400.0
"""A header that asks for more is taken for this: a typing mistake of a proxy must not silence a
source for ever."""

_DECIMAL = re.compile(r"\d{1,300}(\.\d{1,300})?\Z")
_DENIED_REASON = "x-authentication-denied-reason"


@dataclass(frozen=True)
class Answer:
    """One whole HTTP answer: header names in lower case, the body decoded and within the limit.

    `native` is the library's own response object, already read and released.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    native: Any = None

    @property
    def content_type(self) -> str:
        """The media type with its parameters, in lower case; empty when there is none."""
        return self.headers.get("content-type", "").lower()


Classify = Callable[[int, Json], type[UpstreamError] | None]
"""A kind's own reading of an error answer: the status and the JSON body (None: not JSON)."""


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """What `Retry-After` asks for, 0..86400 seconds; None when absent or unreadable.

    Whole and fractional seconds and HTTP dates (RFC 9110, 10.2.3). A date is compared with the
    answer's own `Date`, so the two clocks need not agree; without one, with this machine's clock.
    """
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if _DECIMAL.match(text):
        return min(float(text), LONGEST_RETRY_AFTER_SECONDS)
    due = _http_date(text)
    if due is None:
        return None
    sent = _http_date(headers.get("date", ""))
    return min(max(0.0, due - (time.time() if sent is None else sent)), LONGEST_RETRY_AFTER_SECONDS)


_BUDGETS = ("x-ratelimit", "x-beta-ratelimit", "ratelimit")


def budget_of(headers: Mapping[str, str]) -> Budget | None:
    """What the server says of its limit, as Jira (Cloud and Data Center) and many gateways say it;
    None when it says nothing that can be read.

    >>> budget_of({"x-ratelimit-remaining": "42", "x-ratelimit-limit": "100"})
    Budget(left=42.0, limit=100.0)
    """
    for name in _BUDGETS:
        left = headers.get(f"{name}-remaining", "").strip()
        if _DECIMAL.match(left):
            limit = headers.get(f"{name}-limit", "").strip()
            return Budget(float(left), float(limit) if _DECIMAL.match(limit) else None)
    return None


def date_of(headers: Mapping[str, str]) -> float | None:
    """The server's clock when it answered, in Unix seconds, cut to whole ones (RFC 9110, 6.6.1);
    None when it does not say.
    """
    return _http_date(headers.get("date", ""))


def _http_date(text: str) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def slash_redirect(method: str, url: str, answer: Answer) -> str | None:
    """Where to ask instead when a server only misses (or minds) the trailing slash, else None.

    Only GET, only on the same scheme, host and port, only the path's last slash may differ; the
    query is the one that was asked for.
    """
    if method not in ("GET", "HEAD") or answer.status not in (301, 302, 307, 308):
        return None
    here = urlsplit(url)
    try:
        there = urlsplit(urljoin(url, answer.headers.get("location", "")))
    except ValueError:
        return None
    same_place = (here.scheme, here.netloc) == (there.scheme, there.netloc)
    if not same_place or here.path == there.path:
        return None
    if here.path.rstrip("/") != there.path.rstrip("/"):
        return None
    return there._replace(query=here.query, fragment="").geturl()


def refusal(
    label: str, url: str, answer: Answer, redact: Redactor, classify: Classify | None
) -> UpstreamError | None:
    """The error an answer stands for; None when it is a success (2xx)."""
    if 200 <= answer.status < 300:
        return None
    if 300 <= answer.status < 400:
        return _redirected(label, url, answer, redact)
    words = redact(words_of(answer.content_type, answer.body))
    wait = retry_after_seconds(answer.headers)
    error_class, what = _by_status(answer)
    if classify is not None:
        error_class = classify(answer.status, _json_or_none(answer)) or error_class
    message = f"{label}: {what}" + (f": {words}" if words else "")
    if wait is not None and error_class.retryable:
        message += f" (retry after {wait:g} s)"
    return error_class(message, retry_after_seconds=wait)


def _by_status(answer: Answer) -> tuple[type[UpstreamError], str]:
    status = answer.status
    if status == 401:
        return Unauthorised, "the credentials were not accepted (401)"
    if status == 407:
        return Unauthorised, "the proxy wants credentials (407)"
    if status == 403:
        if reason := answer.headers.get(_DENIED_REASON):
            code = reason.split(";")[0].strip()[:64]
            return Unauthorised, f"the credentials were not accepted (403, {code})"
        return Forbidden, "the account may not see this (403)"
    if status in (404, 410):
        return NotFound, f"there is nothing here ({status})"
    if status == 408:
        return TimedOut, "the server gave up waiting for the request (408)"
    if status == 429:
        return RateLimited, "too many requests (429)"
    if status >= 500:
        return ServerFailed, f"the server failed ({status})"
    if status >= 400:
        return QueryRefused, f"the query was refused ({status})"
    return BadAnswer, f"an answer with status {status}"


def _redirected(label: str, url: str, answer: Answer, redact: Redactor) -> UpstreamError:
    try:
        here, there = urlsplit(url), urlsplit(urljoin(url, answer.headers.get("location", "")))
        host = there.hostname or "?"
        elsewhere = host != here.hostname
    except ValueError:
        return BadAnswer(f"{label}: redirected ({answer.status}) to something that is no address")
    target = redact(f"{there.scheme}://{host}{f':{there.port}' if there.port else ''}{there.path}")
    if elsewhere or is_login_path(there.path):
        return Unauthorised(
            f"{label}: redirected ({answer.status}) to {target}, as sign-in pages do; "
            "check the credentials and the source's url"
        )
    return BadAnswer(
        f"{label}: redirected ({answer.status}) to {target}; "
        "set the source's url to where the API is"
    )


def _json_or_none(answer: Answer) -> Json:
    try:
        return decoded(answer.body)
    except ValueError:
        return None


def parsed(
    label: str, content_type: str, body: bytes, redact: Redactor, shape: Shape | None = None
) -> Json:
    """The body as JSON, as `shape` makes it where it is of that shape. Raises BadAnswer when it is
    none, Unauthorised for a login page.
    """
    if is_html(content_type, body):
        if is_login_page(body):
            raise Unauthorised(
                f"{label}: answered with a login page; check the credentials and the source's url"
            )
        raise BadAnswer(f"{label}: answered with an HTML page; expected JSON")
    if not body.strip():
        raise BadAnswer(f"{label}: answered with nothing; expected JSON")
    if content_type and "json" not in content_type:
        kind = redact(content_type.split(";")[0].strip())
        raise BadAnswer(f"{label}: answered with {kind}; expected JSON")
    try:
        return decoded(body, shape)
    except UnicodeDecodeError:
        fault = "it is not UTF-8"
    except json.JSONDecodeError as error:
        fault = f"{error.msg} at character {error.pos} of {len(error.doc)}"
    except ValueError as error:
        fault = str(error)[:80]
    raise BadAnswer(f"{label}: the JSON is broken: {fault}")
