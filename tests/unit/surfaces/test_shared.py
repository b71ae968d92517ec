"""Answers that begin with what stands ready in memory that processes share."""

from __future__ import annotations

import os
import resource
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from syncd.nursery import NurseryEnded
from syncd.surfaces.metrics.form import Form
from syncd.surfaces.renderers.publication import Publication
from syncd.surfaces.sender import MOST_REST, Sender, send_with
from syncd.surfaces.serve import WebServer
from syncd.surfaces.shared import PIECE_BYTES, Shared, SharedFirst
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux has files without a name")

REST = b"and the rest\n"
LARGE = b"0123456789abcdef" * (PIECE_BYTES // 4) + b"odd"
"""Of five pieces, and more than the system keeps of what is not taken."""
MORE_THAN_ITS_HEAD = 4096
"""Bytes after which who sends an answer is at it."""
UNNAMED = "/memfd:syncd"
AS_IT_IS = {"Accept-Encoding": "identity"}


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


class Watched(Shared):
    """Tells how often this process read of it."""

    read = 0

    def pieces(self) -> Iterator[bytes]:
        Watched.read += 1
        return super().pieces()


@dataclass
class Begun:
    """Threads that do what processes that send do, over connections as theirs."""

    count: int = 0
    threads: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> Connection:
        if self.count == 0:
            raise NurseryEnded
        self.count -= 1
        ours, theirs = Pipe()
        thread = threading.Thread(target=send_with, args=(theirs,), daemon=True)
        thread.start()
        self.threads.append(thread)
        return ours


@contextmanager
def serving(sender: Sender | None) -> Iterator[str]:
    """Where a large answer is, at `/large`, one that no system keeps whole, and a small one."""

    async def large(request: Request) -> Response:
        return SharedFirst(Watched.of(LARGE), REST, 200, {"content-length": "1", "x-it": "is"})

    async def huge(request: Request) -> Response:
        return SharedFirst(Shared.of(LARGE * 10), REST, 200, {})

    async def small(request: Request) -> Response:
        return PlainTextResponse("small")

    application = Starlette(
        routes=[Route("/large", large), Route("/huge", huge), Route("/small", small)],
        # it keeps the start of an answer until it sees how that goes on
        middleware=[Middleware(GZipMiddleware)],
    )
    server = WebServer(application, "127.0.0.1", 0, sender=sender)
    try:
        yield server.start()
    finally:
        server.stop()
        if sender is not None:
            sender.close()


def until_it_sends(url: str) -> None:
    """Asks until this process reads nothing of what it answers with."""

    def sends() -> bool:
        before = Watched.read
        return asked(url).content == LARGE + REST and Watched.read == before

    until(sends, seconds=30)


def asked(url: str) -> httpx.Response:
    return httpx.get(f"{url}/large", headers=AS_IT_IS)


@pytest.fixture(params=["by itself", "by another process"])
def site(request: pytest.FixtureRequest) -> Iterator[str]:
    """The same, sent in both ways."""
    if request.param == "by itself":
        with serving(None) as url:
            yield url
        return
    begun = Begun(1)
    with serving(Sender(begun.begin)) as url:
        until_it_sends(url)
        before = Watched.read
        yield url
        assert Watched.read == before, "this process sent nothing of it"
    for thread in begun.threads:
        thread.join(10)
        assert not thread.is_alive(), "it ends with who gave it work"


def test_it_comes_whole_and_other_answers_after_it_on_the_same_connection(site: str) -> None:
    with httpx.Client(base_url=site, headers=AS_IT_IS) as client:
        for _ in range(3):
            found = client.get("/large")
            assert found.content == LARGE + REST
            assert found.headers.get_list("content-length") == [str(len(LARGE) + len(REST))]
            assert found.headers["x-it"] == "is"
            assert client.get("/small").text == "small"


@pytest.mark.parametrize("beside", [False, True])
def test_who_asks_for_its_head_alone_gets_no_more(*, beside: bool) -> None:
    with serving(Sender(Begun(1).begin) if beside else None) as url:
        if beside:
            until_it_sends(url)
        with httpx.Client(base_url=url, headers=AS_IT_IS) as client:
            head = client.head("/large")
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["content-length"] == str(len(LARGE) + len(REST))
            assert client.get("/small").text == "small"


def test_who_takes_none_of_it_keeps_nobody_waiting(site: str) -> None:
    url = httpx.URL(site)
    with socket.create_connection((url.host, url.port or 80)) as slow:
        slow.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        assert slow.recv(1) == b"H"

        assert asked(site).content == LARGE + REST
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


def test_who_has_no_process_that_sends_sends_by_itself() -> None:
    with serving(Sender(Begun(0).begin)) as url:
        before = Watched.read

        found = [asked(url).content for _ in range(3)]

        assert found == [LARGE + REST] * 3
        assert Watched.read == before + 3


def test_one_that_ends_in_the_middle_is_followed_by_another_and_no_answer_is_made_of_two() -> None:
    begun = Begun(2)
    sender = Sender(begun.begin)
    with serving(sender) as url:
        until_it_sends(url)
        place = httpx.URL(url)
        with socket.create_connection((place.host, place.port or 80)) as slow:
            slow.sendall(b"GET /huge HTTP/1.1\r\nHost: x\r\n\r\n")
            taken = 0
            while taken < MORE_THAN_ITS_HEAD:
                taken += len(slow.recv(MORE_THAN_ITS_HEAD))
            assert sender._wire is not None
            # as the system does where the other process is killed
            sender._wire.shutdown(socket.SHUT_RDWR)
            with suppress(ConnectionResetError):
                while count := len(slow.recv(1 << 20)):
                    taken += count
            assert taken < len(LARGE) * 10

        assert asked(url).content == LARGE + REST
        until_it_sends(url)
        assert begun.count == 0


@pytest.mark.parametrize("size", [MOST_REST, MOST_REST + 1])
def test_a_rest_of_any_size_comes_whole(size: int) -> None:
    rest = b"r" * size

    async def large(request: Request) -> Response:
        return SharedFirst(Shared.of(LARGE), rest, 200, {})

    sender = Sender(Begun(1).begin)
    server = WebServer(Starlette(routes=[Route("/large", large)]), "127.0.0.1", 0, sender=sender)
    url = server.start()
    try:
        for _ in range(5):
            assert asked(url).content == LARGE + rest
    finally:
        server.stop()
        sender.close()


def test_a_file_that_cannot_be_taken_over_is_told_as_an_answer_that_was_lost() -> None:
    ours, theirs = Pipe()
    form = Form(Shared.of(LARGE), Shared.of(REST), 0, 0)
    Publication(1.0, {"text/plain": b""}, {"text/plain": form}).send(theirs)
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    os.close(free := os.dup(theirs.fileno()))

    # room for the one that is needed to receive, and none for what is received
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, most))
    try:
        with pytest.raises(OSError, match="open files"):
            Publication.receive(ours)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))
        ours.close()
        theirs.close()
