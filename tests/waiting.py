"""Waiting for something to become so, by looking at it: where a test lets real time pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
SECONDS = 60.0
EVERY_SECONDS = 0.02


def nothing() -> None:
    """What is done meanwhile, by default."""


def until(
    so: Callable[[], Found],
    what: str | Callable[[], str] = "it never came to hold",
    *,
    seconds: float = SECONDS,
    every: float = EVERY_SECONDS,
    meanwhile: Callable[[], object] = nothing,
    passes: tuple[type[Exception], ...] = (),
    raises: Callable[[str], Exception] = AssertionError,
) -> Found:
    """What `so` gives once it is true, looked at `every` so many seconds, or as rarely as it takes long to look.

    `meanwhile` may fail where waiting has no sense any more (a process that has ended). An error of
    `passes` is a look that found nothing. Raises an AssertionError, or what `raises` makes, that says
    `what`, after `seconds`.
    """
    end = time.monotonic() + seconds
    while True:
        asked = time.monotonic()
        try:
            if found := so():
                return found
        except passes:
            pass
        meanwhile()
        now = time.monotonic()
        if now >= end:
            raise raises(what if isinstance(what, str) else what())
        # what is waited for is made by the same processors that look
        time.sleep(max(every, now - asked))
