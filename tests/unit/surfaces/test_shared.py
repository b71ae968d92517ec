"""Answers that begin with what stands ready in memory that processes share."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import sys
from collections.abc import Iterator
from multiprocessing import Pipe
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message

from syncd.surfaces.renderers.asking import Rendered
from syncd.surfaces.serve import WebServer
from syncd.surfaces.shared import PIECE_BYTES, ZERO_COPY, Shared, SharedFirst

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux has files without a name")

REST = b"and the rest\n"
LARGE = b"0123456789abcdef" * (PIECE_BYTES // 4) + b"odd"
"""Of five pieces, and more than the system keeps of what is not taken."""
UNNAMED = "/memfd:syncd"


def unnamed() -> int:
    """How many files without a name this process has open."""
    return sum(
        str(one.readlink()).startswith(UNNAMED)
        for one in Path("/proc/self/fd").iterdir()
        if one.is_symlink()
    )


@pytest.mark.parametrize("said", [b"", b"some", b"x" * PIECE_BYTES, LARGE])
def test_what_is_shared_is_what_was_said(said: bytes) -> None:
    shared = Shared.of(said)

    pieces = list(shared.pieces())

    assert b"".join(pieces) == said
    assert shared.size == len(said)
    assert max(map(len, pieces), default=0) <= PIECE_BYTES


def test_it_is_gone_with_the_last_who_has_it() -> None:
    before = unnamed()
    shared = Shared.of(LARGE)
    same = Shared(os.dup(shared.fileno()), shared.size)
    assert unnamed() == before + 2

    del shared
    assert b"".join(same.pieces()) == LARGE
    del same

    assert unnamed() == before


@pytest.fixture
def site() -> Iterator[str]:
    """Where a large answer is, at `/large`, and a small one."""

    async def large(request: Request) -> Response:
        return SharedFirst(Shared.of(LARGE), REST, 200, {"content-length": "1", "x-it": "is"})

    async def small(request: Request) -> Response:
        return PlainTextResponse("small")

    server = WebServer(
        Starlette(routes=[Route("/large", large), Route("/small", small)]), "127.0.0.1", 0
    )
    yield server.start()
    server.stop()


def test_it_comes_whole_and_other_answers_after_it_on_the_same_connection(site: str) -> None:
    with httpx.Client(base_url=site) as client:
        for _ in range(3):
            found = client.get("/large")
            assert found.content == LARGE + REST
            assert found.headers.get_list("content-length") == [str(len(LARGE) + len(REST))]
            assert found.headers["x-it"] == "is"
            assert client.get("/small").text == "small"


def test_who_asks_for_its_head_alone_gets_no_more(site: str) -> None:
    with httpx.Client(base_url=site) as client:
        head = client.head("/large")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(LARGE) + len(REST))
        assert client.get("/small").text == "small"


def test_who_takes_none_of_it_keeps_nobody_waiting(site: str) -> None:
    url = httpx.URL(site)
    with socket.create_connection((url.host, url.port or 80)) as slow:
        slow.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        assert slow.recv(1) == b"H"

        assert httpx.get(f"{site}/large").content == LARGE + REST
        assert httpx.get(f"{site}/small").text == "small"


def test_it_is_let_go_of_where_somebody_leaves_in_the_middle(site: str) -> None:
    before, url = unnamed(), httpx.URL(site)
    for _ in range(5):
        with socket.create_connection((url.host, url.port or 80)) as leaving:
            leaving.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
            assert leaving.recv(1) == b"H"

    for _ in range(200):
        assert httpx.get(f"{site}/small").text == "small"
        if unnamed() == before:
            break
    assert unnamed() == before


def test_whoever_can_send_a_file_is_handed_it_and_no_byte_of_it() -> None:
    shared = Shared.of(LARGE)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "extensions": {ZERO_COPY: {}}}
    asyncio.run(SharedFirst(shared, REST, 200, {})(scope, receive, send))

    start, whole, rest = sent
    assert start["type"] == "http.response.start"
    assert whole == {"type": ZERO_COPY, "file": shared, "count": len(LARGE), "more_body": True}
    assert rest == {"type": "http.response.body", "body": REST}


def test_a_file_that_cannot_be_taken_over_is_told_as_an_answer_that_was_lost() -> None:
    ours, theirs = Pipe()
    Rendered(200, [], REST, Shared.of(LARGE)).send(theirs)
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    os.close(free := os.dup(theirs.fileno()))

    # room for the one that is needed to receive, and none for what is received
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, most))
    try:
        with pytest.raises(OSError, match="open files"):
            Rendered.receive(ours)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))
        ours.close()
        theirs.close()
