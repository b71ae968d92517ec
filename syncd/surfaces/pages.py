"""The addresses of the pages beside the company's and the key results' own."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from syncd.clock import Clock
from syncd.store.engine import Store
from syncd.surfaces.answers import key_of, tag_of, unless_known
from syncd.surfaces.dependencies_page import dependencies_page
from syncd.surfaces.embeds import MEDIA_TYPE, badge, card
from syncd.surfaces.hygiene_page import hygiene_page
from syncd.surfaces.parameters import known_parameters, shown_periods
from syncd.surfaces.sources_page import sources_page


class Pages:
    """Answers for people, from the store."""

    def __init__(self, store: Store, clock: Clock, *, demo: bool) -> None:
        self._store = store
        self._clock = clock
        self._demo = demo

    def routes(self) -> list[Route]:
        """Every page under its address."""
        return [
            Route("/sources", self.sources),
            Route("/hygiene", self.hygiene),
            Route("/dependencies", self.dependencies),
            Route("/badge/{id:path}.svg", self.badge),
            Route("/card/{id:path}.svg", self.card),
        ]

    def sources(self, request: Request) -> Response:
        """What is read from where, and how that goes."""
        known_parameters(request)
        with self._store.read() as connection:
            return HTMLResponse(sources_page(connection, now=self._clock.now(), demo=self._demo))

    def hygiene(self, request: Request) -> Response:
        """What the mapping files leave open."""
        known_parameters(request)
        with self._store.read() as connection:
            return HTMLResponse(hygiene_page(connection, now=self._clock.now(), demo=self._demo))

    def dependencies(self, request: Request) -> Response:
        """What waits for what; `kr` names whose critical path is drawn."""
        known_parameters(request, {"kr", "period"})
        now = self._clock.now()
        with self._store.read() as connection:
            shown = shown_periods(connection, request, now)
            named = request.query_params.get("kr")
            of = None if named is None else key_of(connection, named, now)
            html = dependencies_page(connection, shown, of=of, now=now, demo=self._demo)
        return HTMLResponse(html)

    def badge(self, request: Request) -> Response:
        """The status of a key result as a badge."""
        known_parameters(request)
        with self._store.read() as connection:
            key = key_of(connection, request.path_params["id"], self._clock.now())
            return _picture(request, badge(connection, key))

    def card(self, request: Request) -> Response:
        """A key result as a card."""
        known_parameters(request)
        with self._store.read() as connection:
            key = key_of(connection, request.path_params["id"], self._clock.now())
            return _picture(request, card(connection, key, self._clock.now()))


def _picture(request: Request, drawn: str) -> Response:
    """An image that a browser asks for again each time, and gets when it is another one."""
    body = drawn.encode()
    return unless_known(request, tag_of(body), lambda: Response(body, media_type=MEDIA_TYPE))
