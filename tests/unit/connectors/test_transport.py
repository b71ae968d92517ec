"""The transport's policy, the same under requests and under httpx, over real sockets."""

from __future__ import annotations

import gzip
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from connectors.base import (
    BadAnswer,
    Budget,
    Limits,
    NotFound,
    QueryRefused,
    SilentObserver,
    SourceConfig,
    TimedOut,
    TlsFailed,
    TooLarge,
    Unauthorised,
    Unreachable,
    UpstreamError,
)
from connectors.transport import Transport, json_of
from tests.contract import faults
from tests.contract.expectations import FAULTS, SILENT, STALE, chain
from tests.contract.faces import HASTY, QUICK, Recorder
from tests.contract.faultserver import Fault, FaultServer, Reply, Request, Wire, json_reply

LIBRARIES = {"requests": Transport.requests_session, "httpx": Transport.httpx_client}
PATIENT = replace(QUICK, read_seconds=600.0)

under_each = pytest.mark.parametrize("library", LIBRARIES)


def healthy(request: Request) -> Reply:
    return json_reply({"path": request.path, "query": request.query})


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer(healthy) as running:
        yield running


Opener = Callable[..., tuple[Transport, Any]]


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Opens a transport and a session or client of it; closes it after the test."""
    transports: list[Transport] = []

    def open_one(library: str, url: str, **settings: Any) -> tuple[Transport, Any]:
        settings = {"limits": QUICK, **settings}
        observer = settings.pop("observer", SilentObserver())
        classify = settings.pop("classify", None)
        config = SourceConfig("src", "kind", url, **settings)
        transports.append(Transport(config, observer, classify=classify))
        return transports[-1], LIBRARIES[library](transports[-1])

    yield open_one
    for transport in transports:
        transport.close()


# ----------------------------------------------------------------------------------------- requests


@under_each
def test_an_answer_arrives_with_its_json(library: str, server: FaultServer, opened: Opener) -> None:
    _, client = opened(library, server.url)

    answer = json_of(client.get(f"{server.url}/a/b?q=1&q=2"))

    assert answer == {"path": "/a/b", "query": {"q": ["1", "2"]}}


@under_each
def test_configured_headers_are_sent_and_only_codings_we_can_undo_are_asked_for(
    library: str, server: FaultServer, opened: Opener
) -> None:
    _, client = opened(library, server.url, headers={"X-Scope-OrgID": "tenant"})

    client.get(f"{server.url}/", headers={"Accept-Encoding": "br, zstd"})

    headers = server.requests[0].headers
    assert headers["x-scope-orgid"] == "tenant"
    assert headers["accept-encoding"] == "gzip, deflate"
    assert headers["accept"] == "application/json"


@under_each
def test_connections_are_kept_for_the_next_request(
    library: str, server: FaultServer, opened: Opener
) -> None:
    _, client = opened(library, server.url)
    for _ in range(3):
        client.get(f"{server.url}/")

    assert len({request.peer for request in server.requests}) == 1


@under_each
@pytest.mark.parametrize("fault", STALE)
@pytest.mark.parametrize("size", [1, 50_000])
def test_a_read_that_meets_a_closed_kept_connection_is_asked_on_a_new_one(
    library: str, server: FaultServer, opened: Opener, fault: str, size: int
) -> None:
    _, client = opened(library, server.url)
    server.fail(STALE[fault], last=1)
    query = {"query": "x" * size}

    client.get(f"{server.url}/")
    client.post(f"{server.url}/", data=query)

    assert [request.form for request in server.requests[1:]] == [{"query": [query["query"]]}]
    assert len({request.peer for request in server.requests}) == 2


@under_each
def test_a_change_that_meets_a_closed_kept_connection_fails_and_is_not_repeated(
    library: str, server: FaultServer, opened: Opener
) -> None:
    _, client = opened(library, server.url)
    server.fail(faults.closes_under_the_next_request, last=1)
    client.get(f"{server.url}/")

    with pytest.raises(Unreachable):
        client.request("PATCH", f"{server.url}/")

    assert len(server.requests) == 1


@under_each
def test_a_post_is_tried_again_with_its_body(
    library: str, server: FaultServer, opened: Opener
) -> None:
    _, client = opened(library, server.url)
    server.fail(faults.status(503), last=1)

    client.post(f"{server.url}/", data={"query": "up"})

    assert [request.form for request in server.requests] == [{"query": ["up"]}] * 2


@under_each
def test_what_changes_things_is_not_tried_again(
    library: str, server: FaultServer, opened: Opener
) -> None:
    _, client = opened(library, server.url)
    server.fail(faults.status(503), last=1)

    with pytest.raises(UpstreamError):
        client.request("PATCH", f"{server.url}/")

    assert len(server.requests) == 1


def test_credentials_of_netrc_do_not_replace_ours(
    server: FaultServer, opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login stranger password wrong\n")
    monkeypatch.setenv("NETRC", str(netrc))
    _, session = opened("requests", server.url, headers={"Authorization": "Bearer ours"})

    session.get(f"{server.url}/")

    assert server.requests[0].headers["authorization"] == "Bearer ours"


@under_each
def test_cookies_are_not_kept(library: str, server: FaultServer, opened: Opener) -> None:
    def sets_cookie(wire: Wire, request: Request, reply: Reply) -> None:
        wire.send(replace(reply, headers={"Set-Cookie": "JSESSIONID=1; Path=/"}))

    server.fail(sets_cookie)
    _, client = opened(library, server.url)
    client.get(f"{server.url}/")
    client.get(f"{server.url}/")

    assert "cookie" not in server.requests[1].headers


NOT_OF_THE_WIRE = [name for name in FAULTS if name.startswith("JSON ")]


@under_each
@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in NOT_OF_THE_WIRE])
def test_a_fault_becomes_its_error(
    library: str, server: FaultServer, opened: Opener, fault: str
) -> None:
    program, error_type = FAULTS[fault]
    server.fail(program)
    _, client = opened(library, server.url, limits=HASTY if fault == SILENT else QUICK)

    with pytest.raises(UpstreamError) as caught:
        json_of(client.get(f"{server.url}/search?jql=private"))

    assert caught.value.error_type == error_type
    for link in chain(caught.value):
        assert "private" not in f"{link!s} {link!r} {link.args!r}"
    assert str(caught.value).startswith("src: GET /search: ")


@under_each
def test_an_address_where_nobody_listens_is_unreachable(library: str, opened: Opener) -> None:
    with faults.refusing_url() as url:
        _, client = opened(library, url)
        with pytest.raises(Unreachable, match="GET /: the connection was refused") as caught:
            client.get(f"{url}/")

    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


@under_each
def test_a_host_that_does_not_resolve_is_unreachable(library: str, opened: Opener) -> None:
    _, client = opened(library, "http://nowhere.invalid")

    with pytest.raises(Unreachable, match="does not resolve"):
        client.get("http://nowhere.invalid/")


def test_a_session_made_by_another_library_comes_under_the_policy(
    server: FaultServer, opened: Opener
) -> None:
    transport, _ = opened("requests", server.url)
    session = requests.Session()
    session.headers["Authorization"] = "Bearer theirs"
    transport.govern(session)
    server.fail(faults.status(404))

    with pytest.raises(NotFound):
        session.request("GET", f"{server.url}/", timeout=None)

    assert server.requests[0].headers["authorization"] == "Bearer theirs"


@under_each
@pytest.mark.parametrize(
    ("headers", "budget"),
    [
        ({"X-RateLimit-Remaining": "42", "X-RateLimit-Limit": "100"}, Budget(42, 100)),
        ({"X-Beta-RateLimit-Remaining": "42"}, Budget(42, None)),
        ({"RateLimit-Remaining": "0", "RateLimit-Limit": "100, 100;w=60"}, Budget(0, None)),
        ({"X-RateLimit-Remaining": "many"}, None),
        ({"X-RateLimit-Limit": "100"}, None),
    ],
)
def test_what_is_left_of_a_limit_is_told_with_the_exchange(
    library: str,
    server: FaultServer,
    opened: Opener,
    headers: dict[str, str],
    budget: Budget | None,
) -> None:
    recorder = Recorder()
    _, client = opened(library, server.url, observer=recorder)

    def limited(wire: Wire, request: Request, reply: Reply) -> None:
        wire.send(replace(reply, headers=headers))

    server.fail(limited)

    client.get(server.url)

    assert [each.budget for each in recorder.exchanges] == [budget]


# ------------------------------------------------------------------------------ redirects and place


@under_each
@pytest.mark.parametrize("target", ["/api/", "{url}/api/"])
def test_a_missing_slash_is_mended_for_get(
    library: str, server: FaultServer, opened: Opener, target: str
) -> None:
    recorder = Recorder()
    _, client = opened(library, server.url, observer=recorder)
    server.fail(faults.status(301, Location=target.format(url=server.url)), last=1)

    answer = json_of(client.get(f"{server.url}/api?x=1"))

    assert answer == {"path": "/api/", "query": {"x": ["1"]}}
    assert [(e.path, e.status, e.error_type) for e in recorder.exchanges] == [
        ("/api", 301, None),
        ("/api/", 200, None),
    ]


@under_each
def test_a_missing_slash_is_not_mended_twice(
    library: str, server: FaultServer, opened: Opener
) -> None:
    def to_and_fro(wire: Wire, request: Request, reply: Reply) -> None:
        there = request.path[:-1] if request.path.endswith("/") else request.path + "/"
        wire.send(Reply(301, headers={"Location": there}))

    _, client = opened(library, server.url)
    server.fail(to_and_fro)

    with pytest.raises(BadAnswer):
        client.get(f"{server.url}/api")

    assert len(server.requests) == 2


@under_each
@pytest.mark.parametrize(
    ("location", "error", "words"),
    [
        ("/login?from=x", Unauthorised, "/login, as sign-in pages do"),
        ("https://sso.example.org/a?state=s3cr3t", Unauthorised, "https://sso.example.org/a"),
        ("http://[", BadAnswer, "no address"),
        ("/moved", BadAnswer, "/moved; set the source's url"),
        ("", BadAnswer, "set the source's url"),
    ],
)
def test_other_redirects_are_refused_with_where_they_lead(
    library: str,
    server: FaultServer,
    opened: Opener,
    location: str,
    error: type[UpstreamError],
    words: str,
) -> None:
    _, client = opened(library, server.url)
    server.fail(faults.status(302, Location=location))

    with pytest.raises(error) as caught:
        client.get(f"{server.url}/api")

    assert words in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
    assert len(server.requests) == 1


@under_each
def test_a_missing_slash_is_not_mended_at_another_address(
    library: str, server: FaultServer, opened: Opener
) -> None:
    with FaultServer(healthy) as stranger:
        _, client = opened(library, server.url, headers={"Authorization": "Bearer ours"})
        server.fail(faults.status(301, Location=f"{stranger.url}/api/"))

        with pytest.raises(BadAnswer, match="set the source's url"):
            client.get(f"{server.url}/api")

        assert stranger.requests == []


@under_each
def test_a_post_is_never_redirected(library: str, server: FaultServer, opened: Opener) -> None:
    _, client = opened(library, server.url)
    server.fail(faults.status(308, Location="/api/"))

    with pytest.raises(BadAnswer):
        client.post(f"{server.url}/api")

    assert len(server.requests) == 1


@under_each
def test_credentials_go_to_the_source_and_nowhere_else(
    library: str, server: FaultServer, opened: Opener
) -> None:
    _, client = opened(library, "http://127.0.0.1:9", headers={"Authorization": "Bearer ours"})

    with pytest.raises(BadAnswer, match="not at the source's own address"):
        client.get(f"{server.url}/next")

    assert server.requests == []


@pytest.mark.parametrize("url", ["http://[", "ftp://127.0.0.1/x", "http://127.0.0.1:99999999/", ""])
def test_an_address_that_is_none_is_a_bad_answer(
    server: FaultServer, opened: Opener, url: str
) -> None:
    _, session = opened("requests", server.url)

    with pytest.raises(BadAnswer):
        session.get(url)


# ----------------------------------------------------------------------------------------- statuses


@under_each
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"errorMessages": ["Field 'x' does not exist."]}, "(400): Field 'x' does not exist."),
        ({"errorMessages": [], "errors": {"jql": "bad"}}, "(400): jql: bad"),
        ({"detail": "Invalid page."}, "(400): Invalid page."),
        ({"status": "error", "errorType": "bad_data", "error": "parse error"}, ": parse error"),
        ({"site": ["Select a valid choice."]}, "(400): site: Select a valid choice."),
        (["no"], "(400): no"),
        ({}, "the query was refused (400)"),
    ],
)
def test_a_refusal_says_what_the_server_said(
    library: str, server: FaultServer, opened: Opener, body: Any, words: str
) -> None:
    _, client = opened(library, server.url)
    server.fail(faults.status(400, body))

    with pytest.raises(QueryRefused) as caught:
        client.get(f"{server.url}/search?jql=private")

    assert str(caught.value).startswith("src: GET /search: the query was refused (400)")
    assert str(caught.value).endswith(words)
    assert "private" not in str(caught.value)


@under_each
def test_a_servers_words_are_cut_and_kept_on_one_line(
    library: str, server: FaultServer, opened: Opener
) -> None:
    _, client = opened(library, server.url)
    server.fail(faults.status(400, {"error": "line\n" * 10_000}))

    with pytest.raises(QueryRefused) as caught:
        client.get(f"{server.url}/")

    words = str(caught.value).split("(400): ")[1]
    assert len(words) == 256
    assert "\n" not in words


@under_each
def test_a_kind_may_read_an_error_answer_its_own_way(
    library: str, server: FaultServer, opened: Opener
) -> None:
    told: list[tuple[int, Any]] = []

    def classify(status: int, body: Any) -> type[UpstreamError]:
        told.append((status, body))
        return QueryRefused

    recorder = Recorder()
    _, client = opened(library, server.url, classify=classify, observer=recorder)
    server.fail(faults.status(503, {"errorType": "execution"}))

    with pytest.raises(QueryRefused):
        client.get(f"{server.url}/")

    assert told == [(503, {"errorType": "execution"})]
    assert [exchange.error_type for exchange in recorder.exchanges] == ["query_refused"]


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
    while not server.requests:
        time.sleep(0.001)

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


# --------------------------------------------------------------------------------------- TLS, proxy


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls_server(authority: trustme.CA) -> Iterator[FaultServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with FaultServer(healthy, tls=context) as running:
        yield running


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> str:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    return str(file)


@under_each
def test_a_certificate_of_a_named_authority_is_accepted(
    library: str,
    tls_server: FaultServer,
    opened: Opener,
    bundle: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    _, client = opened(library, tls_server.url, verify=bundle)

    assert client.get(f"{tls_server.url}/").status_code == 200


@under_each
def test_a_strangers_certificate_is_a_tls_failure_and_is_not_tried_again(
    library: str, tls_server: FaultServer, opened: Opener
) -> None:
    recorder = Recorder()
    _, client = opened(library, tls_server.url, observer=recorder)

    with pytest.raises(TlsFailed, match="the certificate was not accepted"):
        client.get(f"{tls_server.url}/?q=private")

    assert [exchange.error_type for exchange in recorder.exchanges] == ["tls"]


@under_each
@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_verification_can_be_switched_off(
    library: str, tls_server: FaultServer, opened: Opener
) -> None:
    _, client = opened(library, tls_server.url, verify=False)

    assert client.get(f"{tls_server.url}/").status_code == 200


@under_each
def test_plain_http_at_a_tls_address_is_a_tls_failure(
    library: str, server: FaultServer, opened: Opener
) -> None:
    url = server.url.replace("http:", "https:")
    _, client = opened(library, url)

    with pytest.raises(TlsFailed):
        client.get(f"{url}/")


@under_each
@pytest.mark.parametrize("fault", [faults.one_byte_at_a_time, faults.body_one_byte_at_a_time])
def test_the_deadline_holds_under_tls(
    library: str, tls_server: FaultServer, opened: Opener, bundle: str, fault: Fault
) -> None:
    transport, client = opened(library, tls_server.url, verify=bundle, limits=PATIENT)
    tls_server.fail(fault)

    with transport.deadline(time.monotonic() + 0.3), pytest.raises(TimedOut):
        client.get(f"{tls_server.url}/")


@under_each
def test_closing_ends_a_wait_under_tls(
    library: str, tls_server: FaultServer, opened: Opener, bundle: str
) -> None:
    transport, client = opened(library, tls_server.url, verify=bundle, limits=PATIENT)
    tls_server.fail(faults.never_answers)
    caught: list[BaseException] = []

    def ask() -> None:
        with pytest.raises(Unreachable) as error:
            client.get(f"{tls_server.url}/")
        caught.append(error.value)

    waiting = threading.Thread(target=ask)
    waiting.start()
    while not tls_server.requests:
        time.sleep(0.001)
    transport.close()
    waiting.join(timeout=30)

    assert "the session was closed" in str(caught[0])


@under_each
def test_the_proxy_of_the_environment_is_used(
    library: str, server: FaultServer, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    _, client = opened(library, "http://upstream.example")

    client.get("http://upstream.example/metrics")

    assert server.requests[0].headers["host"] == "upstream.example"


@under_each
def test_no_proxy_is_used_for_this_machine(
    library: str, server: FaultServer, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    _, client = opened(library, server.url)

    assert client.get(f"{server.url}/").status_code == 200


@under_each
def test_a_proxy_that_does_not_connect_is_unreachable(
    library: str, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with faults.refusing_url() as proxy:
        monkeypatch.setenv("https_proxy", proxy.replace("http://", "http://user:s3cr3t-pw@"))
        monkeypatch.delenv("no_proxy", raising=False)
        _, client = opened(library, "https://upstream.example")
        with pytest.raises(Unreachable) as caught:
            client.get("https://upstream.example/")

    assert "s3cr3t" not in repr(caught.value)


# ----------------------------------------------------------------------------------------- the door


@pytest.mark.parametrize(
    "url", ["", "upstream", "ftp://upstream/", "http://", "http://[", "http://host:99999999"]
)
def test_a_url_that_cannot_work_is_refused_at_the_door(url: str) -> None:
    with pytest.raises(ValueError, match=r"source src: url: .*expected http\(s\)://host"):
        Transport(SourceConfig("src", "kind", url), SilentObserver())


def test_credentials_in_the_url_are_refused_without_being_shown() -> None:
    with pytest.raises(ValueError, match="move them to auth") as caught:
        Transport(SourceConfig("src", "kind", "http://me:s3cr3t@host"), SilentObserver())

    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"secrets": {"token": "s3cr3t\n"}},
        {"headers": {"X-Key": "s3cr3t\r\nX-Evil: 1"}},
        {"headers": {"X-Key": "s3cr3t-é"}},
        {"secrets": {"token": "s3cr3t-é"}},
    ],
)
def test_a_secret_that_cannot_be_sent_is_refused_without_being_shown(
    settings: dict[str, Any],
) -> None:
    with pytest.raises(ValueError, match=r"source src: (token|X-Key): ") as caught:
        Transport(SourceConfig("src", "kind", "http://host", **settings), SilentObserver())

    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("limits", [Limits(concurrency=0), Limits(rate_per_second=0.0)])
def test_limits_that_let_nothing_through_are_refused(limits: Limits) -> None:
    with pytest.raises(ValueError, match="expected"):
        Transport(SourceConfig("src", "kind", "http://host", limits=limits), SilentObserver())


def test_json_of_wants_an_answer_that_came_through_a_transport() -> None:
    response = requests.Response()
    response.request = requests.Request("GET", "http://host").prepare()

    with pytest.raises(TypeError, match="Transport"):
        json_of(response)


# ------------------------------------------------------------------------------------------ helpers


def in_threads(count: int, ask: Callable[[], Any]) -> list[Any]:
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(ask())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
