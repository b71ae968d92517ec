"""How many requests a source gets at once, and how many a second."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from connectors.transport.budget import Budget, Spent


class Gate:
    """Lets at most `concurrency` requests in at once and, where a rate is given, at most
    `rate_per_second` a second on average with bursts of one second's worth (a token bucket that
    may be owed: a thread takes its token and waits until it is due, so nobody overtakes for ever).

    Waiting ends with Spent when the calling thread's deadline cannot be met or at `close`.
    """

    def __init__(self, concurrency: int, rate_per_second: float | None, budget: Budget) -> None:
        if concurrency < 1:
            raise ValueError(f"concurrency: got {concurrency}; expected at least 1")
        if rate_per_second is not None and not rate_per_second > 0:
            raise ValueError(f"rate_per_second: got {rate_per_second}; expected more than 0")
        self._budget = budget
        self._free = concurrency
        self._busy = 0
        self._changed = threading.Condition()
        self._rate = rate_per_second
        self._burst = max(1.0, rate_per_second or 1.0)
        self._tokens = self._burst
        self._refilled_at = time.monotonic()

    @contextlib.contextmanager
    def passage(self) -> Iterator[None]:
        """One request's way through; raises Spent when the deadline would pass while waiting."""
        self._enter()
        try:
            self._wait_for_turn()
            yield
        finally:
            with self._changed:
                self._free += 1
                self._busy -= 1
                self._changed.notify_all()

    def drain(self, seconds: float) -> bool:
        """True when nobody is inside any more, waiting at most `seconds` for it."""
        with self._changed:
            return self._changed.wait_for(lambda: self._busy == 0, timeout=seconds)

    def close(self) -> None:
        """Wakes those who wait; the budget, closed before, turns them away."""
        with self._changed:
            self._changed.notify_all()

    def _enter(self) -> None:
        with self._changed:
            while True:
                patience = self._budget.allowance(threading.TIMEOUT_MAX)
                if self._free:
                    break
                self._changed.wait(patience)
            self._free -= 1
            self._busy += 1

    def _wait_for_turn(self) -> None:
        if self._rate is None:
            return
        with self._changed:
            now = time.monotonic()
            earned = (now - self._refilled_at) * self._rate
            self._tokens = min(self._burst, self._tokens + earned)
            self._refilled_at = now
            due_in_seconds = max(0.0, (1.0 - self._tokens) / self._rate)
            if due_in_seconds >= self._budget.remaining_seconds:
                raise Spent("the rate limit leaves no turn before the deadline")
            self._tokens -= 1.0
        if due_in_seconds and self._budget.closed.wait(due_in_seconds):
            raise Spent("the transport is closed")
