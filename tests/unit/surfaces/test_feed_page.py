"""The feed as people read it, and the events under their own addresses."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest

from syncd.model import Target, TargetType
from syncd.store.manual import record_manual
from tests.store.catalogues import by_hand, catalogue, key_result
from tests.store.state import assess_all
from tests.unit.surfaces.conftest import HOSTILE, Site, put

RACKS = by_hand("racks", stale_after=timedelta(days=90))
GOAL = Target(TargetType.AT_LEAST, goal=100.0)
DAYS = 18


def page(site: Site, path: str, status: int = 200) -> str:
    answer = site.client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert HOSTILE not in answer.text
    return unescape(answer.text)


def cursors(html: str) -> list[str]:
    return re.findall(r'<a class="quiet" href="/event/(.*?)">', html)


@pytest.fixture
def changing(site: Site) -> Site:
    """A key result of DCIM and one of CE, both told anew every day for some days."""
    put(
        site,
        catalogue(
            [RACKS],
            [
                key_result("dcim-o1-kr1", RACKS, target=GOAL, title=HOSTILE),
                key_result("ce-o1-kr1", RACKS, target=GOAL),
            ],
        ),
    )
    for day in range(DAYS):
        site.clock.advance(days=1)
        now = site.clock.now()
        value = 100.0 if day % 2 else 0.0
        record_manual(site.store, "racks", value, note=None, by="Ada", at=now, now=now)
        assess_all(site.store, site.clock)
    return site


class TestTheFeed:
    def test_is_read_page_by_page_and_has_each_event_once(self, changing: Site) -> None:
        html, found = page(changing, "/feed"), []
        while True:
            found += cursors(html)
            older = re.search(r'<a href="(/feed\?before=.*?)" rel="next">', html)
            if older is None:
                break
            html = page(changing, older[1])

        positions = [int(each.partition("-")[0]) for each in found]
        assert positions == sorted(positions, reverse=True)
        assert positions == list(range(positions[0], 0, -1))

    def test_shows_what_is_asked_for(self, changing: Site) -> None:
        for asked in ("team=ce", "kr=ce-o1-kr1", "kr=ce-o1-kr1&team=&kind=&status=&since="):
            html = page(changing, f"/feed?{asked}")

            assert cursors(html)
            assert set(re.findall(r'<a href="(/kr/.*?)">', html)) == {"/kr/ce-o1-kr1"}

    def test_keeps_what_is_asked_for_on_older_pages_and_for_programs(self, changing: Site) -> None:
        html = page(changing, "/feed?status=achieved&since=2026-01-03")

        assert "/feed.json?status=achieved&since=2026-01-03" in html
        assert set(re.findall(r'class="status (\w+)"', html)) == {"achieved"}
        assert page(changing, "/feed?kind=override_set").count("Nothing that was told is like") == 1

    def test_of_a_past_day_ends_with_that_day(self, changing: Site) -> None:
        html = page(changing, "/feed?at=2026-01-10")

        assert "As it was told by 10 Jan 2026" in html
        assert "<h2>10 Jan</h2>" in html
        assert "<h2>11 Jan</h2>" not in html

    def test_refuses_what_it_does_not_know_and_says_what_it_does(self, changing: Site) -> None:
        for asked, expected in {
            "kind=achived": "did you mean achieved?",
            "team=dcm": "did you mean dcim?",
            "kr=dcim-o1-kr9": "did you mean dcim-o1-kr1?",
            "before=1-deadbeef": "a cursor of this feed; this one is of another store",
            "since=2027-01-01": "since: got '2027-01-01'; expected",
            "colour=red": "expected one of at, before, kind, kr, reconstructed, since, status",
        }.items():
            html = page(changing, f"/feed?{asked}", status=400)

            assert expected in html
            assert '<a href="/feed">This page without the rest of its address</a>' in html


class TestAnEvent:
    def test_has_an_address_with_what_changed_and_how_it_was_then(self, changing: Site) -> None:
        last = cursors(page(changing, "/feed?kr=ce-o1-kr1&status=achieved"))[-1]

        html = page(changing, f"/event/{last}")

        assert "Achieved</span> 100 on 7 Jan" in html
        assert re.search(
            r"<dt>status</dt><dd><del>off track</del> → <ins>achieved</ins></dd>", html
        )
        (then,) = re.findall(r'<a href="(/kr/ce-o1-kr1\?at=.*?)">As it was told then</a>', html)
        assert "Achieved" in page(changing, then).partition("</h1>")[0]

    def test_that_there_is_not_is_not_found(self, changing: Site) -> None:
        for cursor in ("999999", "1-deadbeef", "nothing", "0"):
            assert f"There is no event '{cursor}'" in page(changing, f"/event/{cursor}", status=404)


class TestAKeyResultThatWasRemoved:
    def test_says_when_and_how_it_stood_last(self, changing: Site) -> None:
        changing.clock.advance(days=1)
        put(changing, catalogue([RACKS], [key_result("dcim-o1-kr1", RACKS, target=GOAL)]))
        then = changing.clock.now()
        changing.clock.advance(days=1)

        html = page(changing, "/kr/ce-o1-kr1", status=410)

        assert "ce-o1-kr1 was taken out of the mapping files: 20 Jan, 00:00." in html
        assert "✔</span> Achieved</span>: 100 on 19 Jan" in html
        (before,) = re.findall(r'<a href="(/kr/ce-o1-kr1\?at=.*?)">', html)
        assert "As it was told by" in page(changing, before)
        assert page(changing, f"/kr/ce-o1-kr1?at={quote(then.isoformat())}", status=410)
        assert "There is no key result 'ce-o9-kr1'" in page(changing, "/kr/ce-o9-kr1", status=404)

    def test_that_came_back_is_shown(self, changing: Site) -> None:
        both = [key_result(key, RACKS, target=GOAL) for key in ("dcim-o1-kr1", "ce-o1-kr1")]
        put(changing, catalogue([RACKS], both[:1]))
        changing.clock.advance(days=1)
        put(changing, catalogue([RACKS], both))

        assert page(changing, "/kr/ce-o1-kr1")


class TestADayOfThePast:
    PAGES = ("/", "/kr/dcim-o1-kr1", "/dependencies", "/feed", "/hygiene", "/sources")

    def test_can_be_looked_at_on_every_page_and_is_kept_by_its_links(self, changing: Site) -> None:
        for path in self.PAGES:
            html = page(changing, f"{path}?at=2026-01-10")

            assert "As it was told by 10 Jan 2026, 23:59 (America/Los_Angeles)" in html
            nav = re.search(r'<nav aria-label="Pages">.*?</nav>', html, re.DOTALL)
            assert nav is not None
            assert nav[0].count('?at=2026-01-10"') == 6
            assert 'href="?at=2026-01-09" rel="prev"' in html
            assert 'href="?at=2026-01-11" rel="next"' in html
            assert "live.js" not in html

    def test_that_has_not_come_or_is_none_is_refused_on_every_page(self, changing: Site) -> None:
        for path in self.PAGES:
            for at in ("2027-01-01", "yesterday", "2025-12-31"):
                html = page(changing, f"{path}?at={at}", status=400)
                assert f"at: got {at}" in html.replace("'", "")

    def test_is_chosen_among_the_days_of_which_something_is_known(self, changing: Site) -> None:
        html = page(changing, "/hygiene")

        assert f'<input type="range" min="0" max="{DAYS}" value="{DAYS}"' in html
        assert 'name="at" value="" min="2026-01-01" max="2026-01-19"' in html

    def test_leaves_the_rest_of_the_address_as_it_was(self, changing: Site) -> None:
        html = page(changing, "/?team=ce&q=&sort=pace&at=2026-01-10")

        assert '<input type="hidden" name="team" value="ce">' in html
        assert 'href="?team=ce&sort=pace&at=2026-01-09"' in html
        assert 'href="?team=ce&sort=pace">Now</a>' in html

    def test_of_the_sources_shows_nothing_of_today(self, changing: Site) -> None:
        html = page(changing, "/sources?at=2026-01-10")

        assert "How each source stood at a moment of the past is not kept" in html
        assert "Nothing: none had failed by then." in html
