"""The page of a key result: where its number comes from, as people see it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest

from connectors.base import judge_fingerprint
from syncd.intake.manual import Given, set_number
from syncd.model import Indicator, KeyResult, Target, TargetType
from syncd.store.claims import claim_due
from syncd.store.publish import begin, publish_scan
from tests.store.catalogues import (
    START,
    Answer,
    Named,
    catalogue,
    judged,
    key_result,
    scanned,
)
from tests.store.state import assess_all
from tests.unit.surfaces.composed import DELIVERED, TRACKED, held, publish_sets, put_composed, tell
from tests.unit.surfaces.conftest import Site, put


def page(site: Site, path: str) -> str:
    answer = site.client.get(path)
    assert answer.status_code == 200
    return unescape(answer.text)


def section(html: str, name: str) -> str:
    """A section by its id."""
    found = re.search(rf'<section id="{name}">.*?</section>', html, re.DOTALL)
    assert found is not None, html
    return found[0]


def rows(html: str) -> list[str]:
    """The keys of a table's rows."""
    return re.findall(r"<tr><td><code>(.*?)</code>", html)


@pytest.fixture
def compared(site: Site) -> Site:
    """60 serials were delivered; NetBox has ten of them, one twice, and 55 others."""
    put_composed(site)
    keys = [f"S{number:03}" for number in range(60)]
    publish_sets(
        site,
        [held(key, START) for key in keys],
        [
            *(held(key, START) for key in keys[:10]),
            held("S000", START, by="the other node"),
            *(held(f"X{number:03}", START) for number in range(55)),
        ],
    )
    return site


class TestACoverage:
    def test_shows_the_first_fifty_of_both_missing_lists_and_leads_to_the_rest(
        self, compared: Site
    ) -> None:
        html = page(compared, "/kr/dcim-o2-kr1")
        there, here = section(html, "there"), section(html, "here")

        assert "Missing in serials_in_netbox: 50" in there
        assert rows(there) == [f"S{number:03}" for number in range(10, 60)]
        assert "The rest" not in there
        assert "Missing in delivered_serials: 55" in here
        assert rows(here) == [f"X{number:03}" for number in range(50)]
        assert '"?extra=50#here"' in here

        rest = section(page(compared, "/kr/dcim-o2-kr1?extra=50"), "here")
        assert rows(rest) == [f"X{number:03}" for number in range(50, 55)]
        assert "51 to 55 of 55" in rest
        assert '"?extra=0#here"' in rest

    def test_links_each_key_to_who_holds_it(self, compared: Site) -> None:
        there = section(page(compared, "/kr/dcim-o2-kr1"), "there")

        assert 'href="https://upstream.example.org/holder-of-S010"' in there

    def test_names_keys_that_are_held_twice(self, compared: Site) -> None:
        html = page(compared, "/kr/dcim-o2-kr1")

        assert "Held twice" in html
        assert "the other node" in html

    def test_with_a_side_that_was_never_read_claims_nothing(self, site: Site) -> None:
        put_composed(site)
        tell(site)

        html = page(site, "/kr/dcim-o2-kr1")
        assert "Nothing is missing" not in html
        assert "Everything is there" not in html
        assert "Nothing is known of one of the two sets." in html


class TestACombination:
    def test_shows_its_parts_each_with_its_own_freshness(self, compared: Site) -> None:
        now = compared.clock.now()
        set_number(compared.store, "support_coverage", Given("62 %", by="Ada"), now=now)
        compared.clock.move_to(now + timedelta(hours=2))
        tell(compared)

        html = page(compared, "/kr/dcim-o2-kr2")
        found = re.findall(
            r'<tr><td>([a-z_]+)</td><td>(.*?)</td><td class="n">(.*?)</td>'
            r'<td class="n quiet">(.*?)</td></tr>',
            html,
        )

        assert found == [
            ("delivered_in_netbox", "coverage", "16.7 %", "2 h"),
            ("support_coverage", "Ada, 00:01", "62 %", "2 h"),
        ]
        assert "The smallest of delivered_in_netbox and support_coverage." in html


