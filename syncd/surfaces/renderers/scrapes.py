"""Has a renderer of its own say what scrapes tell, which so wait for no page and for no look."""

from __future__ import annotations

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from syncd.clock import Clock
from syncd.surfaces.metrics import MetricsEndpoint
from syncd.surfaces.metrics.family import Encoder
from syncd.surfaces.problems import away
from syncd.surfaces.renderers.following import Following, Stands
from syncd.surfaces.renderers.lost import lost
from syncd.surfaces.renderers.pool import RendererLost


class Scrapes:
    """`/metrics`: what the store tells, as a renderer said it last, and then the `own` metrics of
    this process. `itself` answers where there are no renderers (any more).
    """

    def __init__(
        self,
        itself: MetricsEndpoint,
        own: CollectorRegistry,
        following: Following | None,
        clock: Clock,
    ) -> None:
        self._itself = itself
        self._own = own
        self._following = following
        self._clock = clock

    def start(self) -> None:
        """Before the first scrape."""
        if self._following is None:
            self._itself.start()

    def stop(self) -> None:
        """After the last."""
        self._itself.stop()

    def ready(self, request: Request) -> Response | None:
        """The exposition; None where it has to be waited for, or made."""
        if self._following is None:
            return None
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        stands = self._following.now(media_type)
        return None if stands is None else self._told(request, stands, encode, media_type)

    def answer(self, request: Request) -> Response:
        """The exposition. Asked by one thread at a time. Raises DBAPIError while the store does not
        answer.
        """
        if self._following is not None:
            accept = request.headers.get("accept", "")
            encode, media_type = choose_encoder(accept)
            try:
                stands = self._following.ask(accept, media_type, self._clock)
            except RendererLost:
                return lost(request)
            if stands is not None:
                return self._told(request, stands, encode, media_type)
            self._itself.start()
        return self._itself.answer(request)

    def _told(self, request: Request, stands: Stands, encode: Encoder, media_type: str) -> Response:
        if stands.form is not None:
            # one exposition has one end: this process's own part brings it
            rest = stands.moving + encode(self._own)
            gzip = "gzip" in request.headers.get("accept-encoding", "")
            return stands.form.answer(rest, media_type, gzip=gzip)
        if stands.away is not None:
            return away(request, stands.away.trouble)
        return PlainTextResponse("Internal Server Error", 500)
