"""Bodies that are sent over HTTP, read no further and no longer than anybody needs."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

BODY_SECONDS = 30.0
"""Who sends nothing whole for so long holds a place that others wait for."""


class TooLarge(Exception):
    """A body that is longer than anybody reads."""


async def body(request: Request, most: int) -> bytes:
    """The body, read no further than `most` bytes. Raises TooLarge, and HTTPException (400) where
    it does not come whole.
    """
    found = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                found += chunk
                if len(found) > most:
                    raise TooLarge(f"got more than {most} bytes; expected at most {most}")
    except (ClientDisconnect, TimeoutError) as error:
        words = f"got {len(found)} bytes of a body; expected all of it within {BODY_SECONDS:g} s"
        raise HTTPException(400, words) from error
    return bytes(found)
