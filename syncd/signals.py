"""Doing what signals ask for, without holding up what they interrupt."""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType


@contextmanager
def obeying(asked: Mapping[signal.Signals, Callable[[signal.Signals], object]]) -> Iterator[None]:
    """While it lasts, each of these signals has its call made, in their order, by a thread. What
    they did before is back afterwards. The main thread's.

    A handler runs amid whatever the main thread is at. That may hold the lock of the very event
    that the handler would set, which is not reentrant: the process would stand still for ever. It
    may be writing a line of the log, whose stream refuses a second writer. `SimpleQueue.put` is
    safe there (https://docs.python.org/3/library/queue.html#queue.SimpleQueue.put).
    """
    arrived: queue.SimpleQueue[signal.Signals | None] = queue.SimpleQueue()

    def arrive(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        arrived.put(signal.Signals(number))

    def obey() -> None:
        while (one := arrived.get()) is not None:
            asked[one](one)

    obeys = threading.Thread(target=obey, name="syncd-signals")
    obeys.start()
    before = {each: signal.signal(each, arrive) for each in asked}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        arrived.put(None)
        obeys.join()
