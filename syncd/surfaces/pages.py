"""The addresses of the pages."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from syncd.clock import Clock
from syncd.store.engine import Store
from syncd.surfaces.answers import key_of, tag_of, unless_known
from syncd.surfaces.asked import NOW, Asked
from syncd.surfaces.choosing import PARAMETERS, choice_of
from syncd.surfaces.company_page import company
from syncd.surfaces.dependencies_page import dependencies_page
from syncd.surfaces.embeds import MEDIA_TYPE, badge, card
from syncd.surfaces.hygiene_page import hygiene_page
from syncd.surfaces.key_result_page import key_result_page
from syncd.surfaces.listing import MOST_CHARACTERS, Sought
from syncd.surfaces.parameters import (
    PAST,
    asked_of,
    known_parameters,
    offset,
    shown_periods,
    text,
    word,
)
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
            Route("/", self.company),
            Route("/kr/{id:path}", self.key_result),
            Route("/sources", self.sources),
            Route("/hygiene", self.hygiene),
            Route("/dependencies", self.dependencies),
            Route("/badge/{id:path}.svg", self.badge),
            Route("/card/{id:path}.svg", self.card),
        ]

    def company(self, request: Request) -> Response:
        """Every key result, what changed, and how fresh it all is."""
        known_parameters(request, {"period", *PAST, *PARAMETERS})
        now = self._clock.now()
        with self._store.read() as connection:
            asked = _told(connection, request, now)
            shown = shown_periods(connection, request, now, asked.at)
            html = company(
                connection,
                shown,
                now=now,
                demo=self._demo,
                asked=asked,
                chosen_period=request.query_params.get("period", ""),
                choice=choice_of(request, [team for one in shown for team in one.period.teams]),
            )
        return HTMLResponse(html)

    def key_result(self, request: Request) -> Response:
        """One key result, down to the objects."""
        known_parameters(request, {"offset", "extra", "q", "lacks", *PAST})
        sought = Sought(
            called=text(request, "q", MOST_CHARACTERS),
            lacks=text(request, "lacks", MOST_CHARACTERS),
            offset=offset(request),
            extra=offset(request, "extra"),
        )
        now = self._clock.now()
        with self._store.read() as connection:
            asked = _told(connection, request, now)
            html = key_result_page(
                connection,
                key_of(connection, request.path_params["id"], now, asked),
                now=now,
                asked=asked,
                sought=sought,
                demo=self._demo,
            )
        return HTMLResponse(html)

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


def _told(connection: sa.Connection, request: Request, now: datetime) -> Asked:
    """The moment that a page is asked about; pages show only what was told."""
    word(request, "reconstructed", ("false",), "false")
    if request.query_params.get("at") == "":
        # A form sends an empty word for what was left out.
        return NOW
    return asked_of(connection, request, now)


def _picture(request: Request, drawn: str) -> Response:
    """An image that a browser asks for again each time, and gets when it is another one."""
    body = drawn.encode()
    return unless_known(request, tag_of(body), lambda: Response(body, media_type=MEDIA_TYPE))
