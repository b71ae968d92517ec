"""A lock that is had in the order in which it was asked for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class InTurn:
    """One after the other: whoever gives it back cannot have it again before those who wait.
    `threading.Lock` lets a busy thread have it over and over.
    """

    def __init__(self) -> None:
        self._state = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def mine(self, most_seconds: float) -> Iterator[bool]:
        """Whether it is ours, for as long as the block lasts; False: others had it for so long."""
        is_mine = self._take(most_seconds)
        try:
            yield is_mine
        finally:
            if is_mine:
                self._give_back()

    def _take(self, most_seconds: float) -> bool:
        with self._state:
            if not self._is_taken:
                self._is_taken = True
                return True
            called = threading.Event()
            self._waiting.append(called)
        if called.wait(most_seconds):
            return True
        with self._state:
            if called.is_set():  # it was handed over just now
                return True
            self._waiting.remove(called)
        return False

    def _give_back(self) -> None:
        with self._state:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False
