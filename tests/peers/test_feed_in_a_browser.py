"""The stream in a real browser: its EventSource comes back after a restart and misses nothing."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from syncd.clock import SystemClock
from syncd.instruments import Instruments
from syncd.model import Event, EventKind
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.serve import WebServer
from tests.peers.browser import chromium
from tests.store.catalogues import START

SECONDS = 60.0
PAGE = """<!doctype html><script>
const source = new EventSource("/feed/stream?after=0");
source.onmessage = event => fetch("/seen", {method: "POST", body: event.data});
</script>"""

pytestmark = pytest.mark.peers


def tell(store: Store, *titles: str) -> None:
    with store.write() as connection:
        append_events(
            connection,
            [Event(START, EventKind.SOURCE_FAILING, "x", one, "why", "timeout") for one in titles],
        )


def site(store: Store, seen: list[str]) -> Starlette:
    async def take(request: Request) -> Response:
        seen.append(json.loads(await request.body())["title"])
        return Response(status_code=204)

    app = create_app(
        store,
        SystemClock(),
        own_metrics=Instruments([]).registry,
        instance=InstanceInfo(version="9.9.9"),
    )
    whole = Starlette(
        routes=[
            Route("/page", lambda request: HTMLResponse(PAGE)),  # noqa: ARG005
            Route("/seen", take, methods=["POST"]),
            Mount("/", app),
        ]
    )
    whole.state.end_streams = app.state.end_streams
    return whole


@contextmanager
def browsing(url: str, profile: Path) -> Iterator[None]:
    process = subprocess.Popen(
        [
            *(chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *(f"--user-data-dir={profile}", "--remote-debugging-port=0", url),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(SECONDS)


def until(seen: list[str], count: int) -> None:
    deadline, idle = time.monotonic() + SECONDS, threading.Event()
    while len(seen) < count:
        assert time.monotonic() < deadline, seen
        idle.wait(0.05)


def test_an_event_source_comes_back_where_it_was(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'syncd.db'}")
    store.migrate()
    seen: list[str] = []
    tell(store, "one", "two")
    server = WebServer(site(store, seen), "127.0.0.1", 0)
    address = server.start()
    try:
        with browsing(f"{address}/page", tmp_path / "profile"):
            until(seen, 2)
            tell(store, "live")
            until(seen, 3)
            server.stop()
            tell(store, "while away")

            server = WebServer(site(store, seen), "127.0.0.1", int(address.rsplit(":", 1)[1]))
            server.start()
            until(seen, 4)
            tell(store, "after")
            until(seen, 5)
    finally:
        server.stop()
        store.close()

    assert sorted(seen) == sorted(["one", "two", "live", "while away", "after"])
