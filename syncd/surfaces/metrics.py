"""`/metrics`: the store's state and the process's own metrics, in the format that is asked for.

The state's part is rendered at most once a second, by one thread, and kept as bytes; a scrape
between two renderings copies them.
"""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response

from syncd.surfaces.exposition import State, StateCollector

FRESH_SECONDS = 1.0
_END = b"# EOF\n"


class MetricsEndpoint:
    """Answers scrapes. `read` gives the state; it is called at most once a second."""

    def __init__(self, read: Callable[[], State], own: CollectorRegistry) -> None:
        self._read = read
        self._own = own
        self._lock = threading.Lock()
        self._rendered: dict[str, bytes] = {}
        self._registry = CollectorRegistry()
        self._read_at = -FRESH_SECONDS

    def answer(self, request: Request) -> Response:
        """The exposition, gzipped where the scraper takes it."""
        encode, form = choose_encoder(request.headers.get("accept", ""))
        body = self._state(encode, form) + encode(self._own)
        headers = {"Vary": "Accept, Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            body = gzip.compress(body, compresslevel=1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return Response(body, headers={**headers, "Content-Type": form})

    def _state(self, encode: Callable[[CollectorRegistry], bytes], form: str) -> bytes:
        with self._lock:
            if time.monotonic() - self._read_at >= FRESH_SECONDS:
                self._registry = CollectorRegistry()
                self._registry.register(StateCollector(self._read()))
                self._rendered = {}
                self._read_at = time.monotonic()
            if form not in self._rendered:
                # one exposition has one end: the process's own part brings it
                self._rendered[form] = encode(self._registry).removesuffix(_END)
            return self._rendered[form]
