"""Answers of which a large part stands ready, in memory that processes share: it is handed on by
its number, and copied only as it is sent.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Self

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

WHOLE = "syncd.whole"
"""Where a scope has what sends a whole body, shared and rest, by another process; it tells whether
that was done.
"""
Whole = Callable[["Shared", bytes], Awaitable[bool]]
ROOM = "syncd.room"
"""Where a scope has what gives its connection room for a large answer that is taken quickly."""
PIECE_BYTES = 1 << 20
"""So much is read and sent at a time: the rest needs no memory of this process's."""


class Shared:
    """Bytes in a file without a name, which is gone with its last descriptor. Linux only."""

    def __init__(self, descriptor: int, size: int) -> None:
        """Takes over the descriptor of a file of so many bytes."""
        self.size = size
        self._descriptor = descriptor
        weakref.finalize(self, os.close, descriptor)

    @classmethod
    def of(cls, said: bytes) -> Self:
        """The same bytes. Raises OSError where there is no room for them."""
        descriptor = os.memfd_create("syncd")
        shared = cls(descriptor, len(said))
        rest = memoryview(said)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        return shared

    def fileno(self) -> int:
        """The descriptor, for as long as this is there."""
        return self._descriptor

    def pieces(self) -> Iterator[bytes]:
        """All of it, a piece at a time."""
        for at in range(0, self.size, PIECE_BYTES):
            yield os.pread(self._descriptor, min(PIECE_BYTES, self.size - at), at)


class SharedFirst(Response):
    """An answer that begins with what is shared, and ends with a `rest` of its own."""

    def __init__(
        self, shared: Shared, rest: bytes, status: int, headers: Mapping[str, str]
    ) -> None:
        super().__init__(rest, status, {**headers, "content-length": str(shared.size + len(rest))})
        self._shared = shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Sends it: at once by a process beside this one where there is one, else in pieces."""
        extensions = scope.get("extensions") or {}
        room: Callable[[], AbstractContextManager[None]] = extensions.get(ROOM, nullcontext)
        whole: Whole | None = extensions.get(WHOLE)
        start = {"type": "http.response.start", "status": self.status_code}
        await send({**start, "headers": self.raw_headers})
        rest = bytes(self.body)
        if whole is not None:
            # what stands between may have kept the start until it sees how it goes on
            await send({"type": "http.response.body", "body": b"", "more_body": True})
        with room():
            if whole is not None and await whole(self._shared, rest):
                rest = b""
            else:
                for piece in self._shared.pieces():
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": rest})
