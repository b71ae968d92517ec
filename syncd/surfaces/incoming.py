"""What people and upstreams send over HTTP, handed to intake: notices, numbers, states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.clock import Clock
from syncd.intake.access import Access, NotAllowed, WritingIsOff
from syncd.intake.adjusting import GivenAdjustment, adjust, withdraw
from syncd.intake.externals import GivenState, set_state
from syncd.intake.hooks import HookClosed, Hooks, NoSuchHook, NotAuthentic, NotReadable
from syncd.intake.manual import Given, set_number
from syncd.intake.texts import Refused, Unknown
from syncd.store.engine import Store
from syncd.surfaces.people import adjustment_document, state_document
from syncd.surfaces.sent import Key, TooLarge, body, texts

NOTICE_BYTES = 1_000_000
SAID_BYTES = 64_000

_BY = Key("who says so")
_AT = Key("a day or a moment that has come", required=False)
_NUMBER = {
    "value": Key('the number, such as "62 %" or 3', bare=True),
    "note": Key("what a reader should know", required=False),
    "by": _BY,
    "at": _AT,
}
_STATE = {
    "state": Key("on_track, at_risk, slipped or done"),
    "note": Key("why it is so"),
    "by": _BY,
    "at": _AT,
}
_ADJUSTMENT = {
    "kind": Key("note, pause or override"),
    "reason": Key("why, or what the note says"),
    "by": _BY,
    "until": Key("the last day of a pause or an override", required=False),
    "status": Key("what an override sets", required=False),
    "at": _AT,
}
_WITHDRAWAL = {"reason": Key("why it is withdrawn"), "by": _BY}


class Incoming:
    """The endpoints that write, each through intake."""

    def __init__(self, store: Store, clock: Clock, access: Access, hooks: Hooks | None) -> None:
        self._store = store
        self._clock = clock
        self._access = access
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

    async def reading(self, request: Request) -> Response:
        """A number that a person gives: 201 with the reading."""
        said = await self._said(request, _NUMBER)
        name, given = request.path_params["name"], Given(**said)
        written = await _taken(partial(set_number, self._store, name, given, now=self._clock.now()))
        return JSONResponse(written.document(), status_code=201)

    async def external_state(self, request: Request) -> Response:
        """The state of a dependency outside, as a person says it: 201 with what was written."""
        said = await self._said(request, _STATE)
        name, given = request.path_params["name"], GivenState(**said)
        written = await _taken(partial(set_state, self._store, name, given, now=self._clock.now()))
        return JSONResponse({"name": name, **state_document(written)}, status_code=201)

    async def adjustment(self, request: Request) -> Response:
        """A note, a pause or an override: 201 with what was written."""
        said = await self._said(request, _ADJUSTMENT)
        name, given, now = request.path_params["id"], GivenAdjustment(**said), self._clock.now()
        view = await _taken(partial(adjust, self._store, name, given, now=now))
        return JSONResponse(adjustment_document(view, now), status_code=201)

    async def withdrawal(self, request: Request) -> Response:
        """Takes back a note, a pause or an override: 200 with all that is known of it."""
        said = await self._said(request, _WITHDRAWAL)
        name, number = request.path_params["id"], request.path_params["number"]
        now = self._clock.now()
        view = await _taken(partial(withdraw, self._store, number, of=name, now=now, **said))
        return JSONResponse(adjustment_document(view, now))

    async def _said(self, request: Request, keys: Mapping[str, Key]) -> Mapping[str, str]:
        """The texts that somebody sends who may write."""
        try:
            self._access.check(request.headers.get("authorization"))
        except WritingIsOff as error:
            raise HTTPException(403, str(error)) from error
        except NotAllowed as error:
            raise HTTPException(401, str(error), headers={"WWW-Authenticate": "Bearer"}) from error
        try:
            return texts(await body(request, SAID_BYTES), keys)
        except TooLarge as error:
            raise HTTPException(413, str(error)) from error


async def _taken(take: Callable[[], Any]) -> Any:
    """What intake made of it, or why it did not, as HTTP has it."""
    try:
        return await run_in_threadpool(take)
    except Unknown as error:
        raise HTTPException(404, str(error)) from error
    except Refused as error:
        raise HTTPException(400, str(error)) from error
