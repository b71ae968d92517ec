"""Notices that upstreams send over HTTP, handed to intake."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.intake.hooks import HookClosed, Hooks, NoSuchHook, NotAuthentic, NotReadable
from syncd.surfaces.sent import TooLarge, body

NOTICE_BYTES = 1_000_000


class Incoming:
    """The endpoint of notices. `hooks` None: none are taken."""

    def __init__(self, hooks: Hooks | None) -> None:
        self._hooks = hooks

    async def hook(self, request: Request) -> Response:
        """A notice of an upstream: 202 with the scopes that it made due."""
        name = request.path_params["source"]
        if self._hooks is None:
            raise HTTPException(404, f"no source {name[:80]!r} takes notices")
        try:
            port = self._hooks.port(name)
        except NoSuchHook as error:
            raise HTTPException(404, str(error)) from error
        except HookClosed as error:
            raise HTTPException(403, str(error)) from error
        try:
            notice = await body(request, NOTICE_BYTES)
        except TooLarge as error:
            self._hooks.too_large(port)
            raise HTTPException(413, str(error)) from error
        headers = {key.lower(): value for key, value in request.headers.items()}
        try:
            due = await run_in_threadpool(self._hooks.receive, port, headers, notice)
        except NotAuthentic as error:
            raise HTTPException(401, str(error)) from error
        except NotReadable as error:
            raise HTTPException(400, str(error)) from error
        return JSONResponse({"due": due}, status_code=202)
