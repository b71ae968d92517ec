"""What can go wrong with an upstream.

Error tree (the ``error_type`` of each is a metric label and is part of the interface)::

    UpstreamError
    ├── Unreachable       "unreachable"     refused, DNS, reset, closed mid-body
    ├── TlsFailed         "tls"             certificate or handshake
    ├── TimedOut          "timeout"         no answer in time, or the run's deadline passed
    ├── Unauthorised      "unauthorised"    401, a dead token, a login page
    ├── Forbidden         "forbidden"       403
    ├── NotFound          "not_found"       404, 410
    ├── QueryRefused      "query_refused"   400, 422: the query itself is wrong
    ├── FilterIgnored     "filter_ignored"  the server silently ignored a filter
    ├── RateLimited       "rate_limited"    429
    ├── ServerFailed      "server_error"    5xx
    ├── BadAnswer         "bad_answer"      HTML, broken or truncated JSON, an unexpected shape
    └── TooLarge          "too_large"       the body is over the limit
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar

EXCERPT_CHARACTERS = 256
"""How much of an upstream's answer may appear in an error."""


class UpstreamError(Exception):
    """An upstream did not give what was asked. The message is safe to show: no secret, no query
    string, at most 256 characters of the upstream's own words.

    `retry_after_seconds` is what the upstream asked for (None: it did not say). `judges`: the
    places in the job of the only judges that it is about (empty: it is about all of them).

    `retryable`: the same request may well succeed at once; `of_source`: it says more of the source
    than of what was asked, so that another question would likely fare no better; `answered`: else
    the source is there, and only this was refused.
    """

    error_type: ClassVar[str] = "upstream"
    retryable: ClassVar[bool] = False
    of_source: ClassVar[bool] = False
    answered: ClassVar[bool] = True

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
        self.judges: frozenset[int] = frozenset()


class Unreachable(UpstreamError):
    """The connection was refused, reset or closed early, or the name does not resolve."""

    error_type = "unreachable"
    of_source = True
    answered = False
    retryable = True


class TlsFailed(UpstreamError):
    """The TLS handshake or the certificate was refused."""

    error_type = "tls"
    of_source = True
    answered = False


class TimedOut(UpstreamError):
    """No (whole) answer in time, or the deadline of the run passed."""

    error_type = "timeout"
    of_source = True
    answered = False
    retryable = True


class Unauthorised(UpstreamError):
    """The credentials are missing, wrong or expired."""

    error_type = "unauthorised"
    of_source = True
    answered = False


class Forbidden(UpstreamError):
    """The account may not see this."""

    error_type = "forbidden"


class NotFound(UpstreamError):
    """There is nothing at this address (any more)."""

    error_type = "not_found"


class QueryRefused(UpstreamError):
    """The upstream understood and refused the query."""

    error_type = "query_refused"


class FilterIgnored(UpstreamError):
    """The upstream answered as if a filter had not been there."""

    error_type = "filter_ignored"


class RateLimited(UpstreamError):
    """Too many requests."""

    error_type = "rate_limited"
    of_source = True
    answered = False
    retryable = True


class ServerFailed(UpstreamError):
    """The upstream, or a proxy before it, failed (5xx)."""

    error_type = "server_error"
    of_source = True
    answered = False
    retryable = True


class BadAnswer(UpstreamError):
    """The answer is not what the protocol promises: HTML, broken JSON, a wrong shape."""

    error_type = "bad_answer"


class TooLarge(UpstreamError):
    """The answer's body is over the limit."""

    error_type = "too_large"


FAULTS_OF_WORDS = (QueryRefused, FilterIgnored, NotFound)
"""What an upstream says of words that are wrong, whoever asks and whenever."""


@contextmanager
def about(
    judges: Iterable[int], faults: tuple[type[UpstreamError], ...] = FAULTS_OF_WORDS
) -> Iterator[None]:
    """Whatever of these faults leaves the block says that it is about these judges (their places
    in the job), and not about the others, which can then be read without them.
    """
    try:
        yield
    except faults as error:
        error.judges = error.judges or frozenset(judges)
        raise
