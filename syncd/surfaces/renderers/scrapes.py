"""Has a renderer of its own answer scrapes, which so wait for no page."""

from __future__ import annotations

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response

from syncd.clock import Clock
from syncd.store.engine import Store
from syncd.surfaces.metrics import MetricsEndpoint
from syncd.surfaces.renderers.asking import Ask
from syncd.surfaces.renderers.lost import lost
from syncd.surfaces.renderers.pool import RendererLost, Renderers
from syncd.surfaces.shared import SharedFirst


class Scrapes:
    """`/metrics`: what the store tells by a renderer, and then the `own` metrics of this process.
    `itself` answers where there are no renderers (any more). Asked by one thread at a time.
    """

    def __init__(
        self,
        itself: MetricsEndpoint,
        own: CollectorRegistry,
        renderers: Renderers | None,
        store: Store,
        clock: Clock,
    ) -> None:
        self._itself = itself
        self._own = own
        self._renderers = renderers
        self._store = store
        self._clock = clock

    def start(self) -> None:
        """Before the first scrape."""
        if self._renderers is None:
            self._itself.start()

    def stop(self) -> None:
        """After the last."""
        self._itself.stop()

    def answer(self, request: Request) -> Response:
        """The exposition. Raises DBAPIError while the store does not answer."""
        if self._renderers is None:
            return self._itself.answer(request)
        encode, _ = choose_encoder(request.headers.get("accept", ""))
        ask = Ask.of(request.scope, self._store, self._clock, encode(self._own))
        try:
            made = self._renderers.answer(ask)
        except RendererLost:
            return lost(request)
        if made is None:
            self._itself.start()
            return self._itself.answer(request)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in made.headers}
        if made.shared is not None:
            return SharedFirst(made.shared, made.body, made.status, headers)
        return Response(made.body, made.status, headers)
