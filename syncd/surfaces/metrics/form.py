"""What stands ready of an exposition in one form, and how an answer is made of it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from starlette.responses import Response

from syncd.surfaces.metrics.family import Encoder
from syncd.surfaces.metrics.rendering import Told
from syncd.surfaces.shared import Shared, SharedFirst

GZIP = 31
"""zlib's number for a gzip stream with the largest window."""
DEFLATED = -15
"""zlib's number for what is within such a stream."""
LEVEL = 1

Part = bytes | Shared
"""Of an answer: this process's own, or shared with the one that sends it."""


@dataclass(frozen=True)
class Form:
    """What stands still: as it is, and the beginning of a gzip stream of the same. What such a
    stream ends with is told by the `checksum` of what was compressed (CRC-32) and its `size`.
    """

    still: Part
    zipped: Part
    checksum: int
    size: int

    @classmethod
    def of(cls, told: Told, encode: Encoder, kept: Callable[[bytes], Part] = bytes) -> Self:
        """Made of what was told; `kept` says where it stands."""
        still = told.still_part(encode)
        compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
        # whoever goes on from here needs nothing of this compressor
        zipped = compressor.compress(still) + compressor.flush(zlib.Z_SYNC_FLUSH)
        return cls(kept(still), kept(zipped), zlib.crc32(still), len(still))

    def answer(self, rest: bytes, media_type: str, *, gzip: bool) -> Response:
        """The whole exposition, which ends with a `rest` of whoever answers."""
        headers = {"Vary": "Accept, Accept-Encoding", "Content-Type": media_type}
        if not gzip:
            return _whole(self.still, rest, headers)
        checksum = zlib.crc32(rest, self.checksum)
        end = struct.pack("<LL", checksum, (self.size + len(rest)) & 0xFFFFFFFF)
        rest = zlib.compress(rest, LEVEL, DEFLATED) + end
        return _whole(self.zipped, rest, {**headers, "Content-Encoding": "gzip"})


def shared(said: bytes) -> Part:
    """The same where another process can send it from, if there is room for it."""
    try:
        return Shared.of(said)
    except OSError:
        return said


def _whole(ready: Part, rest: bytes, headers: Mapping[str, str]) -> Response:
    if isinstance(ready, Shared):
        return SharedFirst(ready, rest, 200, headers)
    return Response(ready + rest, headers=headers)
