"""What programs, people and load balancers read, through a real server."""

from __future__ import annotations

import socket
import threading
from urllib.parse import urlsplit

import httpx
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from syncd.instruments import Instruments
from syncd.model import Event, EventKind
from syncd.store.events import append_events
from syncd.store.loads import record_refusal
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.serve import WebServer
from tests.plain import NO_TLS
from tests.store.catalogues import START
from tests.unit.surfaces.conftest import HOSTILE, Site

FAULTS = ["dcim.yaml:3: <i>key</i> unknown", "ce.yaml:9: no such measure"]
EVERY = [
    "/",
    "/kr/dcim-o1-kr1",
    "/metrics",
    "/feed.json",
    "/api/v1/krs",
    "/api/v1/krs/dcim-o1-kr1",
    "/api/v1/events",
    "/api/v1/sources",
    "/api/v1/mapping",
    "/livez",
    "/readyz",
    "/static/page.css",
]


@pytest.mark.parametrize("path", EVERY)
def test_every_endpoint_answers_and_keeps_a_browser_to_our_own_files(told: Site, path: str) -> None:
    answer = told.client.get(path)

    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]


class TestApi:
    def test_what_is_unknown_is_null(self, told: Site) -> None:
        known, unknown = told.client.get("/api/v1/krs").json()["key_results"]

        assert (known["value"], known["progress"]) == (0.75, 0.75)
        assert (unknown["value"], unknown["progress"], unknown["status"]) == (None, None, "no_data")

    def test_filters_by_status(self, told: Site) -> None:
        found = told.client.get("/api/v1/krs?status=no_data").json()["key_results"]

        assert [kr["id"] for kr in found] == ["dcim-o2-kr3"]

    def test_a_key_result_leads_to_the_objects_that_fail(self, told: Site) -> None:
        evidence = told.client.get("/api/v1/krs/dcim-o1-kr1").json()["evidence"]

        assert [found["id"] for found in evidence["objects"]] == ["4"]
        assert evidence["missing"] == [{"field": "serial", "objects": 1}]

    @pytest.mark.parametrize(
        ("query", "name"),
        [
            ("krs?status=good", "status"),
            ("krs?colour=red", "colour"),
            ("krs/dcim-o1-kr1?limit=0", "limit"),
            ("krs/dcim-o1-kr1?outcome=maybe", "outcome"),
            ("events?after=-1", "after"),
            ("krs/dcim-o1-kr1?offset=" + "0" * 20 + "9" * 30, "offset"),
            ("sources?name=netbox", "name"),
            ("mapping?verbose=1", "verbose"),
        ],
    )
    def test_a_bad_parameter_is_named(self, told: Site, query: str, name: str) -> None:
        answer = told.client.get(f"/api/v1/{query}")

        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"].startswith(f"{name}: ")

    def test_an_unknown_id_is_answered_with_the_nearest(self, told: Site) -> None:
        answer = told.client.get("/api/v1/krs/dcim-o1-kr2")

        assert answer.status_code == 404
        assert "did you mean dcim-o1-kr1?" in answer.json()["detail"]

    def test_what_the_reader_has_is_not_sent_again(self, told: Site) -> None:
        tag = told.client.get("/api/v1/krs").headers["etag"]

        again = told.client.get("/api/v1/krs", headers={"If-None-Match": tag})

        assert (again.status_code, again.content) == (304, b"")


def test_the_feed_is_json_feed_and_its_pages_hold_every_event_once(told: Site) -> None:
    with told.store.write() as connection:
        append_events(
            connection,
            [
                Event(START, EventKind.SOURCE_FAILING, "netbox", f"event {n}", "why", "timeout")
                for n in range(120)
            ],
        )
    items = []
    url: str | None = "/feed.json"
    while url:
        answer = told.client.get(url)
        assert answer.headers["content-type"].startswith("application/feed+json")
        page = answer.json()
        assert page["version"] == "https://jsonfeed.org/version/1.1"
        assert page["title"]
        items += page["items"]
        url = page.get("next_url")

    with told.store.read() as connection:
        written = connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one()
    assert len(items) == len({item["id"] for item in items}) == written
    assert all("content_text" in item for item in items)


class TestMappingFaults:
    def test_at_the_very_first_start_keep_it_from_being_ready(self, site: Site) -> None:
        record_refusal(site.store, FAULTS, "d", START)

        answer = site.client.get("/readyz")

        assert (answer.status_code, answer.json()["reasons"]) == (503, FAULTS)
        page = site.client.get("/").text
        assert "dcim.yaml:3: &lt;i&gt;key" in page
        assert FAULTS[1] in page

    def test_leave_an_older_mapping_serving_under_a_banner(self, told: Site) -> None:
        record_refusal(told.store, FAULTS, "d", told.clock.now())

        assert told.client.get("/readyz").status_code == 200
        page = told.client.get("/").text
        assert FAULTS[1] in page
        assert "dcim-o1-kr1" in page


