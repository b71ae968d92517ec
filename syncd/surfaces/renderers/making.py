"""What a renderer does: it answers one request after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from multiprocessing.connection import Connection

import structlog
from starlette.types import ASGIApp, Message

from syncd.clock import Clock
from syncd.store.engine import Store
from syncd.surfaces.renderers.asking import Ask, Rendered
from syncd.surfaces.renderers.heard import Heard
from syncd.tracing import continuing

log = structlog.get_logger(__name__)


def work_with(
    connection: Connection, store: Store, application: Callable[[Clock], ASGIApp]
) -> None:
    """Answers what comes over the connection until that is at its end (EOFError). `application` is
    given the clock of the process that serves.
    """
    asyncio.run(_work(connection, store, application))


async def _work(
    connection: Connection, store: Store, application: Callable[[Clock], ASGIApp]
) -> None:
    ask = Ask.from_bytes(connection.recv_bytes())
    clock = Heard(ask.now)
    answering = application(clock)
    while True:
        store.standing.take_over(ask.standstill)
        with continuing(ask.said):
            rendered = await _rendered(answering, ask)
        rendered.send(connection)
        ask = Ask.from_bytes(connection.recv_bytes())
        clock.take(ask.now)


async def _rendered(application: ASGIApp, ask: Ask) -> Rendered:
    """The answer; where it failed what Starlette says then (500), and the log has the reason."""
    found = _Found()
    try:
        await application(ask.scope, _nothing, found.take)
    except Exception:
        log.exception("renderer.failed", path=ask.scope["path"])
    return found.whole()


async def _nothing() -> Message:
    """What is asked without a body, by somebody who waits."""
    return {"type": "http.request", "body": b"", "more_body": False}


class _Found:
    def __init__(self) -> None:
        self._start: Message = {}
        self._body: list[bytes] = []

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._body.append(message.get("body", b""))

    def whole(self) -> Rendered:
        headers = list(self._start["headers"])
        return Rendered(self._start["status"], headers, b"".join(self._body))
