"""What the sandboxes' server does with who asks it."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

from syncd.demo.serving import Answer, Request, Sandbox


class Remembering(Sandbox):
    def __init__(self) -> None:
        super().__init__(lambda: datetime(2026, 1, 1, tzinfo=UTC))
        self.bodies: list[bytes] = []

    def answer(self, request: Request) -> Answer:
        self.bodies.append(request.body)
        return Answer.json({})


def asked(sandbox: Sandbox, sent: bytes) -> bytes:
    """What comes back to who sends this and is gone."""
    port = int(sandbox.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n" + sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(4096), b""))


def test_half_a_question_of_somebody_who_was_killed_is_none() -> None:
    with Remembering() as sandbox:
        assert asked(sandbox, b"ab") == b""
        assert asked(sandbox, b"abcd").startswith(b"HTTP/1.1 200 ")

        assert sandbox.bodies == [b"abcd"]
