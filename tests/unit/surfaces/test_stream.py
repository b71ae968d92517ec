"""The stream over real sockets: from a place on, live, resumed, and without slow readers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from httpx_sse import connect_sse

from syncd.model import Event, EventKind
from syncd.store.events import append_events
from syncd.store.feed import cursor_of
from syncd.store.read import feed
from syncd.surfaces import stream
from tests.store.catalogues import START
from tests.unit.surfaces.conftest import Site
from tests.waiting import until


def tell(site: Site, *names: str, text: str = "why") -> None:
    with site.store.write() as connection:
        append_events(
            connection,
            [
                Event(START, EventKind.SOURCE_FAILING, "netbox", name, text, "timeout")
                for name in names
            ],
        )


@contextmanager
def following(site: Site, query: str = "", **headers: str) -> Iterator[Iterator[Any]]:
    with connect_sse(site.client, "GET", f"/feed/stream{query}", headers=headers) as source:
        # as a browser does: what has no data is no event
        yield (event for event in source.iter_sse() if event.data)


def title(event: Any) -> str:
    found: str = json.loads(event.data)["title"]
    return found


def test_a_reader_gets_what_is_told_from_now_on_in_order(site: Site) -> None:
    tell(site, "before")
    with following(site) as events:
        first = threading.Timer(0.1, tell, (site, "one", "two"))
        first.start()
        found = [title(next(events)) for _ in range(2)]

    assert found == ["one", "two"]


def test_a_reader_that_comes_back_with_its_last_id_misses_nothing(site: Site) -> None:
    tell(site, *(f"event {n}" for n in range(250)))
    with following(site, "?after=0") as events:
        seen = [next(events) for _ in range(120)]
    tell(site, "while away")

    with following(site, **{"Last-Event-ID": seen[-1].id}) as events:
        rest = [next(events) for _ in range(131)]

    assert [title(one) for one in (*seen, *rest)] == [
        *(f"event {n}" for n in range(250)),
        "while away",
    ]


def test_a_filter_holds_for_the_stream_too(site: Site) -> None:
    tell(site, "not wanted")
    with site.store.write() as connection:
        append_events(
            connection, [Event(START, EventKind.MISSED, "x", "wanted", "why", "date_passed")]
        )

    with following(site, "?after=0&kind=missed") as events:
        found = next(events)

    assert title(found) == "wanted"
    with site.store.read() as connection:
        assert found.id == cursor_of(feed(connection)[0])


def test_a_reader_that_takes_nothing_is_dropped_and_others_are_not(
    site: Site, monkeypatch: Any
) -> None:
    monkeypatch.setattr(stream, "SEND_SECONDS", 0.3)
    tell(site, *(f"event {n}" for n in range(3000)), text="x" * 1900)
    address = httpx.URL(str(site.client.base_url))
    slow = socket.create_connection((address.host, address.port or 80))
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.sendall(b"GET /feed/stream?after=0 HTTP/1.1\r\nHost: x\r\n\r\n")

    with following(site, "?after=0") as events:
        seen = [next(events) for _ in range(3000)]

    tail = site.app.state.end_streams.__self__
    until(lambda: tail.readers == 0, "the slow reader is still served")
    slow.close()
    assert len(seen) == 3000


def test_a_quiet_stream_says_that_it_lives(site: Site, monkeypatch: Any) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.2)
    with site.client.stream("GET", "/feed/stream") as answer:
        lines = answer.iter_lines()
        heartbeats = [line for _ in range(12) if (line := next(lines)).startswith(": ping")]

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert len(heartbeats) >= 2


def test_a_server_that_stops_ends_its_streams_at_once(site: Site) -> None:
    with following(site) as events:
        app_end = threading.Timer(0.2, site.app.state.end_streams)
        app_end.start()
        assert list(events) == []
