"""The addresses of the pages."""

from __future__ import annotations

import sqlalchemy as sa
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from syncd.clock import Clock
from syncd.store.engine import Store
from syncd.store.removed import removed_by
from syncd.surfaces.answers import key_of, tag_of, unless_known
from syncd.surfaces.asked import NOW
from syncd.surfaces.choosing import PARAMETERS, choice_of
from syncd.surfaces.company_page import company
from syncd.surfaces.dependencies_page import dependencies_page
from syncd.surfaces.embeds import MEDIA_TYPE, badge, card
from syncd.surfaces.feed_page import event_page, feed_page
from syncd.surfaces.filtering import NAMES
from syncd.surfaces.hygiene_page import hygiene_page
from syncd.surfaces.kept import Kept
from syncd.surfaces.key_result_page import key_result_page
from syncd.surfaces.listing import MOST_CHARACTERS, Sought
from syncd.surfaces.page import Visit
from syncd.surfaces.parameters import (
    PAST,
    asked_of,
    known_parameters,
    offset,
    shown_periods,
    text,
    word,
)
from syncd.surfaces.removed_page import removed_page
from syncd.surfaces.sources_page import sources_page

_OF_ONE_DAY = frozenset({*PAST, "offset", "extra", "before"})
"""What an address says that means nothing on another day."""


class Pages:
    """Answers for people, from the store. `kept`: what the company page keeps (None: the usual)."""

    def __init__(self, store: Store, clock: Clock, *, demo: bool, kept: Kept | None = None) -> None:
        self._store = store
        self._clock = clock
        self._demo = demo
        self._kept = Kept() if kept is None else kept

    def routes(self) -> list[Route]:
        """Every page under its address."""
        return [
            Route("/", self.company),
            Route("/kr/{id:path}", self.key_result),
            Route("/feed", self.feed),
            Route("/event/{cursor}", self.event),
            Route("/sources", self.sources),
            Route("/hygiene", self.hygiene),
            Route("/dependencies", self.dependencies),
            Route("/badge/{id:path}.svg", self.badge),
            Route("/card/{id:path}.svg", self.card),
        ]

    def company(self, request: Request) -> Response:
        """Every key result, what changed, and how fresh it all is."""
        known_parameters(request, {"period", *PAST, *PARAMETERS})
        kept = Kept() if request.query_params.get("at") else self._kept
        with kept.lock, self._store.read() as connection:
            visit = self._visit(connection, request)
            shown = shown_periods(connection, request, visit.now, visit.asked.at)
            html = company(
                connection,
                shown,
                visit,
                kept,
                chosen_period=request.query_params.get("period", ""),
                choice=choice_of(request, [team for one in shown for team in one.period.teams]),
                offset=offset(request),
            )
        return HTMLResponse(html)

    def key_result(self, request: Request) -> Response:
        """One key result, down to the objects; or what became of one that was taken out."""
        known_parameters(request, {"offset", "extra", "q", "lacks", *PAST})
        sought = Sought(
            called=text(request, "q", MOST_CHARACTERS),
            lacks=text(request, "lacks", MOST_CHARACTERS),
            offset=offset(request),
            extra=offset(request, "extra"),
        )
        named = request.path_params["id"]
        with self._store.read() as connection:
            visit = self._visit(connection, request)
            try:
                key = key_of(connection, named, visit.now, visit.asked)
            except HTTPException:
                removed = removed_by(connection, named, visit.then)
                if removed is None:
                    raise
                return HTMLResponse(removed_page(connection, removed, visit), status_code=410)
            html = key_result_page(connection, key, visit, sought=sought)
        return HTMLResponse(html)

    def sources(self, request: Request) -> Response:
        """What is read from where, and how that goes."""
        known_parameters(request, PAST)
        with self._store.read() as connection:
            return HTMLResponse(sources_page(connection, self._visit(connection, request)))

    def hygiene(self, request: Request) -> Response:
        """What the mapping files leave open."""
        known_parameters(request, PAST)
        with self._store.read() as connection:
            return HTMLResponse(hygiene_page(connection, self._visit(connection, request)))

    def dependencies(self, request: Request) -> Response:
        """What waits for what; `kr` names whose critical path is drawn."""
        known_parameters(request, {"kr", "period", *PAST})
        with self._store.read() as connection:
            visit = self._visit(connection, request)
            shown = shown_periods(connection, request, visit.now, visit.asked.at)
            named = request.query_params.get("kr")
            of = None if named is None else key_of(connection, named, visit.now, visit.asked)
            return HTMLResponse(dependencies_page(connection, shown, visit, of=of))

    def feed(self, request: Request) -> Response:
        """What changed, page by page, the newest first."""
        known_parameters(request, {*NAMES, "before", *PAST})
        with self._store.read() as connection:
            visit = self._visit(connection, request)
            asked = {name: request.query_params.get(name, "").strip() for name in NAMES}
            before = request.query_params.get("before")
            return HTMLResponse(feed_page(connection, visit, asked, before))

    def event(self, request: Request) -> Response:
        """One event under its own address."""
        known_parameters(request)
        with self._store.read() as connection:
            visit = self._visit(connection, request)
            return HTMLResponse(event_page(connection, visit, request.path_params["cursor"]))

    def _visit(self, connection: sa.Connection, request: Request) -> Visit:
        """The moment that a page is asked about (pages show only what was told), and what else its
        address says that holds of other days too.
        """
        word(request, "reconstructed", ("false",), "false")
        now = self._clock.now()
        # A form sends an empty word for what was left out.
        said = request.query_params.get("at", "")
        kept = tuple(
            (name, value)
            for name, value in request.query_params.multi_items()
            if name not in _OF_ONE_DAY and value
        )
        asked = asked_of(connection, request, now) if said else NOW
        standstill = None if self._demo else self._store.standing.standstill
        return Visit(now, self._demo, asked, kept, said, standstill)

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
