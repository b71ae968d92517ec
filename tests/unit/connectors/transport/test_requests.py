"""What is sent, who is told, and what comes back: the same under requests and under httpx, over real sockets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import requests

from connectors.base import (
    Budget,
    NotFound,
    Unreachable,
    UpstreamError,
)
from connectors.transport import PARTING, json_of
from tests.contract import faults
from tests.contract.expectations import FAULTS, SILENT, STALE, chain
from tests.contract.faces import HASTY, QUICK, Recorder
from tests.contract.faultserver import FaultServer, Reply, Request, Wire
from tests.unit.connectors.transport.parts import (
    Opener,
    under_each,
)


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
def test_a_connection_that_was_parted_with_is_asked_nothing_more(
    library: str, server: FaultServer, opened: Opener
) -> None:
    # it does not announce what it does, as not every server announces it
    server.fail(faults.closes_under_the_next_request, first=2, last=2)
    recorder = Recorder()
    _, client = opened(library, server.url, observer=recorder)

    client.get(f"{server.url}/1")
    parted = client.get(f"{server.url}/2?q=all", headers=PARTING)
    for number in (3, 4):
        client.get(f"{server.url}/{number}")

    assert json_of(parted) == {"path": "/2", "query": {"q": ["all"]}}
    assert [exchange.error_type for exchange in recorder.exchanges] == [None] * 4
    first, second, third, fourth = (request.peer for request in server.requests)
    assert first == second != third == fourth


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


def test_json_that_is_posted_again_and_again_goes_out_as_the_session_sends_it(
    server: FaultServer, opened: Opener
) -> None:
    transport, session = opened("requests", server.url, headers={"X-Scope-OrgID": "tenant"})
    session.auth = ("user", "token")
    post = transport.posting(session, f"{server.url}/search")
    bodies = [{"jql": "Straße"}, {}, {"ids": ["1", "2"], "most": 5000}]

    answers = [post(body) for body in bodies]

    session.post(f"{server.url}/search", json=bodies[0])
    assert answers == [{"path": "/search", "query": {}}] * 3
    assert [request.json for request in server.requests[:3]] == bodies
    assert len({request.peer for request in server.requests}) == 1
    assert server.requests[0] == server.requests[3]


def test_json_that_is_posted_is_under_the_policy(server: FaultServer, opened: Opener) -> None:
    transport, session = opened("requests", server.url)
    post = transport.posting(session, f"{server.url}/search")
    server.fail(faults.status(503), first=1, last=1)
    server.fail(faults.status(404), first=3)

    assert post({}) == {"path": "/search", "query": {}}
    with pytest.raises(NotFound, match="src: POST /search: there is nothing here"):
        post({})

    assert len(server.requests) == 3


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
