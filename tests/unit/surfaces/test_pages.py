"""The pages beside the company's: sources, hygiene, dependencies; and pictures for other pages."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from connectors.base import Unreachable
from syncd.model import External, ExternalState, KeyResult
from syncd.store.catalogue import put_in_force
from syncd.store.circuits import FAILURES, count_failure
from syncd.store.claims import claim_due
from syncd.store.publish import record_failure
from tests.store.catalogues import catalogue, covering, key_result, keyed, numbered, scanned
from tests.store.state import say_state
from tests.unit.surfaces.conftest import HOSTILE, Site, publish_all, put

SCAN, NUMBER = scanned("completeness"), numbered("out_of_stock")
FINDING = {
    "rule": "no-owner",
    "severity": "warning",
    "title": "A key result without an owner",
    "subject": "kr:/dcim-o1-kr1",
    "file": "dcim.yaml",
    "line": 8,
    "path": "objectives[0].key_results[0]",
    "says": f"dcim-o1-kr1 has no owner {HOSTILE}",
    "fix": "owner: a person or a role",
    "others": [],
}


def page(site: Site, path: str) -> str:
    answer = site.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert 0 < answer.text.count("<script") == answer.text.count('<script src="/static/')
    return answer.text


class TestSources:
    def test_a_source_that_answers_says_when_it_was_read(self, told: Site) -> None:
        html = page(told, "/sources")

        assert "Answers; read 60 s ago" in html
        assert '<a href="/api/v1/indicators/completeness">completeness</a>' in html

    def test_one_that_fails_says_why_in_plain_words_and_since_when(self, told: Site) -> None:
        told.clock.advance(hours=1)
        now = told.clock.now()
        (claim,) = claim_due(
            told.store, now=now, room={"netbox": 1}, lease_seconds=60, full_every_seconds=86_400
        )
        record_failure(told.store, claim, Unreachable("netbox: <b>refused</b>"), now=now)

        html = page(told, "/sources")

        assert "1 of 1 queries fail, since 01:01" in html
        assert "NetBox cannot be reached." in html
        assert "netbox: &lt;b&gt;refused&lt;/b&gt; (1 try)" in html

    def test_one_that_is_left_alone_says_until_when(self, told: Site) -> None:
        down = Unreachable("netbox: refused", retry_after_seconds=5400.0)
        now = told.clock.now()
        with told.store.write() as connection:
            for _ in range(FAILURES):
                count_failure(told.store, connection, "netbox", "another", down, now)
        told.clock.advance(hours=1)
        assert (
            claim_due(
                told.store,
                now=told.clock.now(),
                room={"netbox": 1},
                lease_seconds=60,
                full_every_seconds=86_400,
            )
            == []
        )

        html = page(told, "/sources")

        assert "1 of 1 queries fail, since 01:01; left alone until 01:31" in html

    def test_a_query_without_a_name_leads_to_the_key_results_that_read_it(self, site: Site) -> None:
        all_of, inside = keyed("all", scope="devices"), keyed("inside", scope="targets")
        unnamed = [replace(each, name=None) for each in (all_of, inside)]
        whole = covering("whole", all_of, inside)
        put(site, catalogue([*unnamed, whole], [key_result("dcim-o1-kr1", whole)]))

        html = page(site, "/sources")

        assert html.count('<a href="/kr/dcim-o1-kr1">dcim-o1-kr1</a>') == 2

    def test_before_any_mapping_nothing_is_read(self, site: Site) -> None:
        assert "no mapping files are in force" in page(site, "/sources")


class TestHygiene:
    @pytest.fixture
    def found(self, site: Site) -> Site:
        put_in_force(
            site.store,
            catalogue([SCAN], [key_result("dcim-o1-kr1", SCAN)]),
            interval_of=lambda _: 300.0,
            link_of=lambda _: None,
            now=site.clock.now(),
            findings=[FINDING, {**FINDING, "severity": "error", "title": "Two dates for one"}],
        )
        return site

    def test_every_finding_has_its_place_and_what_mends_it(self, found: Site) -> None:
        html = page(found, "/hygiene")

        assert "<strong>2 things</strong>" in html
        assert "dcim.yaml:8 objectives[0].key_results[0]" in html
        assert "Fix: owner: a person or a role" in html
        assert '<a href="/kr/dcim-o1-kr1">' in html
        assert HOSTILE not in html

    def test_what_cannot_both_be_so_comes_first(self, found: Site) -> None:
        html = page(found, "/hygiene")

        assert html.index("Two dates for one") < html.index("A key result without an owner")

    def test_files_that_leave_nothing_open_are_said_to(self, told: Site) -> None:
        assert "Nothing is left open in the mapping files." in page(told, "/hygiene")


class TestDependencies:
    @pytest.fixture
    def waiting(self, site: Site) -> Site:
        """kr3 needs kr2, which needs what is outside; kr4 needs kr1, which is there."""
        scan = SCAN
        made: list[KeyResult] = [
            key_result("dcim-o1-kr1", scan),
            key_result("dcim-o1-kr2", NUMBER, needs=("external:optics",)),
            key_result("dcim-o1-kr3", scan, needs=("dcim-o1-kr2",)),
            key_result("dcim-o1-kr4", scan, needs=("dcim-o1-kr1",), title=HOSTILE),
        ]
        put(site, catalogue([scan, NUMBER], made, [External("optics", "Optics arrive")]))
        now = site.clock.now()
        say_state(site.store, "optics", ExternalState.SLIPPED, now)
        publish_all(site)
        return site

    def test_all_that_waits_is_drawn_and_listed(self, waiting: Site) -> None:
        html = page(waiting, "/dependencies")

        assert html.count("<foreignObject") == 5
        assert html.count('<path class="edge') == 3
        assert html.count("</foreignObject>") == 5
        assert "Optics arrive" in html
        assert HOSTILE not in html

    def test_the_critical_path_of_who_is_asked_for_is_marked_to_its_end(
        self, waiting: Site
    ) -> None:
        html = page(waiting, "/dependencies?kr=dcim-o1-kr3")

        assert "The critical path of dcim-o1-kr3" in html
        assert html.count('class="edge critical"') == 2
        assert "hangs on" in html
        assert html.index("Title of dcim-o1-kr2") < html.rindex("Optics arrive")

    def test_one_that_waits_for_nothing_is_said_to(self, waiting: Site) -> None:
        assert "Title of dcim-o1-kr1 waits for nothing." in page(
            waiting, "/dependencies?kr=dcim-o1-kr1"
        )

    def test_an_unknown_one_is_refused_with_its_neighbour(self, waiting: Site) -> None:
        answer = waiting.client.get("/dependencies?kr=dcim-o1-kr33")

        assert answer.status_code == 404
        assert "did you mean dcim-o1-kr3" in answer.text

    def test_an_unknown_parameter_is_refused_as_a_page(self, waiting: Site) -> None:
        answer = waiting.client.get("/dependencies?of=dcim-o1-kr3")

        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith("text/html")

    def test_where_nothing_waits_that_is_said(self, told: Site) -> None:
        assert "Nothing waits for anything." in page(told, "/dependencies")


class TestPictures:
    @pytest.mark.parametrize("kind", ["badge", "card"])
    def test_it_is_an_image_with_title_and_status_and_nothing_that_runs(
        self, told: Site, kind: str
    ) -> None:
        answer = told.client.get(f"/{kind}/dcim-o1-kr1.svg")

        assert answer.headers["content-type"] == "image/svg+xml"
        root = ET.fromstring(answer.text)  # noqa: S314
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert tags <= {"svg", "title", "rect", "path", "g", "text", "tspan"}
        assert HOSTILE in (root.findtext("{http://www.w3.org/2000/svg}title") or "")

    def test_unknown_is_not_coloured_as_good_or_bad(self, told: Site) -> None:
        answer = told.client.get("/badge/dcim-o2-kr3.svg")

        assert "? no data" in answer.text
        assert 'fill="#676c78"' in answer.text

    def test_marks_that_turn_the_text_around_are_left_out(self, site: Site) -> None:
        put(site, catalogue([SCAN], [key_result("dcim-o1-kr1", SCAN, title="a\u202eb\x07c")]))

        assert "abc" in site.client.get("/badge/dcim-o1-kr1.svg").text

    def test_who_has_it_already_gets_nothing(self, told: Site) -> None:
        tag = told.client.get("/card/dcim-o1-kr1.svg").headers["etag"]

        again = told.client.get("/card/dcim-o1-kr1.svg", headers={"If-None-Match": tag})

        assert (again.status_code, again.content) == (304, b"")

    def test_an_unknown_one_is_not_found(self, told: Site) -> None:
        assert told.client.get("/badge/nobody.svg").status_code == 404
