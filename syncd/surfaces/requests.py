"""What is asked of the web application, as the log and traces know it."""

from __future__ import annotations

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncd.tracing import doing

log = structlog.get_logger(__name__)

HEADER = b"x-request-id"
UNTRACED = ("/livez", "/readyz", "/metrics", "/static/", "/feed/stream")
"""What is asked every few seconds, or never ends: no traces are kept of it."""


class Named:
    """Gives each request an id, which its answer says (`X-Request-Id`) and all lines of the log
    that it brings about. `traced`: whether requests are worth a trace at all.
    """

    def __init__(self, app: ASGIApp, *, traced: bool = False) -> None:
        self._app = app
        self._traced = traced

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as the application does."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        status = 0
        method, path = scope["method"], scope["path"]
        traced = self._traced and not path.startswith(UNTRACED)
        with doing("request", traced=traced, method=method, path=path) as work:

            async def sent(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    message["headers"] = [*message["headers"], (HEADER, work.id.encode())]
                await send(message)

            await self._app(scope, receive, sent)
            work.note(status=status)
            if status >= 500:
                work.fail(str(status))
            log.debug("request.answered", status=status, seconds=time.monotonic() - began)
