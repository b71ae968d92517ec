"""The queries of the guide have an answer on a real Prometheus that holds what syncd served."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Exchange
from syncd.store.manual import record_manual
from syncd.surfaces.metrics.family import END
from tests.peers.prometheus import Prometheus
from tests.store.catalogues import START, by_hand, catalogue, key_result, scanned
from tests.store.state import assess_all
from tests.unit.surfaces.conftest import Site, publish_all, put
from tests.unit.surfaces.conftest import site as site
from tests.unit.surfaces.test_forecasts_shown import GOAL, WANDERING, YEAR

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "promql.md"
QUERIES = re.findall(r"```promql\n(.*?)```", GUIDE.read_text(), re.DOTALL)
OPENMETRICS = "application/openmetrics-text; version=1.0.0"
DAYS = 44


def served(site: Site) -> tuple[datetime, str]:
    """What a scrape finds at this moment."""
    return site.clock.now(), site.metrics(Accept=OPENMETRICS).text


def planted(scrapes: list[tuple[datetime, str]]) -> str:
    """The samples of all scrapes, each at its moment, as OpenMetrics that Prometheus can take in."""
    lines = [
        f"{line} {at.timestamp()}"
        for at, body in scrapes
        for line in body.splitlines()
        if not line.startswith("#")
    ]
    return "\n".join(lines) + "\n" + END.decode()


def ask_the_source(site: Site) -> None:
    """One exchange that went well, and one that did not."""
    for error_type in (None, "timed_out"):
        site.instruments.exchanged(
            Exchange("netbox", "GET", "/api/", 200, error_type, 0.1, 100, attempt=1)
        )


@pytest.fixture
def history(site: Site) -> list[tuple[datetime, str]]:
    """Scrapes of a key result that rises too slowly and one of a scan, over the last week."""
    racks, complete = by_hand("racks", stale_after=YEAR), scanned("completeness")
    put(
        site,
        catalogue(
            [racks, complete],
            [
                key_result("dcim-o1-kr1", racks, target=GOAL, title='Racks "by hand"'),
                key_result("dcim-o1-kr2", complete),
            ],
            period="2026-Q1",
            starts=START,
        ),
    )
    scrapes = []
    for day in range(DAYS):
        site.clock.advance(days=1)
        now = site.clock.now()
        value = 0.6 * (day + 1) + WANDERING[day % 5]
        record_manual(site.store, "racks", value, note=None, by="Ada", at=now, now=now)
        assess_all(site.store, site.clock)
        if day == DAYS - 7:
            scrapes.append(served(site))
    # A query that looks back a week finds the first scrape, if it is not older than minutes then.
    site.clock.move_to(scrapes[0][0] + timedelta(days=7, minutes=-40))
    publish_all(site)
    ask_the_source(site)
    site.clock.advance(minutes=20)
    scrapes.append(served(site))
    ask_the_source(site)
    site.clock.advance(minutes=20)
    assess_all(site.store, site.clock)
    scrapes.append(served(site))
    return scrapes


def test_every_query_of_the_guide_has_an_answer(
    history: list[tuple[datetime, str]], prometheus_server: Callable[..., Prometheus]
) -> None:
    server = prometheus_server(history=planted(history))
    now = history[-1][0]

    found: dict[str, Any] = {query: server.query(query, at=now) for query in QUERIES}

    assert len(QUERIES) >= 10
    assert [query for query, result in found.items() if not result] == []


def test_titles_come_to_a_table_by_the_join(
    history: list[tuple[datetime, str]], prometheus_server: Callable[..., Prometheus]
) -> None:
    server = prometheus_server(history=planted(history))
    (join,) = (query for query in QUERIES if "group_left" in query)

    (row,) = server.query(join, at=history[-1][0])

    assert row["metric"] == {"kr": "dcim-o1-kr1", "title": 'Racks "by hand"', "owner": "Lead"}
