"""The web application: every surface under its address."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.base import Outcome
from syncd.clock import Clock
from syncd.intake.access import NOBODY, Access
from syncd.intake.hooks import Hooks
from syncd.mapping import nearest
from syncd.model import Status
from syncd.store.engine import Store
from syncd.store.explaining import names
from syncd.store.naming import key_meant, words
from syncd.store.paths import path_of
from syncd.store.read import key_result_views, mapping
from syncd.surfaces import page
from syncd.surfaces.documents import (
    OBJECTS,
    key_result_list,
    moment,
    source_list,
)
from syncd.surfaces.explaining import (
    LISTS,
    explanation,
    indicator_list,
    key_result_detail,
    objects_document,
)
from syncd.surfaces.feeding import Feeding
from syncd.surfaces.incoming import Incoming
from syncd.surfaces.key_result_page import key_result_page
from syncd.surfaces.metrics import MetricsEndpoint, Rendering, Told
from syncd.surfaces.pages import Pages
from syncd.surfaces.parameters import (
    known_parameters,
    number,
    offset,
    past,
    shown_periods,
    word,
    zone_in_force,
)
from syncd.surfaces.paths import path_document
from syncd.surfaces.people import adjustment_list, external_list
from syncd.surfaces.problems import HANDLERS
from syncd.surfaces.rollups import rollup_list

log = structlog.get_logger(__name__)

STATIC = Path(__file__).parent / "static"
MOST_OBJECTS = 1000
HEADERS = (
    (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'; form-action 'self'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


@dataclass(frozen=True)
class InstanceInfo:
    """Who serves. `external_url`: where people reach it (None: as the request came)."""

    version: str
    external_url: str | None = None
    demo: bool = False


def create_app(
    store: Store,
    clock: Clock,
    *,
    own_metrics: CollectorRegistry,
    instance: InstanceInfo,
    access: Access = NOBODY,
    hooks: Hooks | None = None,
) -> Starlette:
    """The application over one store. It asks no upstream, and writes only through intake:
    what people say by who passes `access`, notices of changes through `hooks` (None: none are
    taken).
    """
    surface = _Surface(store, clock, instance)
    incoming = Incoming(store, clock, access, hooks)
    feeding = Feeding(store, clock, instance.external_url)
    metrics = MetricsEndpoint(surface.told, own_metrics)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.metrics = metrics
        metrics.start()
        yield
        await run_in_threadpool(metrics.stop)

    application = Starlette(
        routes=[
            Route("/", surface.company),
            Route("/kr/{id:path}", surface.key_result_page),
            *Pages(store, clock, demo=instance.demo).routes(),
            Route("/metrics", metrics.answer),
            *feeding.routes(),
            Route("/api/v1/krs", surface.key_results),
            Route("/api/v1/krs/{id:path}/path", surface.path),
            Route("/api/v1/krs/{id:path}/adjustments", surface.adjustments),
            Route("/api/v1/krs/{id:path}/adjustments", incoming.adjustment, methods=["POST"]),
            Route(
                "/api/v1/krs/{id:path}/adjustments/{number}",
                incoming.withdrawal,
                methods=["DELETE"],
            ),
            # A key has a slash, so this takes what the others left.
            Route("/api/v1/krs/{id:path}", surface.key_result),
            Route("/api/v1/sources", surface.sources),
            Route("/api/v1/mapping", surface.mapping),
            Route("/api/v1/indicators", surface.indicators),
            Route("/api/v1/indicators/{name}", surface.indicator),
            Route("/api/v1/indicators/{name}/objects", surface.indicator_objects),
            Route("/api/v1/indicators/{name}/readings", incoming.reading, methods=["POST"]),
            Route("/api/v1/rollups", surface.rollups),
            Route("/api/v1/externals", surface.externals),
            Route("/api/v1/externals/{name}/state", incoming.external_state, methods=["POST"]),
            Route("/hooks/{source}", incoming.hook, methods=["POST"]),
            Route("/livez", surface.live),
            Route("/readyz", surface.ready),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
        ],
        middleware=[Middleware(_Headers)],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    # What serves it must end the streams itself: it waits for open requests first.
    application.state.end_streams = feeding.tail.end
    return application


class _Headers:
    """Adds the headers that keep a browser to this page's own files."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        await self._app(scope, receive, sent if scope["type"] == "http" else send)


