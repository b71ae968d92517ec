"""How much is answered at once, in all and for one reader. Who comes beyond that is asked to come
again, so that syncd stays up for those it has let in; probes and scrapes never wait for readers.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncd.intake.access import Caller
from syncd.intake.reading import Refusal
from syncd.surfaces import page
from syncd.surfaces.guard import CALLER, Door, site_of
from syncd.surfaces.problems import is_for_people, problem

UNCOUNTED = ("/livez", "/readyz", "/metrics", "/static/", "/hooks/")
"""Probes and scrapes, files that cost nothing, notices of upstreams: no reader is before them."""
STREAM = "/feed/stream"
MOST_REST_SECONDS = 5.0
PIECE_BYTES = 65_536
RETRY_SECONDS = 2
RETRY_STREAM_SECONDS = 15


@dataclass(frozen=True)
class Limits:
    """How many requests are in work or wait for it, and how many streams are open, in all and for
    one reader: one token, one who signed in, or else one address.

    `at_once` of those that were let in are worked on at the same time, the others in their turn:
    Python runs one thread at a time, so more of them would answer nobody sooner. `rest`: after each
    answer comes a pause of so many times as long as it took, which is for the worker beside it.
    """

    requests: int = 100
    requests_each: int = 25
    streams: int = 500
    streams_each: int = 100
    at_once: int = 2
    rest: float = 0.0


@dataclass(frozen=True)
class _Full:
    """What a request is refused with."""

    reason: Refusal
    words: str
    retry_seconds: int


class _Lane:
    """Who is in it, and how many there may be."""

    def __init__(
        self,
        what: str,
        *,
        most: int,
        each: int,
        reasons: tuple[Refusal, Refusal],
        retry_seconds: int,
    ) -> None:
        self._what = what
        self._most = most
        self._each = each
        self._reasons = reasons
        self._retry_seconds = retry_seconds
        self._by_reader: Counter[str] = Counter()

    def full(self, reader: str) -> _Full | None:
        """Why there is no room for one more of this reader; None: there is."""
        if self._by_reader[reader] >= self._each:
            words = f"{self._each} {self._what} are as many as one reader may have at once"
            return _Full(self._reasons[1], words, self._retry_seconds)
        if self._by_reader.total() >= self._most:
            words = f"{self._most} {self._what} are as many as there may be at once"
            return _Full(self._reasons[0], words, self._retry_seconds)
        return None

    @contextmanager
    def within(self, reader: str) -> Iterator[None]:
        """Counts one for as long as it lasts."""
        self._by_reader[reader] += 1
        try:
            yield
        finally:
            self._by_reader[reader] -= 1
            self._by_reader += Counter()  # who has none is forgotten


class Admission:
    """Lets a request of a reader in, or answers 429. Stands behind the guard, who knows them."""

    def __init__(self, app: ASGIApp, *, door: Door, limits: Limits) -> None:
        self._app = app
        self._door = door
        self._in_work = CapacityLimiter(limits.at_once)
        self._rest = limits.rest
        self._requests = _Lane(
            "requests",
            most=limits.requests,
            each=limits.requests_each,
            reasons=(Refusal.BUSY, Refusal.READER_BUSY),
            retry_seconds=RETRY_SECONDS,
        )
        self._streams = _Lane(
            "streams",
            most=limits.streams,
            each=limits.streams_each,
            reasons=(Refusal.STREAMS, Refusal.READER_STREAMS),
            retry_seconds=RETRY_STREAM_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers."""
        if scope["type"] != "http" or scope["path"].startswith(UNCOUNTED):
            await self._app(scope, receive, send)
            return
        is_stream = scope["path"] == STREAM
        lane = self._streams if is_stream else self._requests
        request = Request(scope)
        reader = self._reader(request)
        full = lane.full(reader)
        if full is not None:
            self._door.refused(full.reason)
            await _refused(request, full)(scope, receive, send)
            return
        with lane.within(reader):
            if is_stream or scope["method"] not in ("GET", "HEAD"):
                await self._app(scope, receive, send)
            else:
                await self._in_turn(scope, receive, send)

    async def _in_turn(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Works on it when its turn has come, and until there is an answer: whoever takes that
        slowly holds up only themselves. It goes out in pieces, so that most of it waits here.
        """
        mine = object()
        began: float | None = None

        def done() -> None:
            nonlocal began
            if began is not None:
                seconds = min((time.monotonic() - began) * self._rest, MOST_REST_SECONDS)
                loop = asyncio.get_running_loop()
                loop.call_later(seconds, self._in_work.release_on_behalf_of, mine)
            began = None

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                done()
            for piece in _pieces(message):
                await send(piece)

        await self._in_work.acquire_on_behalf_of(mine)
        began = time.monotonic()
        try:
            await self._app(scope, receive, sent)
        finally:
            done()

    def _reader(self, request: Request) -> str:
        caller = request.scope.get(CALLER)
        if isinstance(caller, Caller):
            return f"name {caller.name}"
        return f"address {site_of(self._door.client_of(request))}"


def _pieces(message: Message) -> Iterator[Message]:
    body = message.get("body", b"")
    if len(body) <= PIECE_BYTES:
        yield message
        return
    for start in range(0, len(body), PIECE_BYTES):
        is_last = start + PIECE_BYTES >= len(body)
        more = message.get("more_body", False) or not is_last
        yield {**message, "body": body[start : start + PIECE_BYTES], "more_body": more}


def _refused(request: Request, full: _Full) -> Response:
    detail = f"{full.words}; come again in {full.retry_seconds} s"
    headers = {"Retry-After": str(full.retry_seconds), "Cache-Control": "no-store"}
    if is_for_people(request):
        words = f"{detail[:1].upper()}{detail[1:]}."
        return HTMLResponse(
            page.error(429, "Too many", words, ""), status_code=429, headers=headers
        )
    return problem(429, detail, headers=headers)
