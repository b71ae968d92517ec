"""The text of the stream, made once for all who read it: many follow, and stand where others do."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from sse_starlette import ServerSentEvent

from syncd.model import Event
from syncd.store.engine import Store
from syncd.store.feed import Wanted, cursor_of, following, newest
from syncd.surfaces.event_documents import event_document

EVENTS = 100
"""As many as a stretch has at the most."""
PIECE_BYTES = 16_384
"""About as much is sent at a time: who takes it slowly has time for each."""
KEPT = 32
"""So many stretches are kept, some megabytes: readers that follow each other closely share them."""


@dataclass(frozen=True)
class Place:
    """Where a reader stands: what it wants, the address that it reaches syncd at, and the position
    up to which it has everything.
    """

    wanted: Wanted
    base: str
    position: int


@dataclass(frozen=True)
class Piece:
    """Whole events as they are sent, up to the position `end`."""

    text: bytes
    end: int


@dataclass(frozen=True)
class Stretch:
    """All that is wanted after a place and up to the position `end`, which stays true for ever, as
    what was told never changes. `is_last`: there was nothing beyond it when it was read.
    """

    pieces: Sequence[Piece]
    end: int
    is_last: bool


class Stretches:
    """Those that were read last. Of one event loop."""

    def __init__(self) -> None:
        self._found: OrderedDict[Place, asyncio.Future[Stretch]] = OrderedDict()

    async def after(self, place: Place, read: Callable[[], Awaitable[Stretch]]) -> Stretch:
        """What follows a place, by `read` where nobody asked before; who asks while that is read
        waits for it. Raises what `read` raises, and asks again the next time.
        """
        found = self._found.get(place)
        if found is None:
            found = asyncio.ensure_future(read())
            self._found[place] = found
            found.add_done_callback(lambda done: self._ended(place, done))
            if len(self._found) > KEPT:
                self._found.popitem(last=False)
        else:
            self._found.move_to_end(place)
        return await asyncio.shield(found)  # who leaves takes nothing from the others

    def _ended(self, place: Place, done: asyncio.Future[Stretch]) -> None:
        is_kept = (
            not done.cancelled()
            and done.exception() is None
            # nothing was told yet: that leads nowhere, and is not so for long
            and done.result().end > place.position
        )
        if not is_kept and self._found.get(place) is done:
            del self._found[place]


def read_stretch(store: Store, place: Place) -> Stretch:
    """The same from the store, as it is now."""
    with store.read() as connection:
        found = following(connection, place.wanted, after=place.position, limit=EVENTS)
        horizon = newest(connection)
    is_last = len(found) < EVENTS
    end = horizon if is_last else found[-1].position or place.position
    return Stretch(tuple(_pieces(found, place)), end, is_last)


def _pieces(events: Sequence[Event], place: Place) -> Iterator[Piece]:
    text, end = b"", place.position
    for event in events:
        document = event_document(event, place.base)
        said = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        text += ServerSentEvent(said, id=cursor_of(event)).encode()
        end = event.position or end
        if len(text) >= PIECE_BYTES:
            yield Piece(text, end)
            text = b""
    if text:
        yield Piece(text, end)
