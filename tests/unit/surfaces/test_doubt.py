"""What page, API and metrics say of a number that is not believed."""

from __future__ import annotations

from dataclasses import replace

from connectors.base import Number
from syncd.model import Plausible
from syncd.store.catalogue import put_in_force
from syncd.store.claims import claim_due
from syncd.store.publish import publish_number
from tests.store.catalogues import catalogue, key_result, numbered
from tests.store.state import assess_all
from tests.unit.surfaces.conftest import Site

LOAD = replace(numbered("load"), plausible=Plausible(least=None, high=100, confirm=3))


def read(site: Site, *values: float) -> None:
    put_in_force(
        site.store,
        catalogue([LOAD], [key_result("ops-o1-kr1", LOAD)]),
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=site.clock.now(),
    )
    for value in values:
        (claim,) = claim_due(
            site.store,
            now=site.clock.now(),
            room={"prometheus": 1},
            lease_seconds=60,
            full_every_seconds=86_400,
        )
        publish_number(site.store, claim, Number(value, site.clock.now()), now=site.clock.now())
        assess_all(site.store, site.clock)
        site.clock.advance(minutes=5)


def test_a_doubted_number_stands_on_page_api_and_metrics_beside_the_good_one(site: Site) -> None:
    read(site, 80, 300)

    page = site.client.get("/kr/ops-o1-kr1").text
    assert "<dt>Not believed</dt>" in page
    assert "300, at most 100 is plausible" in page
    assert "syncd accept ops-o1-kr1" in page
    told = site.client.get("/api/v1/krs/ops-o1-kr1").json()
    assert (told["value"], told["doubt"]) == (80, "range")
    found = told["evidence"]["quarantine"]
    assert (found["value"], found["last_good"], found["missing"]) == (300, 80, 3)
    (line,) = [
        one
        for one in site.metrics().text.splitlines()
        if one.startswith("syncd_indicator_quarantined{")
    ]
    assert line.endswith(" 1.0")


def test_what_is_believed_is_shown_without_a_doubt(site: Site) -> None:
    read(site, 80)

    assert "Not believed" not in site.client.get("/kr/ops-o1-kr1").text
    told = site.client.get("/api/v1/krs/ops-o1-kr1").json()
    assert (told["doubt"], told["evidence"]["quarantine"]) == (None, None)


def test_what_cannot_be_is_shown_without_a_way_to_accept_it(site: Site) -> None:
    read(site, 80, float("inf"))

    page = site.client.get("/kr/ops-o1-kr1").text
    assert "what was read is no finite number" in page
    assert "syncd accept" not in page
    found = site.client.get("/api/v1/indicators/load").json()["quarantine"]
    assert (found["kind"], found["value"], found["missing"]) == ("impossible", None, None)