class TestANumberByHand:
    def test_shows_who_gave_it_when_and_why(self, site: Site) -> None:
        put_composed(site)
        given = Given("62 %", by="Ada <ops>", note="the contract is signed")
        set_number(site.store, "support_coverage", given, now=site.clock.now())
        tell(site)

        html = page(site, "/kr/dcim-o2-kr3")

        assert "Ada <ops>, 00:00: the contract is signed" in html
        assert "Ada <ops>" not in site.client.get("/kr/dcim-o2-kr3").text

    def test_that_nobody_has_given_is_told_as_such(self, site: Site) -> None:
        put_composed(site)
        tell(site)

        html = page(site, "/kr/dcim-o2-kr3")

        assert "A number that a person gives." in html
        assert "There is no reading yet." in html


class TestAMeasuredNumber:
    def test_shows_what_fails_what_it_lacks_and_since_when(self, told: Site) -> None:
        fails = section(page(told, "/kr/dcim-o1-kr1"), "fails")

        assert "What fails: 1" in fails
        assert "<td>serial</td>" in fails
        assert "Number" not in fails
        assert "00:00" in fails

    def test_that_keeps_no_objects_lists_none(self, told: Site) -> None:
        html = page(told, "/kr/dcim-o2-kr3")

        assert 'id="fails"' not in html
        assert "One number that the source answers with." in html


def test_a_set_shows_what_the_last_run_cost(site: Site) -> None:
    put(site, catalogue([DELIVERED, TRACKED], [key_result("dcim-o2-kr4", DELIVERED)]))
    publish_sets(site, [held("A", START)], [])

    assert "<dd>2.3 s, 14 requests, 230 kB</dd>" in page(site, "/kr/dcim-o2-kr4")
    cost = site.client.get("/api/v1/indicators/delivered_serials").json()["cost"]
    assert cost == {
        "seconds": 2.34,
        "requests": 14,
        "bytes_received": 230_400,
        "text": "2.3 s, 14 requests, 230 kB",
    }


def test_metrics_of_what_is_composed_have_no_source(compared: Site) -> None:
    body = compared.metrics().text

    assert (
        'syncd_indicator_value{indicator="delivered_in_netbox",source="",measure="coverage"}'
        in body
    )
    assert '"None"' not in body


@pytest.fixture
def lacking(site: Site) -> Site:
    """60 devices lack a serial, one of them a rack too and one only a rack."""
    scan = scanned("completeness")
    put(
        site,
        catalogue([scan], [key_result("dcim-o1-kr1", scan), waiting_for("dcim-o1-kr1", scan)]),
    )
    now = site.clock.now()
    (claim,) = claim_due(
        site.store, now=now, room={"netbox": 1}, lease_seconds=60, full_every_seconds=86_400
    )
    begin(site.store, claim)
    batch = Answer(
        [
            *judged(now, failing=[f"leaf-{number:02}" for number in range(59)]),
            *judged(now, failing=["SPINE-1"], missing=["serial", 'the "rack"']),
            *judged(now, failing=["spine_2"], missing=['the "rack"']),
        ]
    ).last()
    publish_scan(
        site.store, claim, (judge_fingerprint(Named("complete")),), batch, observed_at=now, now=now
    )
    assess_all(site.store, site.clock)
    return site


def waiting_for(need: str, scan: Indicator) -> KeyResult:
    return key_result("ce-o1-kr1", scan, title="Waits", needs=(need,))


def objects(html: str) -> list[str]:
    """The names in the table of objects."""
    return re.findall(r'<tr><td><a href="https://netbox.example.org/.*?>device (.*?)</a>', html)


