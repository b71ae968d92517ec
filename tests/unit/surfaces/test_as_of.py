"""`?at=`: the API and the pages as they were at a moment of the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.intake.adjusting import GivenAdjustment, adjust
from tests.store.catalogues import START, catalogue, key_result, scanned
from tests.store.state import assess_all
from tests.unit.surfaces.conftest import Site, publish_all, put

DEVICES = scanned("completeness")
THEN = "at=2026-01-01T12:00Z"


@pytest.fixture
def later(site: Site) -> Site:
    """A key result of the first day, which was renamed on the third and overridden on the fourth,
    and another one that was taken out on the third.
    """
    first = key_result("dcim-o1-kr1", DEVICES, title="First")
    put(site, catalogue([DEVICES], [first, key_result("dcim-o1-kr2", DEVICES, title="Second")]))
    publish_all(site)
    site.clock.move_to(START + timedelta(days=2))
    put(site, catalogue([DEVICES], [replace(first, title="Renamed")]))
    publish_all(site)
    site.clock.move_to(START + timedelta(days=3))
    words = GivenAdjustment("override", "we know better", "Ada", "2026-02-01", "off_track")
    adjust(site.store, "dcim-o1-kr1", words, now=site.clock.now())
    assess_all(site.store, site.clock)
    return site


def got(site: Site, address: str) -> Any:
    answer = site.client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_key_results_are_those_of_then(later: Site) -> None:
    then, now = got(later, f"/api/v1/krs?{THEN}"), got(later, "/api/v1/krs")

    assert [one["title"] for one in then["key_results"]] == ["First", "Second"]
    assert {one["overridden"] for one in then["key_results"]} == {None}
    assert (then["as_of"], then["reconstructed"]) == ("2026-01-01T12:00:00Z", False)
    assert [(one["title"], one["status"]) for one in now["key_results"]] == [
        ("Renamed", "off_track")
    ]
    assert "as_of" not in now


def test_one_that_is_gone_has_its_evidence_and_what_people_said_of_then(later: Site) -> None:
    found = got(later, f"/api/v1/krs/dcim-o1-kr2?{THEN}")

    assert found["evidence"]["value"] == 0.75
    assert found["evidence"]["objects_text"] == (
        "the objects are as they are known today of that moment"
    )
    assert found["evidence"]["key_results"] == ["dcim-o1-kr1", "dcim-o1-kr2"]
    assert later.client.get("/api/v1/krs/dcim-o1-kr2").status_code == 404
    assert got(later, f"/api/v1/krs/dcim-o1-kr1/adjustments?{THEN}")["adjustments"] == []
    assert len(got(later, "/api/v1/krs/dcim-o1-kr1/adjustments?at=2026-01-04")["adjustments"]) == 1


def test_one_that_was_not_there_yet_is_not_found_then(later: Site) -> None:
    put(later, catalogue([DEVICES], [key_result("dcim-o1-kr7", DEVICES)]))

    answer = later.client.get(f"/api/v1/krs/dcim-o1-kr7?{THEN}")

    assert answer.status_code == 404
    assert "there was no key result 'dcim-o1-kr7' at 2026-01-01T12:00:00Z" in answer.text


def test_pages_show_then_say_so_and_lead_on_at_the_same_moment(later: Site) -> None:
    page = later.client.get(f"/?{THEN}").text
    detail = later.client.get(f"/kr/dcim-o1-kr2?{THEN}").text

    assert "As it was told by 1 Jan 2026, 04:00 (America/Los_Angeles)" in page
    assert "Second" in page
    assert "we know better" not in page
    assert "/kr/dcim-o1-kr2?at=2026-01-01T12%3A00%3A00%2B00%3A00" in page
    assert "Second" in detail
    assert "As it was told by" not in later.client.get("/").text


@pytest.mark.parametrize(
    ("at", "status", "expected"),
    [
        ("2025-12-31", 422, "expected a moment since 1 Jan 2026, 00:00 (America/Los_Angeles)"),
        ("2999-01-01", 422, "of the past"),
        ("2026-02-30", 422, "expected a day (2026-02-15) or a moment"),
        ("soon", 400, "expected a day (2026-02-15) or a moment"),
        ("", 400, "expected a day (2026-02-15) or a moment"),
    ],
)
@pytest.mark.parametrize("path", ["krs", "krs/dcim-o1-kr1", "rollups", "externals"])
def test_a_moment_that_cannot_be_told_is_a_problem(
    later: Site, path: str, at: str, status: int, expected: str
) -> None:
    answer = later.client.get(f"/api/v1/{path}", params={"at": at})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith(f"at: got {at!r}; ")
    assert expected in answer.json()["detail"]


def test_what_is_reconstructed_says_so_and_does_not_repeat_what_was_told(later: Site) -> None:
    found = got(later, f"/api/v1/krs?{THEN}&reconstructed=true")

    assert found["reconstructed"] is True
    assert [(one["status"], one["value"]) for one in found["key_results"]] == [("no_data", None)]
    assert "told at the time and not rebuilt" in found["key_results"][0]["reason"]
    refused = later.client.get("/api/v1/krs?reconstructed=true")
    assert refused.status_code == 422
