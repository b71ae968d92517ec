"""What a renderer of metrics does: it looks at the store and says what there is to tell, so that
nobody who scrapes waits for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import sqlalchemy as sa
import structlog
from prometheus_client.exposition import choose_encoder

from syncd.clock import Clock
from syncd.store.trouble import trouble_of
from syncd.surfaces.metrics.endpoint import pause_after
from syncd.surfaces.metrics.family import Encoder
from syncd.surfaces.metrics.form import Form, shared
from syncd.surfaces.metrics.rendering import Told
from syncd.surfaces.renderers.heard import Heard
from syncd.surfaces.renderers.publication import Away, Publication, Wanted

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 60.0
"""What was said is told for so long after the next look was due: whoever has said nothing since is
stuck, and what it said holds no longer.
"""


def publish_with(connection: Connection, reading: Callable[[Clock], Callable[[], Told]]) -> None:
    """Says what there is to tell over the connection until that is at its end (EOFError), from when
    it is first wanted. `reading` gives, for a clock, what reads what the store tells now.
    """
    wanted = Wanted.from_bytes(connection.recv_bytes())
    clock = Heard(wanted.now)
    publisher = Publisher(reading(clock))
    publisher.want(wanted.accept)
    due = 0.0
    while True:
        if connection.poll(max(0.0, due - time.monotonic())):
            wanted = Wanted.from_bytes(connection.recv_bytes())
            clock.take(wanted.now)
            if publisher.want(wanted.accept):
                # the other forms wait no longer for the next look than they would have
                publisher.said(due - time.monotonic()).send(connection)
            continue
        began = time.monotonic()
        publisher.look()
        pause = pause_after(time.monotonic() - began)
        publisher.said(pause).send(connection)
        due = time.monotonic() + pause


class Publisher:
    """Keeps what is told in the forms that are wanted; `read` gives what the store tells now."""

    def __init__(self, read: Callable[[], Told]) -> None:
        self._read = read
        self._wanted: dict[str, Encoder] = {}
        self._told: Told | None = None
        self._unsaid: dict[str, Form] = {}
        self._away: Away | None = None
        self._failed = False

    def want(self, accept: str) -> bool:
        """Has a form told from now on; whether it was not before."""
        encode, media_type = choose_encoder(accept)
        if media_type in self._wanted:
            return False
        self._wanted[media_type] = encode
        if self._told is not None:
            self._unsaid[media_type] = Form.of(self._told, encode, shared)
        return True

    def look(self) -> None:
        """Takes up what the store tells now."""
        before, self._told, self._away, self._failed = self._told, None, None, False
        try:
            told = self._read()
            if before is None or told.still is not before.still:
                # only what somebody asks for is rendered ahead
                self._unsaid = {
                    name: Form.of(told, encode, shared) for name, encode in self._wanted.items()
                }
            self._told = told
        except sa.exc.DBAPIError as error:
            log.debug("metrics.store_failing", error=str(error.orig))
            self._away = Away(trouble_of(error))
        except Exception:  # nothing must end the looking
            log.exception("metrics.not_rendered")
            self._failed = True

    def said(self, pause: float) -> Publication:
        """What there is to tell until the next look, after so many seconds."""
        seconds, told = pause + PATIENCE_SECONDS, self._told
        if told is None:
            return Publication(seconds, away=self._away, failed=self._failed)
        still, self._unsaid = self._unsaid, {}
        moving = {name: told.moving_part(encode) for name, encode in self._wanted.items()}
        return Publication(seconds, moving, still)
