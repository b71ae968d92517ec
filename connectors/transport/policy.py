"""One request under the policy: attempts, waits, limits, and every failure as an UpstreamError."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import tenacity

from connectors.base import (
    BadAnswer,
    Exchange,
    Observer,
    SourceConfig,
    TimedOut,
    TooLarge,
    Unreachable,
    UpstreamError,
)
from connectors.transport.body import OverLimit, Undecodable
from connectors.transport.budget import Budget, Spent
from connectors.transport.failures import FAILURES, meaning, root_cause
from connectors.transport.gate import Gate
from connectors.transport.meter import count
from connectors.transport.refusals import (
    Answer,
    Classify,
    budget_of,
    date_of,
    refusal,
    slash_redirect,
)
from connectors.transport.words import Redactor

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "POST"})
"""Methods that are tried again. POST is among them because connectors only read: a POST of ours
is a query that is too long for a URL (Jira's search, Prometheus's query), never a change."""

EXCERPT_BYTES = 16 * 1024
"""How much of an error answer is read."""


@dataclass
class Attempt:
    """One try: what it may take, and what is known of it so far.

    `connect_seconds` and `read_seconds` (of silence) already fit the deadline; `body_bytes` is
    the limit of a decoded success. `waited_seconds`: before its turn came.
    """

    url: str
    connect_seconds: float
    read_seconds: float
    body_bytes: int
    waited_seconds: float = 0.0
    status: int | None = None
    bytes_received: int = 0

    def received(self, count: int) -> None:
        """Adds to what came over the wire."""
        self.bytes_received += count


@dataclass(frozen=True)
class _Ask:
    """What is asked; the same for every attempt. `perform` makes one attempt at it."""

    label: str
    method: str
    perform: Callable[[Attempt], Answer]


class Policy:
    """How one source is asked, whichever library sends the bytes."""

    def __init__(
        self, config: SourceConfig, observer: Observer, classify: Classify | None = None
    ) -> None:
        self.source = config.name
        self.redact = Redactor(config)
        self.budget = Budget()
        self.gate = Gate(
            config.limits.concurrency,
            config.limits.rate_per_second,
            self.budget,
            source=config.name,
            shared=config.shared_rate,
        )
        self._limits = config.limits
        self._observer = observer
        self._classify = classify
        self._origin = _origin(config.url)
        # paths are few, and each was looked through for secrets three times a request
        self._shown = lru_cache(maxsize=256)(self.redact)

    def label(self, method: str, url: str) -> str:
        """What every message begins with: source, method and path, without the query."""
        return f"{self.source}: {method} {self._shown(_path(url))}"

    def ask(self, method: str, url: str, perform: Callable[[Attempt], Answer]) -> Answer:
        """The successful (2xx) answer to a request; `perform` makes one attempt at it.

        Failures worth another try get one, after exponential backoff with jitter or, if that is
        longer, the server's `Retry-After`, as long as attempts and the thread's deadline allow.
        Raises an UpstreamError, and nothing else, when there is no good answer.
        """
        label = self.label(method, url)
        if _origin(url) != self._origin:
            raise BadAnswer(
                f"{label}: is not at the source's own address; "
                "credentials are sent to the host of the source's url only"
            )
        ask = _Ask(label, method, perform)
        attempts = self._limits.attempts if method in REPEATABLE else 1
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(self._is_worth_another),
            wait=self._wait_seconds,
            stop=lambda state: (
                state.attempt_number >= attempts or not self._fits(state.upcoming_sleep)
            ),
            sleep=self._sleep,
            reraise=True,
        )
        since = time.monotonic()
        for attempt in retrying:
            with attempt:
                try:
                    return self._attempt(ask, url, attempt.retry_state.attempt_number, since)
                finally:
                    since = time.monotonic()
        raise AssertionError("tenacity returns or raises")  # pragma: no cover

    def _attempt(self, ask: _Ask, url: str, number: int, since: float) -> Answer:
        """One try, with at most one more request where only a trailing slash was in the way.
        `since`: when it began to wait for its turn.
        """
        answer = self._exchange(ask, url, number, since)
        if there := slash_redirect(ask.method, url, answer):
            answer = self._exchange(ask, there, number, time.monotonic(), moved=True)
        return answer

    def _exchange(
        self, ask: _Ask, url: str, number: int, since: float, *, moved: bool = False
    ) -> Answer:
        """A successful answer, or a redirect that mends a slash. Raises an UpstreamError."""
        try:
            with self.gate.passage():
                attempt = Attempt(
                    url,
                    connect_seconds=self.budget.allowance(self._limits.connect_seconds),
                    read_seconds=self.budget.allowance(self._limits.read_seconds),
                    body_bytes=self._limits.body_bytes,
                    waited_seconds=time.monotonic() - since,
                )
                return self._observed(ask, attempt, number, moved)
        except Spent:
            error = self._out_of_time(ask.label)
        raise error

    def _observed(self, ask: _Ask, attempt: Attempt, number: int, moved: bool) -> Answer:
        began = time.monotonic()
        error: UpstreamError | None = None
        cause: OSError | None = None
        answer: Answer | None = None
        try:
            answer = ask.perform(attempt)
        except OverLimit:
            what = f"the body is over the limit of {attempt.body_bytes} bytes"
            error = TooLarge(f"{ask.label}: {what}")
        except Undecodable as fault:
            error = BadAnswer(f"{ask.label}: {fault}")
        except FAILURES as failure:
            error, cause = self._failed(ask.label, attempt, failure), root_cause(failure)
        if answer and (moved or not slash_redirect(ask.method, attempt.url, answer)):
            error = refusal(ask.label, attempt.url, answer, self.redact, self._classify)
        count(attempt.bytes_received)
        self._observer.exchanged(
            Exchange(
                source=self.source,
                method=ask.method,
                path=self._shown(_path(attempt.url)),
                status=attempt.status,
                error_type=error.error_type if error else None,
                seconds=time.monotonic() - began,
                bytes_received=attempt.bytes_received,
                attempt=number,
                budget=None if answer is None else budget_of(answer.headers),
                waited_seconds=attempt.waited_seconds,
                host=self._origin[1] if self._origin else "",
                port=self._origin[2] if self._origin else None,
                date=None if answer is None else date_of(answer.headers),
            )
        )
        if answer and error is None:
            return answer
        # Raised out here, so that the library's exception, which holds the URL and the request
        # with its headers, does not become the context of ours.
        raise (error or Unreachable(f"{ask.label}: no answer")) from cause

    def _failed(self, label: str, attempt: Attempt, failure: Exception) -> UpstreamError:
        error_class, what = meaning(failure)
        if self.budget.closed.is_set() or self.budget.remaining_seconds <= 0:
            return self._out_of_time(label)
        if error_class is TimedOut and attempt.status is None:
            what = f"no answer within {attempt.read_seconds:.3g} s"
        elif error_class is TimedOut:
            what = f"the answer stopped for {attempt.read_seconds:.3g} s"
        return error_class(f"{label}: {what}")

    def _out_of_time(self, label: str) -> UpstreamError:
        if self.budget.closed.is_set():
            return Unreachable(f"{label}: the session was closed")
        return TimedOut(f"{label}: the deadline passed")

    def _is_worth_another(self, error: BaseException) -> bool:
        return (
            isinstance(error, UpstreamError) and error.retryable and not self.budget.closed.is_set()
        )

    def _wait_seconds(self, state: tenacity.RetryCallState) -> float:
        """At least the backoff, also for `Retry-After: 0`, which some servers send in earnest.

        The jitter is upwards only: nobody comes back earlier than asked, and not all at once.
        """
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_seconds if isinstance(error, UpstreamError) else None
        backoff = self._limits.backoff_seconds * 2.0 ** min(state.attempt_number - 1, 64)
        jitter = random.uniform(0.0, self._limits.backoff_seconds)  # noqa: S311  # no secret
        return max(asked or 0.0, min(backoff, self._limits.backoff_max_seconds)) + jitter

    def _fits(self, wait_seconds: float) -> bool:
        """Whether a wait ends before the deadline; without one, whether it is a usual wait."""
        usual = self._limits.backoff_max_seconds + self._limits.backoff_seconds
        remaining = self.budget.remaining_seconds
        return wait_seconds < remaining if remaining != float("inf") else wait_seconds <= usual

    def _sleep(self, seconds: float) -> None:
        if self.budget.closed.wait(seconds):
            raise Unreachable(f"{self.source}: the session was closed while waiting to try again")


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None when the url is malformed."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    return scheme, parts.hostname or "", port or {"http": 80, "https": 443}.get(scheme)


def _path(url: str) -> str:
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return "?"
