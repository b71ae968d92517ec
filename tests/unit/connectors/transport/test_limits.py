"""How much may come, and how long it may take: the same under requests and under httpx, over real sockets."""

from __future__ import annotations

import gzip
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from connectors.base import (
    BadAnswer,
    NotFound,
    TimedOut,
    TooLarge,
    Unreachable,
    UpstreamError,
)
from tests.contract import faults
from tests.contract.faces import QUICK, Recorder
from tests.contract.faultserver import FaultServer, Reply, Request, Wire
from tests.unit.connectors.transport.parts import (
    PATIENT,
    Opener,
    in_threads,
    under_each,
    until_asked,
)

# --------------------------------------------------------------------------------------------- size


@under_each
@pytest.mark.parametrize(
    ("coding", "encode"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-zlib.MAX_WBITS)),
        ("identity", bytes),
    ],
    ids=["gzip", "zlib", "raw deflate", "identity"],
)
def test_a_coded_body_is_decoded_up_to_exactly_the_limit(
    library: str,
    server: FaultServer,
    opened: Opener,
    coding: str,
    encode: Callable[[bytes], bytes],
) -> None:
    body = b'"' + b"x" * 200_000 + b'"'

    def coded(wire: Wire, request: Request, reply: Reply) -> None:
        wire.send(Reply(200, encode(body), headers={"Content-Encoding": coding}))

    server.fail(coded)
    _, fits = opened(library, server.url, limits=replace(QUICK, body_bytes=len(body)))
    _, over = opened(library, server.url, limits=replace(QUICK, body_bytes=len(body) - 1))

    assert fits.get(f"{server.url}/").content == body
    with pytest.raises(TooLarge, match="over the limit of 200001 bytes"):
        over.get(f"{server.url}/")


@under_each
def test_a_coding_nobody_asked_for_is_a_bad_answer(
    library: str, server: FaultServer, opened: Opener
) -> None:
    def brotli(wire: Wire, request: Request, reply: Reply) -> None:
        wire.send(replace(reply, headers={"Content-Encoding": "br"}))

    server.fail(brotli)
    _, client = opened(library, server.url)

    with pytest.raises(BadAnswer, match="'br' was not asked for"):
        client.get(f"{server.url}/")


@under_each
def test_a_coded_body_cut_short_is_a_bad_answer(
    library: str, server: FaultServer, opened: Opener
) -> None:
    def cut(wire: Wire, request: Request, reply: Reply) -> None:
        body = gzip.compress(reply.body)[:-12]
        wire.send(Reply(200, body, headers={"Content-Encoding": "gzip"}))

    server.fail(cut)
    _, client = opened(library, server.url)

    with pytest.raises(BadAnswer, match="ends too early"):
        client.get(f"{server.url}/")


@under_each
def test_a_huge_error_page_keeps_its_status(
    library: str, server: FaultServer, opened: Opener
) -> None:
    def huge(wire: Wire, request: Request, reply: Reply) -> None:
        wire.send(Reply(404, b"x" * 5_000_000, "text/plain"))

    server.fail(huge)
    _, client = opened(library, server.url)

    with pytest.raises(NotFound):
        client.get(f"{server.url}/")


# --------------------------------------------------------------------------------- time and numbers


@under_each
def test_of_nested_deadlines_the_earlier_holds(
    library: str, server: FaultServer, opened: Opener
) -> None:
    transport, client = opened(library, server.url, limits=PATIENT)
    server.fail(faults.never_answers)
    now = time.monotonic()

    with (
        transport.deadline(now + 0.1),
        transport.deadline(now + 600),
        pytest.raises(TimedOut, match="deadline passed"),
    ):
        client.get(f"{server.url}/")


@under_each
def test_what_came_before_the_deadline_is_counted(
    library: str, server: FaultServer, opened: Opener
) -> None:
    recorder = Recorder()
    transport, client = opened(library, server.url, limits=PATIENT, observer=recorder)
    server.fail(faults.body_one_byte_at_a_time)

    with transport.deadline(time.monotonic() + 0.5), pytest.raises(TimedOut):
        client.get(f"{server.url}/")

    [exchange] = recorder.exchanges
    assert (exchange.status, exchange.error_type) == (200, "timeout")
    assert 0 < exchange.bytes_received < 1000


