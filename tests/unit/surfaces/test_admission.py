"""How much is answered at once, over real sockets: who is held up, and who is not."""

from __future__ import annotations

import socket
import sqlite3
import time
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from pathlib import Path

import pytest

from syncd.intake.reading import Proxy
from syncd.model import Event, EventKind
from syncd.store.events import append_events
from syncd.surfaces import admission
from syncd.surfaces.admission import Limits
from tests.store.catalogues import START
from tests.unit.surfaces.conftest import Site, served
from tests.unit.surfaces.sockets import asking, taken

PROXY = Proxy((ip_network("127.0.0.1"),))
WRITING = "POST /api/v1/externals/recruiting/state\nExpect: 100-continue\nContent-Length: 2"
"""Is in work when it is told to go on, and until its body has come."""
FREE = ["/livez", "/readyz", "/metrics", "/static/page.css"]
READ = ["/", "/sources", "/feed", "/feed.json", "/api/v1/krs", "/badge/none.svg"]
ADA, BOB, EVE = ({"X-Forwarded-For": f"192.0.2.{n}"} for n in (1, 2, 3))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    limits = Limits(requests=2, requests_each=1, streams=2, streams_each=1, at_once=1)
    with served(tmp_path, limits, PROXY) as found:
        yield found


def refused(site: Site, reason: str) -> float | None:
    return site.instruments.registry.get_sample_value(
        "syncd_requests_refused_total", {"reason": reason}
    )


def writing(site: Site, reader: Mapping[str, str]) -> socket.socket:
    """A request that is surely in work."""
    (address,) = reader.values()
    found = asking(site, f"{WRITING}\nX-Forwarded-For: {address}")
    assert taken(found, 1).startswith(b"HTTP/1.1 100")
    return found


def following(site: Site, reader: Mapping[str, str]) -> socket.socket:
    """A stream that is surely open."""
    (address,) = reader.values()
    found = asking(site, f"GET /feed/stream\nX-Forwarded-For: {address}")
    assert taken(found, 1).startswith(b"HTTP/1.1 200")
    return found


def test_beyond_what_one_reader_may_have_at_once_it_is_answered_429_until_there_is_room(
    site: Site,
) -> None:
    held = writing(site, ADA)

    for path in READ:
        answer = site.client.get(path, headers=ADA)
        assert (path, answer.status_code) == (path, 429)
        assert answer.headers["retry-after"] == str(admission.RETRY_SECONDS)
    page, document = (site.client.get(path, headers=ADA) for path in ("/", "/api/v1/krs"))
    other = site.client.get("/", headers=BOB)
    with held:
        held.sendall(b"{}")
        taken(held)

    assert page.headers["content-type"].startswith("text/html")
    assert "1 requests are as many as one reader may have" in page.text
    assert document.headers["content-type"] == "application/problem+json"
    assert document.json()["title"] == "Too many"
    assert refused(site, "reader_busy") == len(READ) + 2
    assert other.status_code == 200
    assert site.client.get("/", headers=ADA).status_code == 200


def test_beyond_what_there_may_be_in_all_everybody_waits_but_probes_and_scrapes(site: Site) -> None:
    site.app.state.metrics.look()
    held = [writing(site, ADA), writing(site, BOB)]

    page = site.client.get("/", headers=EVE)
    free = {path: site.client.get(path).status_code for path in FREE}
    notice = site.client.post("/hooks/nobody", json={})
    for one in held:
        one.close()

    assert free == {"/livez": 200, "/readyz": 503, "/metrics": 200, "/static/page.css": 200}
    assert notice.status_code == 404
    assert (page.status_code, refused(site, "busy")) == (429, 1)


def test_streams_have_limits_of_their_own_and_a_place_is_free_when_its_reader_has_gone(
    site: Site,
) -> None:
    first, second = following(site, ADA), following(site, BOB)
    one_more, nobody = (site.client.get("/feed/stream", headers=who) for who in (ADA, EVE))
    page = site.client.get("/", headers=ADA)
    gauge = site.instruments.registry.get_sample_value("syncd_stream_readers")
    first.close()
    for _ in range(500):
        back = asking(site, "GET /feed/stream\nX-Forwarded-For: 192.0.2.1")
        if taken(back, 1).startswith(b"HTTP/1.1 200"):
            break
        back.close()
    else:
        raise AssertionError("its place is still taken")

    assert [one.status_code for one in (one_more, nobody, page)] == [429, 429, 200]
    assert one_more.headers["retry-after"] == str(admission.RETRY_STREAM_SECONDS)
    assert refused(site, "streams") == 1
    assert gauge == 2
    for each in (second, back):
        each.close()


def tell_much(site: Site) -> None:
    with site.store.write() as connection:
        append_events(
            connection,
            [
                Event(START, EventKind.SOURCE_FAILING, "netbox", f"event {n}", "x" * 4000, "down")
                for n in range(250)
            ],
        )


def test_who_does_not_take_an_answer_holds_up_neither_others_nor_the_store(
    site: Site,
) -> None:
    tell_much(site)
    slow = [
        asking(site, "GET /feed.json?limit=500\nX-Forwarded-For: 192.0.2.1"),
        asking(site, "GET /feed/stream?after=0\nX-Forwarded-For: 192.0.2.2"),
    ]
    beginnings = [taken(each, 1) for each in slow]

    page = site.client.get("/", headers=BOB)
    tell_much(site)
    with sqlite3.connect(str(site.store.file)) as connection:
        found = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    still = site.client.get("/", headers=ADA)
    whole = beginnings[0] + taken(slow[0])
    for each in slow:
        each.close()

    assert page.status_code == 200
    assert still.status_code == 429, "what is not taken counts no more"
    assert found == (0, 0, 0), "a reader holds on to an old state of the store"
    assert whole.count(b'"_syncd"') == 250


def test_beside_a_worker_readers_pause_after_each_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "MOST_REST_SECONDS", 0.4)
    with served(tmp_path, Limits(at_once=1, rest=1e9)) as site:
        site.client.get("/nowhere")
        began = time.monotonic()
        free = site.client.get("/livez").elapsed.total_seconds()
        answered = site.client.get("/nowhere")
        seconds = time.monotonic() - began

    assert answered.status_code == 404
    assert seconds > 0.3
    assert free < seconds
