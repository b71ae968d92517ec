"""Two quarters at once, as people and programs find them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from syncd.intake.closing import close_period
from tests.store.catalogues import START, catalogue, key_result, scanned
from tests.store.state import assess_all
from tests.unit.surfaces.conftest import Site, publish_all, put

SECOND = datetime(2026, 4, 1, 7, tzinfo=UTC)
THIRD = datetime(2026, 7, 1, 7, tzinfo=UTC)
DEVICES = scanned("completeness")
FIRST = catalogue(
    [DEVICES],
    [key_result("dcim-o1-kr1", DEVICES, title="As it was"), key_result("dcim-o1-kr2", DEVICES)],
    period="2026-Q1",
    starts=START,
    ends=SECOND,
)
NEXT = catalogue(
    [DEVICES],
    [key_result("dcim-o1-kr1", DEVICES, title="As it is", start=SECOND, due=THIRD)],
    period="2026-Q2",
    starts=SECOND,
    ends=THIRD,
)


@pytest.fixture
def both(site: Site) -> Site:
    put(site, FIRST, NEXT)
    publish_all(site)
    return site


def begin_the_second(site: Site) -> None:
    site.clock.move_to(SECOND + timedelta(days=1))
    assess_all(site.store, site.clock)


def test_an_id_leads_to_the_newest_period_that_has_begun(both: Site) -> None:
    before = both.client.get("/api/v1/krs/dcim-o1-kr1").json()
    begin_the_second(both)
    after = both.client.get("/api/v1/krs/dcim-o1-kr1").json()

    assert (before["key"], before["id"], before["period"]) == (
        "2026-Q1/dcim-o1-kr1",
        "dcim-o1-kr1",
        "2026-Q1",
    )
    assert after["key"] == "2026-Q2/dcim-o1-kr1"


@pytest.mark.parametrize("later", [False, True])
def test_the_address_with_the_period_is_permanent(both: Site, later: bool) -> None:
    if later:
        begin_the_second(both)

    page = both.client.get("/kr/2026-Q1/dcim-o1-kr1")
    document = both.client.get("/api/v1/krs/2026-Q1/dcim-o1-kr1").json()

    assert "As it was" in page.text
    assert "As it is" not in page.text
    assert document["title"] == "As it was"


def test_a_period_that_has_no_such_id_is_not_found(both: Site) -> None:
    answer = both.client.get("/api/v1/krs/2026-Q2/dcim-o1-kr2")

    assert answer.status_code == 404
    assert "did you mean" in answer.json()["detail"]


def test_a_metric_has_the_id_of_the_newest_and_the_key_of_the_one_in_its_shadow(
    both: Site,
) -> None:
    begin_the_second(both)

    exposition = both.metrics().text

    labels = re.findall(r'syncd_kr_due_timestamp_seconds\{kr="([^"]*)"', exposition)
    assert sorted(labels) == ["2026-Q1/dcim-o1-kr1", "dcim-o1-kr1", "dcim-o1-kr2"]


def test_the_feed_leads_to_permanent_addresses(both: Site) -> None:
    items = both.client.get("/feed.json").json()["items"]

    paths = {item["url"].partition("#")[0] for item in items if "status_changed" in item["tags"]}
    assert len(paths) == 3
    for path in paths:
        assert both.client.get(path).status_code == 200


def close_the_first(site: Site) -> None:
    site.clock.move_to(SECOND + timedelta(days=2))
    publish_all(site)
    close_period(site.store, "2026-Q1", by="Ada", note="as read out", now=site.clock.now())


def keys(site: Site, **asked: str) -> list[str]:
    found = site.client.get("/api/v1/krs", params=asked).json()["key_results"]
    return [one["key"] for one in found]


class TestOnePeriod:
    def test_is_listed_where_it_is_asked_for_else_those_that_are_open(self, both: Site) -> None:
        assert keys(both) == ["2026-Q1/dcim-o1-kr1", "2026-Q1/dcim-o1-kr2"]
        assert keys(both, period="2026-Q2") == ["2026-Q2/dcim-o1-kr1"]
        begin_the_second(both)
        assert len(keys(both)) == 3

    def test_has_roll_ups_of_its_own(self, both: Site) -> None:
        found = both.client.get("/api/v1/rollups", params={"period": "2026-Q2"}).json()["rollups"]

        assert {one["period"] for one in found} == {"2026-Q2"}

    def test_that_there_is_not_is_refused_with_those_there_are(self, both: Site) -> None:
        answer = both.client.get("/api/v1/krs", params={"period": "2026-Q3"})

        assert answer.status_code == 422
        assert "expected one of 2026-Q1, 2026-Q2" in answer.json()["detail"]

    def test_has_a_page_that_leads_to_the_others(self, both: Site) -> None:
        page = both.client.get("/", params={"period": "2026-Q2"}).text

        assert "As it is" in page
        assert "As it was" not in page
        assert 'href="/?period=2026-Q1"' in page


class TestAClosedPeriod:
    def test_says_so_on_its_page_and_on_those_of_its_key_results(self, both: Site) -> None:
        close_the_first(both)
        words = "2026-Q1 was closed on 3 Apr by Ada: as read out."

        company = both.client.get("/", params={"period": "2026-Q1"}).text

        assert words in company
        assert words in both.client.get("/kr/2026-Q1/dcim-o1-kr2").text
        assert words not in both.client.get("/").text

    def test_keeps_what_programs_were_told_of_it(self, both: Site) -> None:
        close_the_first(both)
        told = both.client.get("/api/v1/krs", params={"period": "2026-Q1"}).json()
        both.clock.move_to(SECOND + timedelta(days=30))
        publish_all(both)

        later = both.client.get("/api/v1/krs", params={"period": "2026-Q1"}).json()

        assert later == told
        assert told["key_results"][0]["closed"] == {
            "at": "2026-04-03T07:01:00Z",
            "by": "Ada",
            "note": "as read out",
            "imported": None,
        }
        assert told["key_results"][0]["status"] == "missed"

    def test_has_no_series(self, both: Site) -> None:
        close_the_first(both)

        exposition = both.metrics().text

        assert "2026-Q1" not in exposition
        assert 'kr="dcim-o1-kr1"' in exposition