@under_each
def test_a_deadline_is_of_its_thread_and_ends_with_its_block(
    library: str, server: FaultServer, opened: Opener
) -> None:
    transport, client = opened(library, server.url)
    with transport.deadline(time.monotonic() - 1):
        answers = in_threads(1, lambda: client.get(f"{server.url}/").status_code)

    assert answers == [200]
    assert client.get(f"{server.url}/").status_code == 200


@under_each
def test_without_a_deadline_a_usual_wait_is_waited_and_a_longer_one_not_begun(
    library: str, server: FaultServer, opened: Opener
) -> None:
    _, client = opened(library, server.url)
    server.fail(faults.status(429, Retry_After="0.01"), last=1)
    client.get(f"{server.url}/")
    server.fail(faults.status(429, Retry_After="5"), first=3)

    with pytest.raises(UpstreamError) as caught:
        client.get(f"{server.url}/")

    assert caught.value.retry_after_seconds == 5
    assert len(server.requests) == 3


@under_each
def test_no_more_requests_than_allowed_are_in_flight(
    library: str, server: FaultServer, opened: Opener
) -> None:
    in_flight, most = 0, 0
    lock = threading.Lock()
    two_are_in = threading.Event()

    def counting(wire: Wire, request: Request, reply: Reply) -> None:
        nonlocal in_flight, most
        with lock:
            in_flight += 1
            most = max(most, in_flight)
            if in_flight == 2:
                two_are_in.set()
        two_are_in.wait(10)
        with lock:
            in_flight -= 1
        wire.send(reply)

    server.fail(counting)
    _, client = opened(library, server.url, limits=replace(PATIENT, concurrency=2))

    assert in_threads(8, lambda: client.get(f"{server.url}/").status_code) == [200] * 8
    assert most == 2


@under_each
def test_waiting_for_a_free_connection_ends_at_the_deadline(
    library: str, server: FaultServer, opened: Opener
) -> None:
    transport, client = opened(library, server.url, limits=replace(PATIENT, concurrency=1))
    server.fail(faults.never_answers)

    def block() -> None:
        with pytest.raises(Unreachable):
            client.get(f"{server.url}/")

    blocking = threading.Thread(target=block)
    blocking.start()
    until_asked(server)

    with transport.deadline(time.monotonic() + 0.1), pytest.raises(TimedOut):
        client.get(f"{server.url}/")

    transport.close()
    blocking.join()
    assert len(server.requests) == 1


@under_each
def test_the_rate_limit_turns_away_what_cannot_be_done_before_the_deadline(
    library: str, server: FaultServer, opened: Opener
) -> None:
    transport, client = opened(library, server.url, limits=replace(QUICK, rate_per_second=2))

    with transport.deadline(time.monotonic() + 0.2):
        client.get(f"{server.url}/")
        client.get(f"{server.url}/")
        with pytest.raises(TimedOut):
            client.get(f"{server.url}/")

    assert len(server.requests) == 2


@under_each
def test_the_rate_limit_delays_what_can(library: str, server: FaultServer, opened: Opener) -> None:
    transport, client = opened(library, server.url, limits=replace(QUICK, rate_per_second=50))
    began = time.monotonic()

    with transport.deadline(began + 60):
        for _ in range(60):
            client.get(f"{server.url}/")

    # 50 at once, the other ten at 50 a second: never faster, whatever the machine does.
    assert time.monotonic() - began >= 10 / 50


@under_each
def test_closing_ends_a_wait_for_the_rate_limit(
    library: str, server: FaultServer, opened: Opener
) -> None:
    transport, client = opened(library, server.url, limits=replace(QUICK, rate_per_second=0.001))
    client.get(f"{server.url}/")
    caught: list[UpstreamError] = []

    def ask() -> None:
        with pytest.raises(Unreachable) as error:
            client.get(f"{server.url}/")
        caught.append(error.value)

    waiting = threading.Thread(target=ask)
    waiting.start()
    transport.close()
    waiting.join(timeout=30)

    assert [str(error) for error in caught] == ["src: GET /: the session was closed"]
