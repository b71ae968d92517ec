"""What a renderer does: it answers one request after the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from multiprocessing.connection import Connection

import structlog
from starlette.types import ASGIApp, Message

from syncd.store.engine import Store
from syncd.surfaces.renderers.asking import Ask, Rendered
from syncd.surfaces.shared import ZERO_COPY, Shared
from syncd.tracing import continuing

log = structlog.get_logger(__name__)


class Asked:
    """What a renderer knows besides the store: what the last request came with. It is the clock of
    what it answers with, and goes on from the moment of that request: whoever serves has the one
    clock.
    """

    def __init__(self, ask: Ask) -> None:
        self.take(ask)

    def take(self, ask: Ask) -> None:
        """Another request has come."""
        self._told = ask.now, time.monotonic()
        self.own = ask.own

    def now(self) -> datetime:
        """This moment, aware UTC."""
        moment, at = self._told
        return moment + timedelta(seconds=time.monotonic() - at)


def work_with(
    connection: Connection, store: Store, application: Callable[[Asked], ASGIApp]
) -> None:
    """Answers what comes over the connection until that is at its end (EOFError)."""
    asyncio.run(_work(connection, store, application))


async def _work(
    connection: Connection, store: Store, application: Callable[[Asked], ASGIApp]
) -> None:
    ask = Ask.from_bytes(connection.recv_bytes())
    asked = Asked(ask)
    answering = application(asked)
    while True:
        store.standing.take_over(ask.standstill)
        with continuing(ask.said):
            rendered = await _rendered(answering, ask)
        rendered.send(connection)
        ask = Ask.from_bytes(connection.recv_bytes())
        asked.take(ask)


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
        self._shared: Shared | None = None

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == ZERO_COPY:
            self._shared = message["file"]
        else:
            self._body.append(message.get("body", b""))

    def whole(self) -> Rendered:
        headers = list(self._start["headers"])
        return Rendered(self._start["status"], headers, b"".join(self._body), self._shared)