class TestTheObjects:
    def test_are_told_with_what_is_missing_and_how_often(self, lacking: Site) -> None:
        html = page(lacking, "/kr/dcim-o1-kr1")

        counts = re.findall(
            r'<a href="\?lacks=.*?#fails">(.*?)</a>.*?<td class="n">(\d+)</td>', html
        )
        assert counts == [("serial", "60"), ('the "rack"', "2")]

    def test_lead_from_what_is_missing_to_those_that_lack_it(self, lacking: Site) -> None:
        html = page(lacking, "/kr/dcim-o1-kr1")
        (serial, rack) = re.findall(r'<a href="(\?lacks=.*?)#fails">', html)

        assert objects(page(lacking, f"/kr/dcim-o1-kr1{rack}")) == ["SPINE-1", "spine_2"]
        assert "What fails: 60" in page(lacking, f"/kr/dcim-o1-kr1{serial}")

    @pytest.mark.parametrize(
        ("name", "found"), [("spine", ["SPINE-1", "spine_2"]), ("_", ["spine_2"]), ("%", [])]
    )
    def test_are_found_by_a_part_of_their_name(
        self, lacking: Site, name: str, found: list[str]
    ) -> None:
        html = page(lacking, f"/kr/dcim-o1-kr1?q={quote(name)}")

        assert objects(html) == found
        assert ("Nothing that fails is like that." in html) == (not found)

    def test_that_were_asked_for_go_on_on_the_next_page(self, lacking: Site) -> None:
        html = page(lacking, "/kr/dcim-o1-kr1?q=leaf&lacks=serial")
        (rest,) = re.findall(r'<a href="(\?offset=50.*?)#fails">', html)

        following = page(lacking, f"/kr/dcim-o1-kr1{rest}")

        assert "51 to 59 of 59." in following
        assert len(objects(following)) == 9

    def test_of_a_comparison_are_found_by_key_or_holder(self, compared: Site) -> None:
        there = section(page(compared, "/kr/dcim-o2-kr1?q=s01"), "there")

        assert rows(there) == [f"S01{number}" for number in range(10)]


class TestTheEdits:
    def test_are_told_with_what_stood_there_before(self, lacking: Site) -> None:
        lacking.clock.advance(days=3)
        scan = scanned("completeness")
        target = Target(TargetType.AT_LEAST, goal=0.9)
        edited = key_result("dcim-o1-kr1", scan, title="Renamed", target=target)
        put(lacking, catalogue([scan], [edited, waiting_for("dcim-o1-kr1", scan)]))

        found = section(page(lacking, "/kr/dcim-o1-kr1"), "edits")

        assert "<b>title</b>: <del>Title of dcim-o1-kr1</del> <ins>Renamed</ins>" in found
        assert "<b>target</b>: <del>at least 100 %</del> <ins>at least 90 %</ins>" in found

    def test_are_not_told_where_there_were_none(self, lacking: Site) -> None:
        assert 'id="edits"' not in page(lacking, "/kr/dcim-o1-kr1")


class TestWhatWaitsForIt:
    def test_is_listed_with_how_it_stands(self, lacking: Site) -> None:
        found = section(page(lacking, "/kr/dcim-o1-kr1"), "dependants")

        assert '<a href="/kr/ce-o1-kr1">Waits</a>' in found
        assert 'id="dependants"' not in page(lacking, "/kr/ce-o1-kr1")

    def test_of_the_past_is_what_waited_then(self, lacking: Site) -> None:
        then = lacking.clock.now()
        lacking.clock.advance(days=3)
        scan = scanned("completeness")
        put(lacking, catalogue([scan], [key_result("dcim-o1-kr1", scan)]))

        assert 'id="dependants"' not in page(lacking, "/kr/dcim-o1-kr1")
        assert "Waits</a>" in page(lacking, f"/kr/dcim-o1-kr1?at={quote(then.isoformat())}")


def test_a_word_that_the_page_does_not_know_is_refused_with_those_it_does(lacking: Site) -> None:
    answer = lacking.client.get("/kr/dcim-o1-kr1?lack=serial")

    assert answer.status_code == 400
    assert "expected one of at, extra, lacks, offset, q" in unescape(answer.text)
