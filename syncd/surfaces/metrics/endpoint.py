"""Answers scrapes with bytes that were made before they were asked for.

A thread looks once a second whether the store tells something new, and renders it then. A scrape
copies what stands ready and adds the few families of its own process: its cost does not grow with
the key results.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
import structlog
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response

from syncd.surfaces.metrics.family import Encoder
from syncd.surfaces.metrics.form import Form
from syncd.surfaces.metrics.rendering import Told

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
"""How often the store is looked at: the oldest that an answer is, when rendering takes no time."""

BUSY_SHARE = 0.25
"""The share of its time that the thread works at most, however much there is to render."""


@dataclass(frozen=True)
class _Ready:
    """What was told at the last look, in every form that was ever asked for."""

    told: Told
    forms: Mapping[str, tuple[Encoder, Form]]


class MetricsEndpoint:
    """`/metrics` over a store. `read` gives what it tells now; `own` encodes the process's metrics.

    `start` and `stop` the thread with the application. Before its first look answers are made when
    they are asked for. While the store does not answer there is no answer either: what was told
    last would be taken for what holds now.
    """

    def __init__(self, read: Callable[[], Told], own: Callable[[Encoder], bytes]) -> None:
        self._read = read
        self._own = own
        # Held while the store is looked at; scrapes take what stands ready without it.
        self._rendering = threading.Lock()
        # Held while what was told is put into the forms that are asked for.
        self._forming = threading.Lock()
        self._ready: _Ready | None = None
        self._failure: sa.exc.DBAPIError | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to look at the store, where it has not begun."""
        if self._thread is not None:
            return
        self._thread = threading.Thread(target=self._keep, name="syncd-metrics", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def look(self) -> None:
        """Takes up what the store tells now. Raises DBAPIError when it does not answer."""
        with self._rendering:
            try:
                self._look()
            except sa.exc.DBAPIError as error:
                self._failure = error
                raise
            self._failure = None

    def _look(self) -> _Ready:
        told = self._read()
        with self._forming:
            before = self._ready
            forms = {} if before is None else before.forms
            if before is not None and told.still is not before.told.still:
                # Only what somebody asks for is rendered ahead.
                forms = {
                    name: (encode, Form.of(told, encode)) for name, (encode, _) in forms.items()
                }
            ready = self._ready = _Ready(told, forms)
        return ready

    def _stands(self, media_type: str, encode: Encoder) -> tuple[Told, Form]:
        """What stands ready in a form; made now when it is asked for the first time."""
        ready = self._ready or self._first()
        if media_type not in ready.forms:
            with self._forming:
                ready = self._ready or ready
                if media_type not in ready.forms:
                    made = encode, Form.of(ready.told, encode)
                    ready = self._ready = _Ready(ready.told, {**ready.forms, media_type: made})
        return ready.told, ready.forms[media_type][1]

    def _first(self) -> _Ready:
        with self._rendering:
            return self._ready or self._look()

    def answer(self, request: Request) -> Response:
        """The exposition in the form that is asked for, gzipped where the scraper takes it. Raises
        DBAPIError while the store does not answer.
        """
        if self._failure is not None:
            raise self._failure
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        told, form = self._stands(media_type, encode)
        # One exposition has one end: the process's own part brings it.
        rest = told.moving_part(encode) + self._own(encode)
        gzip = "gzip" in request.headers.get("accept-encoding", "")
        return form.answer(rest, media_type, gzip=gzip)

    def _keep(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            began = time.monotonic()
            try:
                self.look()
            except sa.exc.DBAPIError as error:
                log.debug("metrics.store_failing", error=str(error.orig))
            except Exception:  # nothing must end the looking
                log.exception("metrics.not_rendered")
                # else what was told last would be told for ever
                self._ready = None
            pause = pause_after(time.monotonic() - began)


def pause_after(seconds: float) -> float:
    """How long the store is not looked at after a look and what came of it took so long."""
    return max(LOOK_SECONDS, seconds / BUSY_SHARE)
