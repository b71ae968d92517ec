"""The ways in which a `FaultServer` can fail."""

from __future__ import annotations

import contextlib
import gzip
import socket
from collections.abc import Iterator

from tests.contract.faultserver import Fault, Json, Reply, Request, Wire, json_reply

_BOMB = gzip.compress(b'{"padding": "' + b"x" * 2_000_000 + b'"}')


def never_answers(wire: Wire, request: Request, reply: Reply) -> None:
    wire.hold()


def one_byte_at_a_time(wire: Wire, request: Request, reply: Reply) -> None:
    """Even the status line; it would take hours."""
    wire.send_slowly(_whole(reply) + b" " * 1_000_000, pause_seconds=0.02)


def body_one_byte_at_a_time(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send_bytes(_head(reply, length=1_000_000))
    wire.send_slowly(b" " * 1_000_000, pause_seconds=0.02)


def reset_at_once(wire: Wire, request: Request, reply: Reply) -> None:
    wire.reset()


def hangs_up_at_once(wire: Wire, request: Request, reply: Reply) -> None:
    wire.hang_up()


def closes_when_it_has_answered(wire: Wire, request: Request, reply: Reply) -> None:
    """A good answer that promises to keep the connection, which is closed all the same."""
    wire.send(reply)
    wire.hang_up()


def resets_when_it_has_answered(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send(reply)
    wire.reset()


def closes_under_the_next_request(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send(reply)
    wire.hang_up_under_the_next()


def reset_mid_body(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send_bytes(_head(reply, length=len(reply.body)) + reply.body[: len(reply.body) // 2])
    wire.reset()


def truncated_body(wire: Wire, request: Request, reply: Reply) -> None:
    """Content-Length promises more than comes."""
    wire.send_bytes(_head(reply, length=len(reply.body) + 100) + reply.body)
    wire.hang_up()


def truncated_chunks(wire: Wire, request: Request, reply: Reply) -> None:
    """A chunked body without its last chunk."""
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    wire.send_bytes(head + b"%x\r\n" % len(reply.body) + reply.body + b"\r\n")
    wire.hang_up()


def not_http(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send_bytes(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    wire.hang_up()


def html_page(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send(Reply(200, b"<!DOCTYPE html><html><body>Welcome</body></html>", "text/html"))


def login_page(wire: Wire, request: Request, reply: Reply) -> None:
    page = b"<html><title>Log in</title><form><input type='password'></form></html>"
    wire.send(Reply(200, page, "text/html; charset=utf-8"))


def redirect_to_login(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send(
        Reply(302, b"", "text/html", {"Location": f"/login.jsp?os_destination={request.path}"})
    )


def redirect_elsewhere(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send(Reply(302, b"", "text/html", {"Location": "https://sso.example.org/start?state=1"}))


def wrong_content_type(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send(Reply(200, reply.body, "text/plain"))


def broken_json(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send(Reply(200, reply.body[:-1]))


def not_a_number(wire: Wire, request: Request, reply: Reply) -> None:
    """NaN is no JSON, though Python's parser takes it."""
    wire.send(Reply(200, b'{"value": NaN}'))


def deeply_nested(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send(Reply(200, b"[" * 100_000))


def empty_answer(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send(Reply(200, b""))


def huge_body(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send(Reply(200, b'{"padding": "' + b"x" * 1_000_000 + b'"}'))


def huge_body_of_unknown_length(wire: Wire, request: Request, reply: Reply) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    wire.send_bytes(head + b'{"padding": "' + b"x" * 1_000_000 + b'"}')
    wire.hang_up()


def zip_bomb(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send(Reply(200, _BOMB, headers={"Content-Encoding": "gzip"}))


def broken_gzip(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send(Reply(200, reply.body, headers={"Content-Encoding": "gzip"}))


def answers(value: Json) -> Fault:
    """A success with JSON of another shape than the protocol promises."""

    def fault(wire: Wire, request: Request, reply: Reply) -> None:
        wire.send(json_reply(value))

    return fault


def status(code: int, body: Json = None, **headers: str) -> Fault:
    """An error answer; keywords are headers (`Retry_After="1"`)."""

    def fault(wire: Wire, request: Request, reply: Reply) -> None:
        wire.send(json_reply({} if body is None else body, code, **headers))

    return fault


def html_status(code: int) -> Fault:
    """An error page, as proxies serve them."""

    def fault(wire: Wire, request: Request, reply: Reply) -> None:
        wire.send(Reply(code, b"<html><h1>Oops</h1></html>", "text/html"))

    return fault


def echo(code: int) -> Fault:
    """An error answer that tells everybody what it was sent, credentials first."""

    def fault(wire: Wire, request: Request, reply: Reply) -> None:
        said = " ".join(request.headers.values())
        wire.send(json_reply({"error": said, "detail": said, "errorMessages": [said]}, code))

    return fault


@contextlib.contextmanager
def refusing_url() -> Iterator[str]:
    """An address on which nobody listens, and nobody can begin to within the block."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def _head(reply: Reply, length: int) -> bytes:
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: {reply.content_type}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def _whole(reply: Reply) -> bytes:
    return _head(reply, len(reply.body)) + reply.body
