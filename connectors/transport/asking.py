"""Whether some work may still ask: who lost the right to it stops between two requests."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar

_rights: ContextVar[tuple[Callable[[], bool], ...]] = ContextVar("rights", default=())


@contextlib.contextmanager
def asking_while(right: Callable[[], bool]) -> Iterator[None]:
    """Within it, requests of the calling context are made only while `right` says so, whatever the
    source, and fail with TimedOut otherwise; of nested ones each must.
    """
    token = _rights.set((*_rights.get(), right))
    try:
        yield
    finally:
        _rights.reset(token)


def may_ask() -> bool:
    """Whether a request may be made in the calling context."""
    return all(right() for right in _rights.get())
