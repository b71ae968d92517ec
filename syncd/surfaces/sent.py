"""Bodies that are sent over HTTP, read no further than anybody needs."""

from __future__ import annotations

from starlette.requests import Request


class TooLarge(Exception):
    """A body that is longer than anybody reads."""


async def body(request: Request, most: int) -> bytes:
    """The body, read no further than `most` bytes. Raises TooLarge."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > most:
            raise TooLarge(f"got more than {most} bytes; expected at most {most}")
    return bytes(found)