class _Surface:
    """The endpoints, each a plain function of a request (starlette runs them in threads)."""

    def __init__(self, store: Store, clock: Clock, instance: InstanceInfo) -> None:
        self._store = store
        self._clock = clock
        self._instance = instance
        self._rendering = Rendering(instance.version)

    def told(self) -> Told:
        with self._store.read() as connection:
            return self._rendering.render(connection, self._clock.now())

    # ------------------------------------------------------------------------------ programs

    def key_results(self, request: Request) -> Response:
        known_parameters(request, {"team", "objective", "status", "period"})
        wanted = {key: value for key, value in request.query_params.items() if key != "period"}
        if "status" in wanted:
            word(request, "status", tuple(Status), "")
        with self._store.read() as connection:
            chosen = shown_periods(connection, request, self._clock.now())
            documents = key_result_list(connection, [one.period.id for one in chosen])
        found = [
            document
            for document in documents
            if all(document[name] == value for name, value in wanted.items())
        ]
        return _tagged(request, {"key_results": found})

    def key_result(self, request: Request) -> Response:
        known_parameters(request, {"outcome", "limit", "offset"})
        named = word(request, "outcome", LISTS, Outcome.FAIL)
        with self._store.read() as connection:
            key = self._key(connection, request)
            document = key_result_detail(
                connection,
                key,
                now=self._clock.now(),
                which=named,
                limit=number(request, "limit", OBJECTS, 1, MOST_OBJECTS),
                offset=offset(request),
            )
        return _tagged(request, document)

    def path(self, request: Request) -> Response:
        known_parameters(request)
        now = self._clock.now()
        with self._store.read() as connection:
            (view,) = key_result_views(connection, [self._key(connection, request)])
            document = path_document(path_of(connection, view, now), now)
        return _tagged(request, document)

    def adjustments(self, request: Request) -> Response:
        known_parameters(request)
        with self._store.read() as connection:
            key = self._key(connection, request)
            found = adjustment_list(connection, now=self._clock.now(), of=key)
        return _tagged(request, {"adjustments": found})

    def indicators(self, request: Request) -> Response:
        known_parameters(request)
        with self._store.read() as connection:
            return _tagged(request, {"indicators": indicator_list(connection)})

    def indicator(self, request: Request) -> Response:
        known_parameters(request, {"at"})
        name, now = request.path_params["name"], self._clock.now()
        with self._store.read() as connection:
            at = past(request, "at", zone_in_force(connection), now)
            document = explanation(connection, name, now=now, at=at)
            if document is None:
                raise HTTPException(404, _no_such(name, names(connection), "indicator"))
        return _tagged(request, document)

    def indicator_objects(self, request: Request) -> Response:
        known_parameters(request, {"outcome", "at", "limit", "offset"})
        name, now = request.path_params["name"], self._clock.now()
        with self._store.read() as connection:
            document = objects_document(
                connection,
                name,
                word(request, "outcome", LISTS, Outcome.FAIL),
                now=now,
                at=past(request, "at", zone_in_force(connection), now),
                limit=number(request, "limit", OBJECTS, 1, MOST_OBJECTS),
                offset=offset(request),
            )
            if document is None:
                raise HTTPException(404, _no_such(name, names(connection), "indicator"))
        return _tagged(request, document)

    def sources(self, request: Request) -> Response:
        known_parameters(request)
        with self._store.read() as connection:
            return _tagged(request, {"sources": list(source_list(connection))})

    def rollups(self, request: Request) -> Response:
        known_parameters(request, {"period"})
        with self._store.read() as connection:
            shown = shown_periods(connection, request, self._clock.now())
            return _tagged(request, {"rollups": rollup_list(connection, shown)})

    def externals(self, request: Request) -> Response:
        known_parameters(request)
        with self._store.read() as connection:
            return _tagged(request, {"externals": external_list(connection)})

    def mapping(self, request: Request) -> Response:
        known_parameters(request)
        with self._store.read() as connection:
            view = mapping(connection)
        document = {
            "accepted": view is not None and view.accepted,
            "at": None if view is None else moment(view.at),
            "faults": [] if view is None else list(view.faults),
            "in_force": None if view is None else view.in_force,
            "in_force_since": None if view is None else moment(view.accepted_at),
        }
        return _tagged(request, document)

    # -------------------------------------------------------------------------------- probes

    def live(self, request: Request) -> Response:  # noqa: ARG002
        return PlainTextResponse("alive\n")

    def ready(self, request: Request) -> Response:  # noqa: ARG002
        reasons: list[str] = []
        try:
            with self._store.read() as connection:
                view = mapping(connection)
        except sa.exc.DBAPIError:
            reasons.append(f"the store {self._store.name} does not answer")
        else:
            if view is None:
                reasons.append("no mapping files have been loaded yet")
            elif view.in_force is None:
                reasons.extend(view.faults)
        return JSONResponse(
            {"ready": not reasons, "reasons": reasons}, status_code=503 if reasons else 200
        )

    # -------------------------------------------------------------------------------- people

    def company(self, request: Request) -> Response:
        now = self._clock.now()
        with self._store.read() as connection:
            shown = shown_periods(connection, request, now)
            return HTMLResponse(page.company(connection, shown, now=now, demo=self._instance.demo))

    def key_result_page(self, request: Request) -> Response:
        first, extra = offset(request), offset(request, "extra")
        with self._store.read() as connection:
            html = key_result_page(
                connection,
                self._key(connection, request),
                now=self._clock.now(),
                offset=first,
                extra=extra,
                demo=self._instance.demo,
            )
        return HTMLResponse(html)

    def _key(self, connection: sa.Connection, request: Request) -> str:
        """The key of the key result that the address means. Raises HTTPException (404)."""
        named = request.path_params["id"]
        key = key_meant(connection, named, self._clock.now())
        if key is None:
            raise HTTPException(404, _no_such(named, words(connection), "key result"))
        return key


def _tagged(request: Request, document: Mapping[str, Any]) -> Response:
    """JSON with an ETag, or 304 when the reader has it already."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _no_such(named: str, known: Sequence[str], what: str) -> str:
    near = nearest(named, known)
    hint = f"; did you mean {near}?" if near else ""
    return f"there is no {what} {named[:80]!r}{hint}"
