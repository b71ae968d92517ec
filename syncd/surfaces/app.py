"""The web application: every surface under its address."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.base import Outcome
from syncd.clock import Clock
from syncd.mapping import nearest
from syncd.model import Event, Status
from syncd.store.engine import Store
from syncd.store.read import feed as events_of
from syncd.store.read import key_result_views, mapping
from syncd.surfaces import feed, page
from syncd.surfaces.documents import (
    OBJECTS,
    key_result_detail,
    key_result_list,
    moment,
    source_list,
)
from syncd.surfaces.exposition import state
from syncd.surfaces.metrics import MetricsEndpoint

log = structlog.get_logger(__name__)

STATIC = Path(__file__).parent / "static"
MOST_OBJECTS = 1000
MOST_EVENTS = 500
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


class BadParameter(Exception):
    """A query parameter that cannot be used; `name` and what is expected of it."""

    def __init__(self, name: str, got: str, expected: str) -> None:
        super().__init__(f"{name}: got {got!r}; expected {expected}")


def create_app(
    store: Store, clock: Clock, *, own_metrics: CollectorRegistry, instance: InstanceInfo
) -> Starlette:
    """The application over one store. It asks no upstream, and writes nothing."""
    surface = _Surface(store, clock, instance)
    return Starlette(
        routes=[
            Route("/", surface.company),
            Route("/kr/{id}", surface.key_result_page),
            Route("/metrics", MetricsEndpoint(surface.state, own_metrics).answer),
            Route("/feed.json", surface.feed),
            Route("/api/v1/krs", surface.key_results),
            Route("/api/v1/krs/{id}", surface.key_result),
            Route("/api/v1/events", surface.events),
            Route("/api/v1/sources", surface.sources),
            Route("/api/v1/mapping", surface.mapping),
            Route("/livez", surface.live),
            Route("/readyz", surface.ready),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
        ],
        middleware=[Middleware(_Headers)],
        exception_handlers={
            BadParameter: _bad_parameter,
            HTTPException: _http_error,
            sa.exc.DBAPIError: _store_away,
        },
    )


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

    def state(self) -> Any:
        with self._store.read() as connection:
            return state(connection, now=self._clock.now(), version=self._instance.version)

    # ------------------------------------------------------------------------------ programs

    def key_results(self, request: Request) -> Response:
        wanted = {
            name: request.query_params[name]
            for name in ("team", "objective", "status")
            if name in request.query_params
        }
        _known_parameters(request, {"team", "objective", "status"})
        if "status" in wanted and wanted["status"] not in set(Status):
            raise BadParameter("status", wanted["status"], "one of " + ", ".join(Status))
        with self._store.read() as connection:
            documents = key_result_list(connection)
        found = [
            document
            for document in documents
            if all(document[name] == value for name, value in wanted.items())
        ]
        return _tagged(request, {"key_results": found})

    def key_result(self, request: Request) -> Response:
        _known_parameters(request, {"outcome", "limit", "offset"})
        key = request.path_params["id"]
        named = request.query_params.get("outcome", Outcome.FAIL.value)
        if named not in set(Outcome):
            raise BadParameter("outcome", named, "one of " + ", ".join(Outcome))
        with self._store.read() as connection:
            document = key_result_detail(
                connection,
                key,
                now=self._clock.now(),
                outcome=Outcome(named),
                limit=_number(request, "limit", OBJECTS, 1, MOST_OBJECTS),
                offset=_number(request, "offset", 0, 0, 10**9),
            )
            if document is None:
                raise HTTPException(404, _no_such(connection, key))
        return _tagged(request, document)

    def events(self, request: Request) -> Response:
        _known_parameters(request, {"after", "limit"})
        limit = _number(request, "limit", feed.PAGE, 1, MOST_EVENTS)
        with self._store.read() as connection:
            found = events_of(connection, after=_number(request, "after", 0, 0, 2**62), limit=limit)
        return JSONResponse({"events": [_event(event) for event in found]})

    def sources(self, request: Request) -> Response:
        with self._store.read() as connection:
            return _tagged(request, {"sources": list(source_list(connection))})

    def mapping(self, request: Request) -> Response:
        with self._store.read() as connection:
            view = mapping(connection)
        document = {
            "accepted": view is not None and view.accepted,
            "at": None if view is None else moment(view.at),
            "faults": [] if view is None else list(view.faults),
            "in_force": None if view is None else view.in_force,
        }
        return _tagged(request, document)

    def feed(self, request: Request) -> Response:
        _known_parameters(request, {"before"})
        before = None
        if "before" in request.query_params:
            before = _number(request, "before", 0, 0, 2**62)
        with self._store.read() as connection:
            found = events_of(connection, before=before, limit=feed.PAGE + 1)
            view = mapping(connection)
        name = view.in_force["organisation"] if view is not None and view.in_force else "syncd"
        document = feed.document(
            found[: feed.PAGE],
            base=self._base(request),
            title=f"{name}: key results",
            more=len(found) > feed.PAGE,
        )
        return JSONResponse(document, media_type=feed.MEDIA_TYPE)

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

    def company(self, request: Request) -> Response:  # noqa: ARG002
        with self._store.read() as connection:
            return HTMLResponse(
                page.company(connection, now=self._clock.now(), demo=self._instance.demo)
            )

    def key_result_page(self, request: Request) -> Response:
        key = request.path_params["id"]
        offset = _number(request, "offset", 0, 0, 10**9)
        with self._store.read() as connection:
            html = page.key_result(
                connection, key, now=self._clock.now(), offset=offset, demo=self._instance.demo
            )
            if html is None:
                raise HTTPException(404, _no_such(connection, key))
        return HTMLResponse(html)

    def _base(self, request: Request) -> str:
        return (self._instance.external_url or str(request.base_url)).rstrip("/")


def _tagged(request: Request, document: Mapping[str, Any]) -> Response:
    """JSON with an ETag, or 304 when the reader has it already."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _event(event: Event) -> Mapping[str, Any]:
    return {
        "position": event.position,
        "id": event.id,
        "at": moment(event.at),
        "kind": event.kind,
        "subject": event.subject,
        "title": event.title,
        "text": event.text,
        "data": event.data,
    }


def _known_parameters(request: Request, known: set[str]) -> None:
    for name in request.query_params:
        if name not in known:
            raise BadParameter(
                name, request.query_params[name], "one of " + ", ".join(sorted(known))
            )


def _number(request: Request, name: str, default: int, least: int, most: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
    if not least <= number <= most:
        raise BadParameter(name, text[:40], f"a whole number from {least} to {most}")
    return number


def _no_such(connection: sa.Connection, key: str) -> str:
    near = nearest(key, [view.key_result.id for view in key_result_views(connection)])
    hint = f"; did you mean {near}?" if near else ""
    return f"there is no key result {key[:80]!r}{hint}"


def _problem(status: int, title: str, detail: str) -> Response:
    """Problem details (RFC 9457)."""
    return JSONResponse(
        {"type": "about:blank", "title": title, "status": status, "detail": detail},
        status_code=status,
        media_type="application/problem+json",
    )


def _bad_parameter(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return _problem(400, "Bad parameter", str(error))


def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    if request.url.path.startswith("/api/"):
        return _problem(status, "Not found" if status == 404 else "Refused", detail)
    return HTMLResponse(page.error(status, detail), status_code=status)


def _store_away(request: Request, error: Exception) -> Response:  # noqa: ARG001
    log.warning("surface.store_away", path=request.url.path)
    return _problem(503, "The store does not answer", "try again in a moment")
