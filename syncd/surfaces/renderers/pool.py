"""The renderers of a process that serves."""

from __future__ import annotations

import queue
from contextlib import suppress
from multiprocessing.connection import Connection

import structlog

from syncd.nursery import Nursery, NurseryEnded
from syncd.surfaces.renderers.asking import Ask, Rendered

log = structlog.get_logger(__name__)

NONE_LEFT = "the process that serves makes them itself until syncd is started again"
TRIES = 2
"""What ends two renderers would end the next."""

CLOSE_SECONDS = 2.0
"""Whoever has an answer under way is not waited for any longer when the process ends."""


class RendererLost(Exception):
    """The processes ended that were to answer."""


class Renderers:
    """So many processes of a kind (`count`), begun when they are needed. `answer` is called by no
    more threads than that at the same time.
    """

    def __init__(self, nursery: Nursery, kind: str, count: int) -> None:
        self.count = count
        self._kind = kind
        self._nursery = nursery
        self._none_left = False
        self._idle: queue.LifoQueue[Connection | None] = queue.LifoQueue()
        for _ in range(count):
            self._idle.put(None)

    def answer(self, ask: Ask) -> Rendered | None:
        """The answer; None: there are no renderers any more, which is said once. Raises
        RendererLost.
        """
        connection = self._idle.get()
        try:
            for _ in range(TRIES):
                if connection is None:
                    connection = self._nursery.begin(self._kind)
                try:
                    connection.send_bytes(ask.to_bytes())
                    return Rendered.receive(connection)
                except (EOFError, OSError):
                    log.warning("renderer.ended", path=ask.scope["path"])
                    connection.close()
                    connection = None
            raise RendererLost
        except NurseryEnded:
            if not self._none_left:
                self._none_left = True
                log.exception("renderer.none_left", kind=self._kind, words=NONE_LEFT)
            return None
        finally:
            self._idle.put(connection)

    def close(self) -> None:
        """Lets go of those that are idle or soon are; the others end with this process."""
        with suppress(queue.Empty):
            for _ in range(self.count):
                connection = self._idle.get(timeout=CLOSE_SECONDS)
                if connection is not None:
                    connection.close()
