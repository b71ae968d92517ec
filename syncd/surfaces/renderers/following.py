"""What a renderer of metrics said last, for whoever asks."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

import structlog

from syncd.clock import Clock
from syncd.nursery import NurseryEnded
from syncd.surfaces.metrics.form import Form
from syncd.surfaces.renderers.pool import NONE_LEFT, TRIES, RendererLost
from syncd.surfaces.renderers.publication import Away, Publication, Wanted

log = structlog.get_logger(__name__)

KIND = "metrics"
PATH = "/metrics"
BEAT_SECONDS = 1.0


@dataclass(frozen=True)
class Stands:
    """What is told in one form until a moment (`time.monotonic`), or why there is nothing to tell:
    the store did not answer (`away`), or (None) it could not be rendered.
    """

    until: float
    form: Form | None = None
    moving: bytes = b""
    away: Away | None = None


class Following:
    """Follows one renderer of metrics, which `begin` gives a connection to: it does `publish_with`
    (NurseryEnded: there can be none any more). It is begun when somebody asks for the first time,
    and again when it ends. What it said holds until another has looked at the store, or for as long
    as it said; what ends two of them in turn would end the next. `beat` is called each second by
    the thread that follows.
    """

    def __init__(self, begin: Callable[[], Connection]) -> None:
        self.beat: Callable[[], object] = _nothing
        self._new = begin
        self._changed = threading.Condition()
        self._forms: dict[str, Stands] = {}
        self._nothing: Stands | None = None
        self._wanted: dict[str, str] = {}
        self._asks = self._lost = 0
        self._none_left = False
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._bell, self._rope = os.pipe()

    def now(self, media_type: str) -> Stands | None:
        """What stands ready in a form; None: there is nothing that holds."""
        stands = self._nothing or self._forms.get(media_type)
        return None if stands is None or time.monotonic() > stands.until else stands

    def ask(self, accept: str, media_type: str, clock: Clock) -> Stands | None:
        """The same, once there is something that holds; None: there are no renderers any more,
        which is said once. Raises RendererLost.
        """
        with self._changed:
            self._asks += 1
            lost = self._lost
            self._wanted[media_type] = accept
            self._ring()
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._keep, args=(clock,), name="syncd-scrapes", daemon=True
                )
                self._thread.start()
            while not (self._none_left or self._closing.is_set()):
                stands = self.now(media_type)
                if stands is not None:
                    return stands
                if self._lost != lost:
                    raise RendererLost
                self._changed.wait()
            return None

    def close(self) -> None:
        """Lets go of the renderer."""
        with self._changed:
            self._closing.set()
            self._ring()
        if self._thread is not None:
            self._thread.join()

    def _ring(self) -> None:
        os.write(self._rope, b"!")
        self._changed.notify_all()

    def _keep(self, clock: Clock) -> None:
        ended = 0
        while not self._closing.is_set():
            try:
                connection = self._new()
            except NurseryEnded:
                log.exception("renderer.none_left", kind=KIND, words=NONE_LEFT)
                self._tell_nothing(none_left=True)
                return
            with connection:
                ended = 1 if self._follow(connection, clock) else ended + 1
            if self._closing.is_set():
                return
            log.warning("renderer.ended", path=PATH)
            if ended >= TRIES:
                ended = 0
                self._tell_nothing(none_left=False)

    def _tell_nothing(self, *, none_left: bool) -> None:
        """Whoever waits is told that there is none; another is begun for who asks from now on."""
        with self._changed:
            self._forms, self._nothing = {}, None
            self._lost += 1
            self._none_left = none_left
            self._changed.notify_all()
            asks = self._asks
            self._changed.wait_for(lambda: none_left or self._closing.is_set() or self._asks > asks)

    def _follow(self, connection: Connection, clock: Clock) -> bool:
        """Takes what a renderer says until it ends; whether it said anything."""
        asked: set[str] = set()
        said = False
        with suppress(EOFError, OSError):
            while True:
                for media_type, accept in list(self._wanted.items()):
                    if media_type not in asked:
                        asked.add(media_type)
                        connection.send_bytes(Wanted(accept, clock.now()).to_bytes())
                self.beat()
                ready = wait([connection, self._bell], BEAT_SECONDS)
                if self._bell in ready:
                    os.read(self._bell, 4096)
                    if self._closing.is_set():
                        break
                if connection in ready:
                    self._take(Publication.receive(connection))
                    said = True
                    # it goes by this process's clock
                    known = next(iter(self._wanted.values()))
                    connection.send_bytes(Wanted(known, clock.now()).to_bytes())
        return said

    def _take(self, publication: Publication) -> None:
        until = time.monotonic() + publication.seconds
        with self._changed:
            if publication.away is not None or publication.failed:
                self._forms, self._nothing = {}, Stands(until, away=publication.away)
            else:
                self._nothing = None
                for name, moving in publication.moving.items():
                    form = publication.still.get(name) or self._forms[name].form
                    self._forms[name] = Stands(until, form, moving)
            self._changed.notify_all()


def _nothing() -> None:
    pass
