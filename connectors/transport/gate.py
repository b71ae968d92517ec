"""How many requests a source gets at once, and how many a second."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from connectors.base import SharedRate
from connectors.transport.asking import may_ask
from connectors.transport.budget import Budget, Spent
from connectors.transport.pace import OwnPace, Pace, SharedPace


class Gate:
    """Lets at most `concurrency` requests in at once and, where a rate is given, at most
    `rate_per_second` a second on average with bursts of one second's worth; with `shared`, which
    knows the `source` by its name, that is for all processes together.

    Waiting ends with Spent when the calling thread's deadline cannot be met, when its context has
    no right to ask any more, or at `close`.
    """

    def __init__(
        self,
        concurrency: int,
        rate_per_second: float | None,
        budget: Budget,
        *,
        source: str = "",
        shared: SharedRate | None = None,
    ) -> None:
        if concurrency < 1:
            raise ValueError(f"concurrency: got {concurrency}; expected at least 1")
        if rate_per_second is not None and not rate_per_second > 0:
            raise ValueError(f"rate_per_second: got {rate_per_second}; expected more than 0")
        self._budget = budget
        self._free = concurrency
        self._busy = 0
        self._changed = threading.Condition()
        self._pace: Pace | None = None
        if rate_per_second is not None:
            self._pace = (
                OwnPace(rate_per_second)
                if shared is None
                else SharedPace(source, rate_per_second, shared)
            )

    @contextlib.contextmanager
    def passage(self) -> Iterator[None]:
        """One request's way through; raises Spent when the deadline would pass while waiting."""
        self._enter()
        try:
            self._wait_for_turn()
            if not may_ask():
                raise Spent("the right to ask is lost")
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
        if self._pace is None:
            return
        while True:
            turn = self._pace.take(self._budget.remaining_seconds)
            wait_seconds = turn.comes_at - time.monotonic()
            if wait_seconds > 0 and self._budget.closed.wait(wait_seconds):
                raise Spent("the transport is closed")
            if time.monotonic() < turn.passes_at:
                return
