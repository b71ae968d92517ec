"""The web application: every surface under its address."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from anyio import CapacityLimiter, to_thread
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncd.clock import Clock
from syncd.intake.access import NOBODY
from syncd.intake.hooks import Hooks
from syncd.intake.reading import Reading
from syncd.store.engine import Store
from syncd.store.read import mapping
from syncd.surfaces.admission import Admission, Limits
from syncd.surfaces.api.application import ROOT, create_api
from syncd.surfaces.api.desk import Desk
from syncd.surfaces.feeding import Feeding
from syncd.surfaces.guard import Door, Guard
from syncd.surfaces.incoming import Incoming
from syncd.surfaces.metrics import MetricsEndpoint, reader_of
from syncd.surfaces.pages import Pages
from syncd.surfaces.problems import HANDLERS
from syncd.surfaces.renderers import Beside, Pools, Scrapes
from syncd.surfaces.requests import Named
from syncd.surfaces.stream import StreamObserver
from syncd.surfaces.trying import Planner

Endpoint = Callable[[Request], Awaitable[Response]]

STATIC = Path(__file__).parent / "static"
SMALL_BYTES = 1000
GZIP_LEVEL = 4
"""A page becomes a tenth at each level from 4 on; what is above takes more time than it saves."""
HEADERS = (
    (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'; form-action 'self'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
COMPRESSING = [
    # the stream stays as it is, and so do metrics, which are compressed ahead
    Middleware(GZipMiddleware, minimum_size=SMALL_BYTES, compresslevel=GZIP_LEVEL)
]
HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")


@dataclass(frozen=True)
class InstanceInfo:
    """Who serves. `external_url`: where people reach it (None: as the request came); `traced`:
    whether a trace is kept of each request.
    """

    version: str
    external_url: str | None = None
    demo: bool = False
    traced: bool = False


def create_app(
    store: Store,
    clock: Clock,
    *,
    own_metrics: CollectorRegistry,
    instance: InstanceInfo,
    door: Door | None = None,
    hooks: Hooks | None = None,
    planner: Planner | None = None,
    apart: bool = False,
    limits: Limits | None = None,
    observer: StreamObserver | None = None,
    pools: Pools | None = None,
    sample: Callable[[], object] | None = None,
) -> Starlette:
    """The application over one store. It asks no upstream, and writes only through intake:
    what people say by who comes in by the `door` (None: everybody reads, nobody writes), notices
    of changes through `hooks` (None: none are taken). `planner` tries edited mapping files (None:
    nobody does). `apart`: metrics and probes are served by `state.apart`, an application of their
    own that asks for no token. `limits`: how many are answered at once; `observer` is told of those
    who follow the stream. By `pools` processes beside this one make what is read, each with a
    `create_rendered_app`, and say what metrics tell (None: this one does);
    then `sample` is called each second to have ready what is slow to find of `own_metrics`.
    """
    door = Door() if door is None else door
    surface = _Surface(store, door.reading)
    incoming = Incoming(hooks)
    feeding = Feeding(store, clock, instance.external_url, observer)
    desk = Desk(store, clock, door.access, instance.external_url, planner, version=instance.version)
    if pools is not None and sample is not None:
        pools.metrics.beat = sample
    read = reader_of(store, clock, version=instance.version)
    itself = MetricsEndpoint(read, lambda encode: encode(own_metrics))
    metrics = Scrapes(itself, own_metrics, None if pools is None else pools.metrics, clock)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.metrics = itself
        metrics.start()
        yield
        await run_in_threadpool(metrics.stop)

    probes = [
        Route("/metrics", _scraped(metrics)),
        Route("/livez", surface.live),
        Route("/readyz", _on_its_own_thread(surface.ready)),
    ]
    application = Starlette(
        routes=[
            *_read(store, clock, instance, feeding, desk),
            *([] if apart else probes),
            Route("/hooks/{source}", incoming.hook, methods=["POST"]),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
        ],
        middleware=[
            Middleware(Named, traced=instance.traced),
            Middleware(_Headers),
            Middleware(Guard, door=door),
            Middleware(Admission, door=door, limits=limits or Limits()),
            Middleware(
                Beside, renderers=None if pools is None else pools.answers, store=store, clock=clock
            ),
            *COMPRESSING,
        ],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    application.state.apart = Starlette(
        routes=probes,
        middleware=[Middleware(Named), Middleware(_Headers)],
        exception_handlers=HANDLERS,
    )
    # What serves it must end the streams itself: it waits for open requests first.
    application.state.end_streams = feeding.tail.end
    return application


def create_rendered_app(store: Store, clock: Clock, instance: InstanceInfo) -> Starlette:
    """What people and programs read, without a door: for a process that answers one that has let
    them in. It has no metrics and no probes, nobody may write, and the stream is not asked of it.
    """
    desk = Desk(store, clock, NOBODY, instance.external_url, version=instance.version)
    feeding = Feeding(store, clock, instance.external_url)
    return Starlette(
        routes=_read(store, clock, instance, feeding, desk),
        middleware=COMPRESSING,
        exception_handlers=HANDLERS,
    )


def _read(
    store: Store, clock: Clock, instance: InstanceInfo, feeding: Feeding, desk: Desk
) -> list[BaseRoute]:
    """Where people and programs read."""
    return [
        *Pages(store, clock, demo=instance.demo).routes(),
        *feeding.routes(),
        Mount(ROOT, create_api(desk)),
    ]


def _scraped(metrics: Scrapes) -> Endpoint:
    """`/metrics`: told at once where it stands ready, which costs less than to wait for a thread;
    else by a thread that never waits for one that makes pages.
    """
    made = _on_its_own_thread(metrics.answer)

    async def answer(request: Request) -> Response:
        return metrics.ready(request) or await made(request)

    return answer


def _on_its_own_thread(endpoint: Callable[[Request], Response]) -> Endpoint:
    """The same endpoint, which never waits for a thread that makes pages."""
    own = CapacityLimiter(1)

    async def answer(request: Request) -> Response:
        return await to_thread.run_sync(endpoint, request, limiter=own)

    return answer


class _Headers:
    """Adds the headers that keep a browser to this page's own files."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = HEADERS if scope["scheme"] != "https" else (*HEADERS, HTTPS_ONLY)
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self._app(scope, receive, sent if scope["type"] == "http" else send)


class _Surface:
    """What is served beside the surfaces for people and programs: probes."""

    def __init__(self, store: Store, reading: Reading) -> None:
        self._store = store
        self._reading = reading

    # -------------------------------------------------------------------------------- probes

    async def live(self, request: Request) -> Response:  # noqa: ARG002
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
                reasons.extend(self._told_to_anybody(view.faults))
        standstill = self._store.standing.standstill
        told = [] if standstill is None else [standstill.words]
        # what is known can still be served where the store cannot be written
        return JSONResponse(
            {"ready": not reasons, "reasons": [*reasons, *told]},
            status_code=503 if reasons else 200,
        )

    def _told_to_anybody(self, faults: Sequence[str]) -> Sequence[str]:
        """Faults of mapping files: probes ask for no token, and the faults tell what is in them."""
        if self._reading is Reading.OPEN:
            return faults
        what = "fault" if len(faults) == 1 else "faults"
        return [f"{len(faults)} {what} in the mapping files; /api/v1/mapping has them"]
