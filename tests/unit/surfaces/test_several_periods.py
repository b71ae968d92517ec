"""Two quarters at once, as people and programs find them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

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

    exposition = both.client.get("/metrics").text

    labels = re.findall(r'syncd_kr_due_timestamp_seconds\{kr="([^"]*)"', exposition)
    assert sorted(labels) == ["2026-Q1/dcim-o1-kr1", "dcim-o1-kr1", "dcim-o1-kr2"]


def test_the_feed_leads_to_permanent_addresses(both: Site) -> None:
    items = both.client.get("/feed.json").json()["items"]

    paths = {item["url"].partition("#")[0] for item in items if "kr.status" in item["tags"]}
    assert len(paths) == 3
    for path in paths:
        assert both.client.get(path).status_code == 200
