"""What people and upstreams send over HTTP, handed to intake: notices, and numbers by hand."""

from __future__ import annotations

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.clock import Clock
from syncd.intake.access import Access, NotAllowed, WritingIsOff
from syncd.intake.hooks import HookClosed, Hooks, NoSuchHook, NotAuthentic, NotReadable
from syncd.intake.manual import Given, NoSuchIndicator, Refused, set_number
from syncd.store.engine import Store

NOTICE_BYTES = 1_000_000
READING_BYTES = 64_000
READING_KEYS = ("value", "note", "by", "at")


class TooLarge(Exception):
    """A body that is longer than anybody reads."""


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
            body = await _body(request, NOTICE_BYTES)
        except TooLarge as error:
            self._hooks.too_large(port)
            raise HTTPException(413, str(error)) from error
        headers = {key.lower(): value for key, value in request.headers.items()}
        try:
            due = await run_in_threadpool(self._hooks.receive, port, headers, body)
        except NotAuthentic as error:
            raise HTTPException(401, str(error)) from error
        except NotReadable as error:
            raise HTTPException(400, str(error)) from error
        return JSONResponse({"due": due}, status_code=202)

    async def reading(self, request: Request) -> Response:
        """A number that a person gives: 201 with the reading."""
        try:
            self._access.check(request.headers.get("authorization"))
        except WritingIsOff as error:
            raise HTTPException(403, str(error)) from error
        except NotAllowed as error:
            raise HTTPException(401, str(error), headers={"WWW-Authenticate": "Bearer"}) from error
        try:
            body = await _body(request, READING_BYTES)
        except TooLarge as error:
            raise HTTPException(413, str(error)) from error
        given = _given(body)
        name = request.path_params["name"]
        try:
            written = await run_in_threadpool(
                set_number, self._store, name, given, now=self._clock.now()
            )
        except NoSuchIndicator as error:
            raise HTTPException(404, str(error)) from error
        except Refused as error:
            raise HTTPException(400, str(error)) from error
        return JSONResponse(written.document(), status_code=201)


async def _body(request: Request, most: int) -> bytes:
    """The body, read no further than `most` bytes. Raises TooLarge."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > most:
            raise TooLarge(f"got more than {most} bytes; expected at most {most}")
    return bytes(found)


def _given(body: bytes) -> Given:
    try:
        sent: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "got no JSON; expected an object with value and by") from error
    if not isinstance(sent, dict):
        raise HTTPException(400, "got JSON that is no object; expected one with value and by")
    for key in sent:
        if key not in READING_KEYS:
            raise HTTPException(
                400, f"{key[:80]}: got an unknown key; expected {', '.join(READING_KEYS)}"
            )
    for key in READING_KEYS:
        if not isinstance(sent.get(key), str | None) and not (key == "value" and _bare(sent[key])):
            raise HTTPException(400, f"{key}: got JSON that is no text; expected text")
    value, by = sent.get("value"), sent.get("by")
    if value is None:
        raise HTTPException(400, 'value: got none; expected the number, such as "62 %" or 3')
    if by is None or not by.strip():
        raise HTTPException(400, "by: got none; expected who says so")
    return Given(str(value), by=by, note=sent.get("note"), at=sent.get("at"))


def _bare(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