def test_a_store_without_mapping_is_alive_and_not_ready(site: Site) -> None:
    assert site.client.get("/livez").status_code == 200
    assert site.client.get("/readyz").status_code == 503


@pytest.mark.parametrize("path", ["/", "/kr/dcim-o1-kr1"])
def test_hostile_texts_are_shown_and_not_run(told: Site, path: str) -> None:
    page = told.client.get(path).text

    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert "javascript:" not in page


@pytest.mark.parametrize("query", ["offset=-1", "offset=soon", "offset=" + "9" * 30])
def test_a_bad_page_of_objects_is_told_to_people_as_a_page(told: Site, query: str) -> None:
    answer = told.client.get(f"/kr/dcim-o1-kr1?{query}")

    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "offset: got" in answer.text


class TestStoreAway:
    @pytest.fixture
    def away(self, told: Site) -> Site:
        """The store's tables are gone, as after a restore that went wrong."""
        with told.store.write() as connection:
            connection.exec_driver_sql("ALTER TABLE mapping_loads RENAME TO gone_1")
            connection.exec_driver_sql("ALTER TABLE key_results RENAME TO gone_2")
            connection.exec_driver_sql("ALTER TABLE events RENAME TO gone_3")
            connection.exec_driver_sql("ALTER TABLE scopes RENAME TO gone_4")
        with pytest.raises(sa.exc.DBAPIError):
            told.app.state.metrics.look()
        return told

    @pytest.mark.parametrize(
        "path",
        [
            "/api/v1/krs",
            "/api/v1/krs/dcim-o1-kr1",
            "/api/v1/events",
            "/api/v1/sources",
            "/api/v1/mapping",
            "/feed.json",
            "/metrics",
        ],
    )
    def test_programs_get_503_and_when_to_come_again(self, away: Site, path: str) -> None:
        answer = away.client.get(path)

        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        assert "gone" not in answer.text

    @pytest.mark.parametrize("path", ["/", "/kr/dcim-o1-kr1"])
    def test_people_get_503_as_a_page(self, away: Site, path: str) -> None:
        answer = away.client.get(path)

        assert answer.status_code == 503
        assert answer.headers["content-type"].startswith("text/html")
        assert "The store does not answer" in answer.text

    def test_it_is_alive_and_not_ready(self, away: Site) -> None:
        assert away.client.get("/livez").status_code == 200
        ready = away.client.get("/readyz")
        assert ready.status_code == 503
        assert "does not answer" in ready.json()["reasons"][0]


def test_links_of_the_feed_lead_to_where_people_reach_the_page(told: Site) -> None:
    instance = InstanceInfo(version="9.9.9", external_url="https://okrs.example.org/syncd/")
    app = create_app(
        told.store, told.clock, own_metrics=Instruments([]).registry, instance=instance
    )
    server = WebServer(app, "127.0.0.1", 0)
    try:
        found = httpx.get(f"{server.start()}/feed.json", verify=NO_TLS).json()
    finally:
        server.stop()

    assert found["home_page_url"].startswith("https://okrs.example.org/syncd/")
    assert found["feed_url"] == "https://okrs.example.org/syncd/feed.json"
    assert {
        item["url"].partition("/kr/")[0] for item in found["items"] if "/kr/" in item["url"]
    } == {"https://okrs.example.org/syncd"}


class TestServer:
    def test_a_taken_port_is_named(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]

            with pytest.raises(OSError, match=f"127.0.0.1:{port}"):
                WebServer(Starlette(), "127.0.0.1", port).start()

    def test_another_port_will_do_where_the_caller_says_so(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            server = WebServer(Starlette(), "127.0.0.1", port, fallback=True)
            try:
                assert urlsplit(server.start()).port != port
            finally:
                server.stop()

    def test_stopping_closes_the_port_and_leaves_no_thread(self) -> None:
        before = set(threading.enumerate())
        server = WebServer(Starlette(), "127.0.0.1", 0)
        port = urlsplit(server.start()).port

        server.stop()

        assert set(threading.enumerate()) <= before
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port or 0))


@pytest.mark.parametrize("path", ["/", "/api/v1/krs", "/feed.json", "/metrics", "/static/page.css"])
def test_what_is_long_is_sent_compressed_to_who_takes_that(told: Site, path: str) -> None:
    packed = told.client.get(path, headers={"Accept-Encoding": "gzip"})
    plain = told.client.get(path, headers={"Accept-Encoding": "identity"})

    assert len(plain.content) > 1000
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.num_bytes_downloaded < len(plain.content) / 1.5
    assert "content-encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["vary"]
