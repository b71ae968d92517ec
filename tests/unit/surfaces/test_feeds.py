"""The feed as programs read it: pages, filters, cursors, and what it refuses."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest

from syncd.model import Event, EventKind
from syncd.store.events import append_events
from tests.store.catalogues import START
from tests.unit.surfaces.conftest import HOSTILE, Site

KEY = "dcim-o1-kr1"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def tell(site: Site, number: int, *, at: datetime = START, **more: Any) -> None:
    known: dict[str, Any] = {
        "kind": EventKind.STATUS_CHANGED,
        "subject": KEY,
        "key_result": KEY,
        "team": "dcim",
        "after": {"status": "at_risk"},
    }
    with site.store.write() as connection:
        append_events(
            connection,
            [
                Event(at=at, title=f"event {n}", text="why", reason="line", **(known | more))
                for n in range(number)
            ],
        )


def titles(site: Site, query: str) -> list[str]:
    answer = site.client.get(f"/feed.json?{query}")
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


def pages(site: Site, url: str) -> list[Any]:
    found: list[Any] = []
    while url:
        assert len(found) < 50
        page = site.client.get(url).json()
        found.append(page)
        url = page.get("next_url", "")
    return found


class TestJsonFeed:
    def test_every_page_keeps_the_rules_of_json_feed(self, told: Site) -> None:
        tell(told, 60)

        for page in pages(told, "/feed.json"):
            assert page["version"] == "https://jsonfeed.org/version/1.1"
            assert isinstance(page["title"], str)
            for url in (page["home_page_url"], page["feed_url"], page.get("next_url", "http://a/")):
                assert urlsplit(url).scheme == "http"
            assert all(set(author) <= {"name", "url", "avatar"} for author in page["authors"])
            for item in page["items"]:
                assert isinstance(item["id"], str)
                assert isinstance(item["content_text"], str)
                assert RFC3339.fullmatch(item["date_published"])
                assert urlsplit(item["url"]).netloc
                assert all(isinstance(tag, str) for tag in item["tags"])
                extensions = [key for key in item if key.startswith("_")]
                assert all("about" in item[key] for key in extensions)

    def test_filtered_pages_hold_what_passes_once_and_in_order(self, told: Site) -> None:
        tell(told, 70)
        tell(told, 30, kind=EventKind.MISSED, after={"status": "missed"})

        found = pages(told, f"/feed.json?kind=missed,status_changed&team=dcim&kr={KEY}&limit=20")

        positions = [one["_syncd"]["position"] for page in found for one in page["items"]]
        assert positions == sorted(set(positions), reverse=True)
        assert len(positions) >= 100

    def test_the_evidence_and_the_page_of_an_event_can_be_read(self, told: Site) -> None:
        item = told.client.get("/feed.json?kind=status_changed").json()["items"][-1]["_syncd"]

        evidence = told.client.get(item["evidence"])
        page = told.client.get(item["page"])

        assert evidence.status_code == 200
        assert page.status_code == 200


class TestAtom:
    def test_a_reader_finds_it_well_formed_with_its_ids_dates_and_links(self, told: Site) -> None:
        tell(told, 60)

        found = feedparser.parse(told.client.get("/feed.atom?limit=10").content)

        assert not found.bozo
        assert found.version == "atom10"
        assert len(found.entries) == 10
        assert len({entry.id for entry in found.entries}) == 10
        assert all(entry.id.startswith("urn:uuid:") for entry in found.entries)
        assert all(entry.updated_parsed and entry.published_parsed for entry in found.entries)
        assert all(entry.link.startswith("http") for entry in found.entries)
        links = {link.rel: link.href for link in found.feed.links}
        assert set(links) == {"self", "alternate", "next"}
        older = feedparser.parse(told.client.get(links["next"]).content)
        assert not {e.id for e in older.entries} & {e.id for e in found.entries}

    def test_an_empty_one_is_valid_too(self, site: Site) -> None:
        found = feedparser.parse(site.client.get("/feed.atom").content)

        assert (found.bozo, found.entries) == (False, [])
        assert found.feed.updated

    def test_titles_of_strangers_do_no_harm(self, told: Site) -> None:
        with told.store.write() as connection:
            append_events(
                connection,
                [
                    Event(
                        START,
                        EventKind.SOURCE_FAILING,
                        "netbox",
                        f"{HOSTILE}\x00\x1b[2J\u202e]]>" + "x" * 30_000,
                        "\x08 &amp;",
                        "timeout",
                    )
                ],
            )

        found = feedparser.parse(told.client.get("/feed.atom?kind=source_failing").content)
        (item,) = told.client.get("/feed.json?kind=source_failing").json()["items"]

        assert not found.bozo
        title = found.entries[0].title_detail
        assert title.type == "text/plain"
        assert item["title"].startswith(f"{HOSTILE}[2J]]>xx")
        assert len(item["title"]) == 300


class TestFilters:
    def test_each_chooses_its_own(self, told: Site) -> None:
        day = timedelta(days=1)
        told.clock.move_to(START + 3 * day)
        tell(told, 1, kind=EventKind.MISSED, after={"status": "missed"}, at=START + day)
        tell(told, 1, team="net", key_result="net-o1-kr1", subject="net-o1-kr1", at=START + 2 * day)

        assert titles(told, "kind=missed") == ["event 0"]
        assert titles(told, "status=missed") == ["event 0"]
        assert titles(told, "team=net") == ["event 0"]
        assert len(titles(told, f"since={(START + day).date()}")) == 2

    @pytest.mark.parametrize(
        "address", ["/feed.json", "/feed.atom", "/api/v1/events", "/feed/stream"]
    )
    @pytest.mark.parametrize(
        ("query", "says"),
        [
            ("colour=red", "colour: got 'red'; expected one of "),
            ("kind=status_chnaged", "did you mean status_changed?"),
            ("status=good", "status: got 'good'; expected some of achieved, "),
            ("team=dcmi", "did you mean dcim?"),
            ("kr=dcim-o1-kr2", "did you mean dcim-o1-kr1?"),
            ("since=2031-01-01", "since: got '2031-01-01'; expected "),
        ],
    )
    def test_an_unknown_one_is_refused_with_what_would_be_right(
        self, told: Site, address: str, query: str, says: str
    ) -> None:
        answer = told.client.get(f"{address}?{query}")

        assert answer.status_code in (400, 422)
        assert answer.headers["content-type"] == "application/problem+json"
        assert says in answer.json()["detail"]

    @pytest.mark.parametrize(
        ("cursor", "says"),
        [
            ("abc", "a cursor that this feed gave out"),
            ("99999", "whose newest position is "),
            ("1-00000000", "this one is of another store"),
        ],
    )
    def test_a_cursor_from_elsewhere_is_refused(self, told: Site, cursor: str, says: str) -> None:
        answers = [
            told.client.get(f"/feed.json?before={cursor}"),
            told.client.get(f"/api/v1/events?after={cursor}"),
            told.client.get("/feed/stream", headers={"Last-Event-ID": cursor}),
        ]

        assert all(answer.status_code in (400, 422) for answer in answers)
        assert all(says in answer.json()["detail"] for answer in answers)


def test_what_was_told_of_a_key_result_that_is_named_no_longer_is_told_still(told: Site) -> None:
    gone = "2025-Q4/dcim-o9-kr9"
    tell(told, 2, key_result=gone, subject=gone)

    assert titles(told, "kr=dcim-o9-kr9") == titles(told, f"kr={gone}") == ["event 1", "event 0"]


class TestTags:
    @pytest.mark.parametrize("address", ["/feed.json", "/feed.atom?kind=status_changed"])
    def test_what_a_reader_has_is_not_sent_again_until_something_is_told(
        self, told: Site, address: str
    ) -> None:
        tag = told.client.get(address).headers["etag"]

        same = told.client.get(address, headers={"If-None-Match": tag})
        tell(told, 1)
        new = told.client.get(address, headers={"If-None-Match": tag})

        assert (same.status_code, same.content) == (304, b"")
        assert new.status_code == 200
        assert new.headers["etag"] != tag


def test_the_list_goes_on_from_its_own_cursor(told: Site) -> None:
    tell(told, 7)
    seen: list[int] = []
    cursor = "0"
    while True:
        page = told.client.get(f"/api/v1/events?after={cursor}&limit=3").json()
        if not page["events"]:
            break
        seen += [one["position"] for one in page["events"]]
        cursor = page["next"]

    assert page["next"] == cursor
    assert seen == list(range(1, len(seen) + 1))
