"""Who comes in: found out before anything else is done with a request."""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
import structlog
from anyio import CapacityLimiter, to_thread
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.addresses import address_of
from syncd.intake.access import NOBODY, Access, Caller, NotAllowed
from syncd.intake.reading import (
    Proxy,
    Reading,
    Refusal,
    client_of,
    from_another_site,
)
from syncd.surfaces import page
from syncd.surfaces.problems import is_for_people, problem, store_away

log = structlog.get_logger(__name__)

CALLER = "syncd.caller"
"""Where a request's scope has its Caller, or why there is none (NotAllowed)."""
FREE = ("/livez", "/readyz", "/static/", "/hooks/")
"""Probes and files that tell nothing; notices are let in by their signatures."""
MOST_FAILURES = 20
"""From one address in a minute. A right token has 256 random bits, so this spares the server and
the log; it is not what keeps a token from being guessed.
"""
ASKING = 4
"""So many tokens are looked up at the same time."""
_IPV6_SITE = 64


@dataclass(frozen=True)
class Door:
    """How people come in. `own`: where they reach syncd; `refused` is told of each who may not."""

    access: Access = NOBODY
    reading: Reading = Reading.OPEN
    proxy: Proxy | None = None
    own: str | None = None
    refused: Callable[[Refusal], object] = lambda _: None

    def client_of(self, request: Request) -> str:
        """The address that a request comes from, as far as the proxy is believed."""
        peer = request.client.host if request.client is not None else ""
        return client_of(self.proxy, peer, request.headers)


class Guard:
    """Lets a request in or refuses it, and leaves word in its scope who it is from."""

    def __init__(self, app: ASGIApp, *, door: Door) -> None:
        self._app = app
        self._door = door
        self._failures = _Failures()
        # threads of its own: a probe's token is looked up however many read
        self._asking = CapacityLimiter(ASKING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        refused = await self._refusal(request)
        if refused is None:
            await self._app(scope, receive, send)
        else:
            await refused(scope, receive, send)

    async def _refusal(self, request: Request) -> Response | None:
        """What a request is refused with; None: it is let in."""
        path, headers = request.url.path, request.headers
        if path.startswith(FREE):
            return None
        if from_another_site(request.method, headers, self._door.own):
            self._door.refused(Refusal.CROSS_SITE)
            return problem(
                403, "got a request that a page of another site sends; expected one of this page"
            )
        peer = request.client.host if request.client is not None else ""
        client = self._door.client_of(request)
        authorization = headers.get("authorization")
        wait = 0.0 if authorization is None else self._failures.wait(client)
        if wait > 0:
            self._door.refused(Refusal.TOO_MANY)
            return problem(
                429,
                f"too many tokens from {client} were nobody's; come again later",
                headers={"Retry-After": str(math.ceil(wait))},
            )
        try:
            caller = await self._caller(peer, headers, authorization)
        except sa.exc.DBAPIError as error:
            return store_away(request, error)
        request.scope[CALLER] = caller
        if isinstance(caller, Caller):
            return None
        if caller.tried:
            self._failures.note(client)
            self._door.refused(Refusal.BAD_TOKEN)
            log.warning("access.refused", client=client, path=path[:200])
        if self._door.reading is Reading.OPEN:
            return None  # whoever writes is asked for a token by what is written to
        if not caller.tried:
            reason = (
                Refusal.NOT_SIGNED_IN if self._door.reading is Reading.PROXY else Refusal.NO_TOKEN
            )
            self._door.refused(reason)
        return self._asked_to_sign_in(request, caller)

    async def _caller(
        self, peer: str, headers: Mapping[str, str], authorization: str | None
    ) -> Caller | NotAllowed:
        signed_in = None
        if self._door.proxy is not None and self._door.reading is Reading.PROXY:
            signed_in = self._door.proxy.signed_in(peer, headers)
        if authorization is None and signed_in is not None:
            return signed_in
        try:
            if authorization is None:
                return self._door.access.identify(None)
            return await to_thread.run_sync(
                self._door.access.identify, authorization, limiter=self._asking
            )
        except NotAllowed as error:
            # some proxies send on a token of their own, which is nobody's here
            return error if signed_in is None else signed_in

    def _asked_to_sign_in(self, request: Request, why: NotAllowed) -> Response:
        people = is_for_people(request)
        if self._door.reading is Reading.PROXY:
            words = "Open this page through the proxy that signs you in, or send a token"
        else:
            words = "This installation asks for a token: give it as the password"
        # A browser asks a person only if it is asked for a password; a program is told no such
        # thing, for it would send one that it may use for reading only.
        feed = request.url.path.startswith(("/feed.", "/badge/", "/card/"))
        password = self._door.reading is Reading.TOKEN and (people or feed)
        challenge = 'Basic realm="syncd", charset="UTF-8"' if password else "Bearer"
        headers = {"WWW-Authenticate": challenge, "Cache-Control": "no-store"}
        if people:
            shown = page.error(401, "Not allowed", words, "")
            return HTMLResponse(shown, status_code=401, headers=headers)
        return problem(401, f"{why}; {words[:1].lower()}{words[1:]}", headers=headers)


def caller_of(request: Request) -> Caller | NotAllowed:
    """Who sends a request that was let in."""
    found: Caller | NotAllowed = request.scope[CALLER]
    return found


class _Failures:
    """Tokens that were nobody's, by the address that sent them; of IPv6 by its network, because
    whoever has one address there has 2^64.
    """

    def __init__(self) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())
        self._most = RateLimitItemPerMinute(MOST_FAILURES)

    def wait(self, client: str) -> float:
        """How many seconds it must wait; 0: it need not."""
        who = site_of(client)
        if self._window.test(self._most, who):
            return 0.0
        return max(1.0, self._window.get_window_stats(self._most, who).reset_time - time.time())

    def note(self, client: str) -> None:
        """Counts one more."""
        self._window.hit(self._most, site_of(client))


def site_of(client: str) -> str:
    """What an address is counted by: itself, or of IPv6 its network."""
    found = address_of(client)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, _IPV6_SITE), strict=False))
    return client if found is None else str(found)
