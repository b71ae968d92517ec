"""A reader of the stream that takes too little: dropped, at no cost, and back without loss."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.model import Event, EventKind
from syncd.store.compacting import compact
from syncd.store.events import append_events
from syncd.store.removing import Keep
from syncd.surfaces import stream
from tests.store.catalogues import START
from tests.unit.surfaces.conftest import Site, served
from tests.unit.surfaces.sockets import asking, events_of, taken

DAY = timedelta(days=1)
EVENTS = 500
"""With their texts a megabyte: more than the system keeps of what is not taken."""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(stream, "SEND_SECONDS", 0.2)
    with served(tmp_path) as found:
        with found.store.write() as connection:
            told = [
                Event(START, EventKind.SOURCE_FAILING, "x", f"event {n}", "x" * 1900, "down")
                for n in range(EVENTS)
            ]
            append_events(connection, told)
        yield found


def dropped(site: Site) -> list[str]:
    """The cursors that a reader saw that was dropped, in order."""
    with asking(site, "GET /feed/stream?after=0") as slow:
        counted = site.instruments.registry
        for _ in range(3000):
            if counted.get_sample_value("syncd_stream_readers_dropped_total") == 1:
                break
            assert site.client.get("/livez").status_code == 200
        else:
            raise AssertionError("it is still served")
        assert counted.get_sample_value("syncd_stream_readers") == 0
        return events_of(taken(slow))


def test_who_comes_back_gets_the_rest_and_nothing_twice(site: Site) -> None:
    seen = dropped(site)

    with asking(site, f"GET /feed/stream\nLast-Event-ID: {seen[-1]}") as back:
        found = bytearray()
        while f"event {EVENTS - 1}".encode() not in found or not found.endswith(b"\r\n\r\n\r\n"):
            found += taken(back, 1)

    positions = [int(one.partition("-")[0]) for one in (*seen, *events_of(bytes(found)))]
    assert 0 < len(seen) < EVENTS
    assert positions == list(range(1, EVENTS + 1))


def test_who_comes_back_too_late_is_told_with_what_to_begin(site: Site) -> None:
    seen = dropped(site)
    later = START + 400 * DAY
    compact(site.store, lambda: later, Keep(DAY, DAY, DAY), every=DAY)

    gone = site.client.get("/feed/stream", headers={"Last-Event-ID": seen[-1]})

    assert gone.status_code == 410
    assert "begin with" in gone.json()["detail"]
