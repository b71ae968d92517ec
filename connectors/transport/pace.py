"""How many requests a second a source gets: from this process alone, or from several together."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Protocol

from connectors.base import SharedRate, Turn
from connectors.transport.budget import Spent

BURST_SECONDS = 1.0
"""So much of what was not asked may be asked at once."""

NO_TURN = "the rate limit leaves no turn before the deadline"


class Pace(Protocol):
    """Says when the next request may begin. Safe to share between threads."""

    def take(self, patience_seconds: float) -> Turn:
        """The next turn, nobody else's from now on. Raises Spent, with nothing taken, when it is
        not within the patience.
        """
        ...


class OwnPace:
    """At most `rate_per_second` on average, with bursts of one second's worth (a token bucket that
    may be owed: a thread takes its token and waits until it is due, so nobody overtakes for ever).
    """

    def __init__(self, rate_per_second: float) -> None:
        self._rate = rate_per_second
        self._burst = max(1.0, rate_per_second * BURST_SECONDS)
        self._tokens = self._burst
        self._refilled_at = time.monotonic()
        self._lock = threading.Lock()

    def take(self, patience_seconds: float) -> Turn:
        """As the protocol says; such a turn does not pass."""
        with self._lock:
            now = time.monotonic()
            earned = (now - self._refilled_at) * self._rate
            self._tokens = min(self._burst, self._tokens + earned)
            self._refilled_at = now
            due_in_seconds = max(0.0, (1.0 - self._tokens) / self._rate)
            if due_in_seconds >= patience_seconds:
                raise Spent(NO_TURN)
            self._tokens -= 1.0
        return Turn(now + due_in_seconds, float("inf"))


class SharedPace:
    """The same rate for several processes together: turns are got in batches from where they are
    kept, as many as this process has lately made use of.

    A turn is for one moment, no two of a source are closer than its rate allows, and each passes a
    second after it has come. So whatever the processes do, in any span of T seconds there are at
    most (T + 1) times the rate (and one more, where the rate is below one): the bound of `OwnPace`.
    """

    def __init__(self, source: str, rate_per_second: float, shared: SharedRate) -> None:
        self._source = source
        self._rate = rate_per_second
        self._shared = shared
        self._lock = threading.Lock()
        self._turns: deque[Turn] = deque()
        self._batch = 1
        self._used = 0

    def take(self, patience_seconds: float) -> Turn:
        """As the protocol says. Raises what asking for turns raises, too."""
        until = time.monotonic() + patience_seconds
        with self._lock:
            while self._turns and self._turns[0].passes_at <= time.monotonic():
                self._turns.popleft()
            if not self._turns:
                count = self._next_batch()
                self._turns.extend(self._shared.reserve(self._source, self._rate, count))
            if self._turns[0].comes_at >= until:
                raise Spent(NO_TURN)
            self._used += 1
            return self._turns.popleft()

    def _next_batch(self) -> int:
        """Twice as many where all were used, up to half a second's worth; else as many as were."""
        most = max(1, int(self._rate * BURST_SECONDS / 2))
        wanted = 2 * self._batch if self._used >= self._batch else self._used
        self._batch, self._used = max(1, min(wanted, most)), 0
        return self._batch
