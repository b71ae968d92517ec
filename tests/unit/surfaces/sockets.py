"""Readers as bare sockets, that take what they like."""

from __future__ import annotations

import re
import socket

from tests.unit.surfaces.conftest import Site

TINY = 4096
"""The least that a socket may keep of what it has not taken yet, or nearly."""
PATIENCE_SECONDS = 30.0


def asking(site: Site, said: str, body: bytes = b"") -> socket.socket:
    """A connection that asked for something (``GET /``, and lines of the head), and takes nothing."""
    url = site.client.base_url
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, TINY)
    found.settimeout(PATIENCE_SECONDS)
    found.connect((url.host, url.port or 80))
    first, *rest = said.split("\n")
    lines = [f"{first} HTTP/1.1", "Host: x", "Connection: close", *rest, "", ""]
    found.sendall("\r\n".join(lines).encode() + body)
    return found


def taken(reader: socket.socket, most: int | None = None) -> bytes:
    """What it takes now: `most` bytes or some more, or all until the other side ends it."""
    found = bytearray()
    while most is None or len(found) < most:
        try:
            piece = reader.recv(65_536)
        except ConnectionResetError:
            break
        if not piece:
            break
        found += piece
    return bytes(found)


def events_of(answer: bytes) -> list[str]:
    """The cursors of the events that came whole, in order."""
    text = answer.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    # in chunks: their lengths stand in lines of their own
    text = re.sub(rb"(?:^|\n)[0-9a-f]{1,8}\n", b"\n", text)
    whole = [part for part in text.split(b"\n\n")[:-1] if b"data: {" in part]
    return [found[1].decode() for part in whole if (found := re.search(rb"id: (\S+)", part))]
