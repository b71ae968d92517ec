"""What an edited mapping file does to what is shown."""

from __future__ import annotations

from datetime import timedelta

from syncd.model import Target, TargetType
from tests.store.catalogues import DUE, START, catalogue, key_result, scanned
from tests.unit.surfaces.conftest import Site, publish_all, put

DEVICES = scanned("completeness")


def test_the_line_of_the_days_before_an_edit_stays_as_it_was(site: Site) -> None:
    soon = START + timedelta(days=30)
    put(site, catalogue([DEVICES], [key_result("dcim-o1-kr1", DEVICES, due=soon)]))
    publish_all(site)
    site.clock.move_to(START + timedelta(days=15.5))
    more_time = key_result("dcim-o1-kr1", DEVICES, target=Target(TargetType.AT_LEAST, goal=1.0))
    put(site, catalogue([DEVICES], [more_time]))
    publish_all(site)

    document = site.client.get("/api/v1/krs/dcim-o1-kr1").json()

    line = [(one["at"], one["ratio"]) for one in document["expected_line"]]
    edited = START + timedelta(days=15)
    assert line == [
        (f"{START:%Y-%m-%dT%H:%M:%SZ}", 0.0),
        (f"{edited:%Y-%m-%dT%H:%M:%SZ}", 0.5),
        (f"{DUE:%Y-%m-%dT%H:%M:%SZ}", 1.0),
    ]
    assert document["expected"] > 0.5
