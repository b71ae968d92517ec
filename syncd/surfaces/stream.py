"""`/feed/stream`: events as they are told, over server-sent events.

A reader that falls behind is dropped and comes back with the id of the last event it saw, so that
it misses none; nothing is kept for it meanwhile but the feed itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Protocol, TypeVar

import sqlalchemy as sa
import structlog
from anyio import CapacityLimiter, to_thread
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from syncd.store.engine import Store
from syncd.store.feed import Wanted, newest
from syncd.surfaces.stretches import Place, Stretch, Stretches, read_stretch

log = structlog.get_logger(__name__)

T = TypeVar("T")

POLL_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
SEND_SECONDS = 10.0
"""A reader that takes nothing for so long is dropped."""
RETRY_MILLISECONDS = 3000
LOOKING = 4
"""So many readers look into the store at the same time."""


class StreamObserver(Protocol):
    """Told of who follows; on the event loop, so it must be quick and must not raise."""

    def following(self, readers: int) -> None:
        """How many there are now."""
        ...

    def dropped(self) -> None:
        """One was too slow."""
        ...


class Tail:
    """The end of the feed, looked at once for all readers, and only while there are some."""

    def __init__(self, store: Store, observer: StreamObserver | None = None) -> None:
        self._store = store
        self._observer = observer
        # threads of its own: streams go on however many pages are made
        self._looking = CapacityLimiter(LOOKING)
        self._stretches = Stretches()
        self._newest = 0
        self._waiting: set[asyncio.Event] = set()
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.readers = 0
        self.ended = False

    @contextmanager
    def reader(self) -> Iterator[None]:
        """Counts one reader for as long as it lasts."""
        self._moved(1)
        try:
            yield
        finally:
            self._moved(-1)

    def _moved(self, by: int) -> None:
        self.readers += by
        if self._observer is not None:
            self._observer.following(self.readers)

    def drop(self, position: int) -> None:
        """Tells that a reader is cut off; what it took last is before or at this position."""
        log.info("stream.slow_reader_dropped", position=position)
        if self._observer is not None:
            self._observer.dropped()

    async def look(self, read: Callable[[], T]) -> T:
        """What is read from the store, on a thread of the stream's own."""
        return await to_thread.run_sync(read, limiter=self._looking)

    async def stretch(self, place: Place) -> Stretch:
        """What follows a place, made once for all readers that stand there. Raises DBAPIError while
        the store does not answer.
        """
        return await self._stretches.after(
            place, lambda: self.look(partial(read_stretch, self._store, place))
        )

    async def beyond(self, position: int) -> None:
        """Returns when there is an event after this position, or when all streams end."""
        while self._newest <= position and not self.ended:
            turned = asyncio.Event()
            self._waiting.add(turned)
            if self._task is None or self._task.done():
                self._loop = asyncio.get_running_loop()
                self._task = self._loop.create_task(self._look())
            try:
                await turned.wait()
            finally:
                self._waiting.discard(turned)

    def end(self) -> None:
        """Ends all streams, so that their readers go to another replica; from any thread."""
        self.ended = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    async def _look(self) -> None:
        while self._waiting:
            try:
                found = await self.look(self._read)
            except sa.exc.DBAPIError:
                log.debug("stream.store_away", store=self._store.name)
            else:
                if found > self._newest:
                    self._newest = found
                    self._wake()
            await asyncio.sleep(POLL_SECONDS)

    def _wake(self) -> None:
        for turned in list(self._waiting):
            turned.set()

    def _read(self) -> int:
        with self._store.read() as connection:
            return newest(connection)


class EventStream(EventSourceResponse):
    """The answer to one reader: what follows its place, for ever."""

    def __init__(self, tail: Tail, wanted: Wanted, position: int, base: str) -> None:
        self._tail = tail
        self._wanted = wanted
        self._position = position
        self._base = base
        super().__init__(self._told(), ping=HEARTBEAT_SECONDS, send_timeout=SEND_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers; a reader that is too slow is cut off."""
        with self._tail.reader():
            try:
                await super().__call__(scope, receive, send)
            except SendTimeoutError:
                self._tail.drop(self._position)

    async def _told(self) -> AsyncIterator[ServerSentEvent | bytes]:
        yield ServerSentEvent(comment="syncd", retry=RETRY_MILLISECONDS)
        while not self._tail.ended:
            try:
                stretch = await self._tail.stretch(Place(self._wanted, self._base, self._position))
            except sa.exc.DBAPIError:
                return  # it comes back with the id of its last event
            for piece in stretch.pieces:
                yield piece.text
                self._position = piece.end
            self._position = stretch.end
            if stretch.is_last:
                await self._tail.beyond(stretch.end)
