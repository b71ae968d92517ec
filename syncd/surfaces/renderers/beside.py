"""Has renderers answer what is only read; everything else is answered here."""

from __future__ import annotations

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from syncd.clock import Clock
from syncd.store.engine import Store
from syncd.surfaces.admission import STREAM, UNCOUNTED
from syncd.surfaces.renderers.asking import Ask
from syncd.surfaces.renderers.lost import lost
from syncd.surfaces.renderers.pool import RendererLost, Renderers

HERE = (*UNCOUNTED, STREAM)
"""Whose state is this process's, or what costs nothing."""


class Beside:
    """Stands behind the guard and admission: a renderer answers whoever comes to it."""

    def __init__(
        self, app: ASGIApp, *, renderers: Renderers | None, store: Store, clock: Clock
    ) -> None:
        self._app = app
        self._renderers = renderers
        self._store = store
        self._clock = clock
        self._threads = CapacityLimiter(1 if renderers is None else renderers.count)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers."""
        made = None
        if self._renderers is not None and _is_read(scope):
            ask = Ask.of(scope, self._store, self._clock)
            try:
                made = await to_thread.run_sync(self._renderers.answer, ask, limiter=self._threads)
            except RendererLost:
                await lost(Request(scope))(scope, receive, send)
                return
        if made is None:
            await self._app(scope, receive, send)
            return
        start = {"type": "http.response.start", "status": made.status, "headers": made.headers}
        await send(start)
        await send({"type": "http.response.body", "body": made.body})


def _is_read(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] in ("GET", "HEAD")
        and not scope["path"].startswith(HERE)
    )
