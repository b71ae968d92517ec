"""Reading a body without trusting its length, its pace or its compression."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Iterable

ACCEPT_ENCODING = "gzip, deflate"
"""What requests ask for: the codings `Decoder` can undo piece by piece."""

CHUNK_BYTES = 64 * 1024

_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class OverLimit(Exception):  # as in connectors.base: says what is so
    """The (decoded) body is over the limit."""


class Undecodable(Exception):  # as in connectors.base: says what is so
    """The body is not in the coding its Content-Encoding names, or in one nobody asked for."""


class Decoder:
    """Undoes one Content-Encoding piece by piece, never making more than it is asked for."""

    def __init__(self, coding: str) -> None:
        self.coding = coding.strip().lower()
        if self.coding in ("", "identity"):
            self._inflater = None
        elif self.coding in ("gzip", "x-gzip", "deflate"):
            self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
        else:
            raise Undecodable(f"content encoding {self.coding[:32]!r} was not asked for")
        self._started = False

    def feed(self, data: bytes, most_bytes: int) -> bytes:
        """Decoded bytes, at most `most_bytes` (more than 0); the rest is dropped."""
        if self._inflater is None:
            return data[:most_bytes]
        return self._inflate(data, most_bytes)

    def finish(self) -> None:
        """Raises Undecodable when the coded stream was cut short."""
        if self._inflater is not None and self._started and not self._inflater.eof:
            raise Undecodable(f"the {self.coding} stream ends too early")

    def _inflate(self, data: bytes, most_bytes: int) -> bytes:
        assert self._inflater is not None  # noqa: S101  # only called when there is one
        try:
            try:
                return self._inflater.decompress(data, most_bytes)
            except zlib.error:
                # "deflate" is zlib by the book and raw deflate from some servers.
                if self._started or self.coding != "deflate":
                    raise
                self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
                return self._inflater.decompress(data, most_bytes)
        except zlib.error as error:
            raise Undecodable(f"the body is not {self.coding}") from error
        finally:
            self._started = self._started or bool(data)


def read_body(
    chunks: Iterable[bytes], coding: str, limit_bytes: int, received: Callable[[int], None]
) -> bytes:
    """The decoded body, at most `limit_bytes` long.

    `chunks` yields the body as it arrives, still coded; `received` is told the length of each.
    Raises OverLimit, Undecodable, and whatever `chunks` raises.
    """
    decoder = Decoder(coding)
    body = bytearray()
    for chunk in chunks:
        received(len(chunk))
        body += decoder.feed(chunk, limit_bytes + 1 - len(body))
        if len(body) > limit_bytes:
            raise OverLimit
    decoder.finish()
    return bytes(body)


def read_excerpt(
    chunks: Iterable[bytes], coding: str, limit_bytes: int, received: Callable[[int], None]
) -> bytes:
    """The beginning of a decoded body: at most `limit_bytes`, less if it cannot be decoded.

    Used for the words of an error answer, whose status counts more than its body.
    """
    body = bytearray()
    with contextlib.suppress(Undecodable):
        decoder = Decoder(coding)
        for chunk in chunks:
            received(len(chunk))
            body += decoder.feed(chunk, limit_bytes - len(body))
            if len(body) >= limit_bytes:
                break
    return bytes(body)
