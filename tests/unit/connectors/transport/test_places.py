"""Where requests go, and what statuses become: the same under requests and under httpx, over real sockets."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.base import (
    BadAnswer,
    QueryRefused,
    Unauthorised,
    UpstreamError,
)
from connectors.transport import json_of
from tests.contract import faults
from tests.contract.faces import Recorder
from tests.contract.faultserver import FaultServer, Reply, Request, Wire
from tests.unit.connectors.transport.parts import (
    Opener,
    healthy,
    under_each,
)


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
