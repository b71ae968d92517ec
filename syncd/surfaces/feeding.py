"""The addresses of the feed: JSON Feed, Atom, the list of the API, and the stream."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlencode

import sqlalchemy as sa
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from syncd.clock import Clock
from syncd.store.engine import Store
from syncd.store.feed import (
    Gone,
    NotOfThisFeed,
    Wanted,
    cursor_of,
    newest,
    position_of,
    preceding,
)
from syncd.store.read import mapping
from syncd.surfaces import atom, feed
from syncd.surfaces.answers import tag_of, unless_known
from syncd.surfaces.filtering import NAMES, Filters
from syncd.surfaces.parameters import BadParameter, known_parameters, number
from syncd.surfaces.stream import EventStream, StreamObserver, Tail

PAGE = 50
MOST = 500


class Feeding:
    """The endpoints. `external_url`: where people reach syncd (None: as the request came)."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        external_url: str | None,
        observer: StreamObserver | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._external_url = external_url
        self.tail = Tail(store, observer)

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/feed.json", self.json_feed),
            Route("/feed.atom", self.atom_feed),
            Route("/feed/stream", self.stream),
        ]

    def json_feed(self, request: Request) -> Response:
        """A page of the feed as JSON Feed, the newest first."""
        page, tag = self._page(request, "feed.json")
        return unless_known(
            request, tag, lambda: JSONResponse(feed.document(page), media_type=feed.MEDIA_TYPE)
        )

    def atom_feed(self, request: Request) -> Response:
        """The same as Atom."""
        page, tag = self._page(request, "feed.atom")
        return unless_known(
            request, tag, lambda: Response(atom.document(page), media_type=atom.MEDIA_TYPE)
        )

    async def stream(self, request: Request) -> Response:
        """Server-sent events, from the reader's place (`Last-Event-ID`, `after`), or now."""
        known_parameters(request, {*NAMES, "after"})
        wanted, after = await self.tail.look(partial(self._place, request))
        return EventStream(self.tail, wanted, after, self._base(request))

    def _place(self, request: Request) -> tuple[Wanted, int]:
        """What a reader of the stream wants, and after which position."""
        with self._store.read() as connection:
            wanted = self._wanted(connection, request)
            said = request.headers.get("last-event-id")
            name = "after" if said is None else "Last-Event-ID"
            cursor = request.query_params.get("after") if said is None else said
            after = newest(connection) if cursor is None else _position(connection, name, cursor)
        return wanted, after

    def _page(self, request: Request, name: str) -> tuple[feed.FeedPage, str]:
        known_parameters(request, {*NAMES, "before", "limit"})
        limit = number(request, "limit", PAGE, 1, MOST)
        with self._store.read() as connection:
            wanted = self._wanted(connection, request)
            cursor = request.query_params.get("before")
            before = None if cursor is None else _position(connection, "before", cursor)
            found = preceding(connection, wanted, before=before, limit=limit + 1)
            view = mapping(connection)
        shown = found[:limit]
        author = view.in_force["organisation"] if view is not None and view.in_force else "syncd"
        base = self._base(request)
        chosen = [(key, value) for key, value in request.query_params.multi_items()
                  if key not in ("before", "limit")]  # fmt: skip
        of_page = [*chosen, *([("limit", str(limit))] if limit != PAGE else [])]
        page = feed.FeedPage(
            events=shown,
            base=base,
            title=f"{author}: key results",
            author=author,
            url=_address(base, name, chosen),
            this=_address(base, name, request.query_params.multi_items()),
            next=_address(base, name, [*of_page, ("before", cursor_of(shown[-1]))])
            if len(found) > limit
            else None,
        )
        return page, _tag(page)

    def _wanted(self, connection: sa.Connection, request: Request) -> Wanted:
        filters = Filters(
            teams=_values(request, "team"),
            key_results=_values(request, "kr"),
            kinds=_values(request, "kind"),
            statuses=_values(request, "status"),
            since=request.query_params.get("since"),
        )
        return filters.wanted(connection, self._clock.now())

    def _base(self, request: Request) -> str:
        return (self._external_url or str(request.base_url)).rstrip("/")


def _tag(page: feed.FeedPage) -> str:
    """Events never change, so which ones stand on a page says what the page says."""
    ids = [event.id for event in page.events]
    said = repr([page.this, page.next, page.base, page.author, ids])
    return tag_of(said.encode())


def _address(base: str, name: str, parameters: Sequence[tuple[str, str]]) -> str:
    return f"{base}/{name}" + (f"?{urlencode(parameters)}" if parameters else "")


def _values(request: Request, name: str) -> list[str]:
    """Several are joined by commas, or said again."""
    said = request.query_params.getlist(name)
    return [one for each in said for one in each.split(",")]


def _position(connection: sa.Connection, name: str, cursor: str) -> int:
    try:
        return position_of(connection, cursor)
    except Gone as error:
        raise HTTPException(410, f"{name}: got {cursor[:80]!r}; expected {error}") from error
    except NotOfThisFeed as error:
        raise BadParameter(name, cursor, str(error)) from error
