"""Where a value lands is shown with its interval; where nothing can be said, why not."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from syncd.model import Target, TargetType
from syncd.store.manual import record_manual
from tests.store.catalogues import by_hand, catalogue, key_result
from tests.store.state import assess_all
from tests.unit.surfaces.conftest import Site, put
from tests.unit.surfaces.test_metrics import samples

YEAR = timedelta(days=365)
RACKS, NOTHING = by_hand("racks", stale_after=YEAR), by_hand("nothing", stale_after=YEAR)
GOAL = Target(TargetType.AT_LEAST, goal=90.0)
WANDERING = (1.0, -2.0, 2.0, -1.0, 0.0)


@pytest.fixture
def under_way(site: Site) -> Site:
    """Half a quarter of daily readings that rise by 0.8 a day, with some up and down, of 1 wanted;
    and a key result of which nothing was read.
    """
    put(
        site,
        catalogue(
            [RACKS, NOTHING],
            [
                key_result("dcim-o1-kr1", RACKS, target=GOAL),
                key_result("dcim-o1-kr2", NOTHING, target=GOAL),
            ],
        ),
    )
    for day in range(45):
        site.clock.advance(days=1)
        now = site.clock.now()
        value = 0.8 * (day + 1) + WANDERING[day % 5]
        record_manual(site.store, "racks", value, note=None, by="Ada", at=now, now=now)
    assess_all(site.store, site.clock)
    return site


def api(site: Site, key: str) -> Any:
    return site.client.get(f"/api/v1/krs/{key}").json()


def test_the_api_tells_the_landing_value_its_interval_its_day_and_the_chance(
    under_way: Site,
) -> None:
    found = api(under_way, "dcim-o1-kr1")

    forecast = found["forecast"]
    assert forecast["low"] < forecast["middle"] < forecast["high"] < 90
    assert forecast["middle"] == pytest.approx(72, abs=3)
    assert forecast["lands_at"] > found["due_at"]
    assert 0 < forecast["chance"] < 0.5
    assert forecast["readings"] >= 28
    assert re.match(r"7\d(\.\d)? \(.* to .*\) on 31 Mar; the goal on ", found["forecast_text"])


def test_of_what_nothing_is_known_nothing_is_forecast(under_way: Site) -> None:
    found = api(under_way, "dcim-o1-kr2")

    assert found["forecast"] is None
    page = under_way.client.get("/kr/dcim-o1-kr2").text
    assert 'drawn-cone"><path' not in page
    assert "fan:" not in page


def test_metrics_are_of_what_is_forecast_only(under_way: Site) -> None:
    forecast = api(under_way, "dcim-o1-kr1")["forecast"]
    body = under_way.metrics().text

    labels = ("dcim-o1-kr1", "dcim-o1", "dcim")
    for name, value in (
        ("value", forecast["middle"]),
        ("low_value", forecast["low"]),
        ("high_value", forecast["high"]),
        ("chance_ratio", forecast["chance"]),
    ):
        assert samples(body, f"syncd_kr_forecast_{name}") == {labels: pytest.approx(value)}
    lands = samples(body, "syncd_kr_forecast_landing_timestamp_seconds")[labels]
    assert lands > samples(body, "syncd_kr_due_timestamp_seconds")[labels]


def test_the_page_says_it_and_draws_it_from_now_on_to_the_due_date(under_way: Site) -> None:
    forecast = api(under_way, "dcim-o1-kr1")["forecast"]
    page = under_way.client.get("/kr/dcim-o1-kr1").text

    assert "<dt>Forecast</dt><dd>7" in page
    assert "fan: where it lands in eight of ten cases" in page
    label = re.search(r">(7[\d.]+ \([\d.]+–[\d.]+\))</text>", page)
    assert label is not None, "where it lands, and between which two"
    (points,) = re.findall(r'drawn-cone"><path d="M(.*?)Z"', page)
    (now, _), (due, _), (last, _), _ = (
        tuple(float(number) for number in point.split(",")) for point in points.split("L")
    )
    assert now == pytest.approx(360, abs=1)
    assert due == last == 720
    assert float(label[1].partition(" ")[0]) == pytest.approx(forecast["middle"], abs=0.1)


def test_what_reaches_its_goal_before_its_due_date_is_drawn_to_that_day_and_level_from_there(
    under_way: Site,
) -> None:
    sooner = Target(TargetType.AT_LEAST, goal=50.0)
    put(under_way, catalogue([RACKS], [key_result("dcim-o1-kr1", RACKS, target=sooner)]))
    assess_all(under_way.store, under_way.clock)
    found = api(under_way, "dcim-o1-kr1")
    begins, now, due = (
        datetime.fromisoformat(moment)
        for moment in (found["starts_at"], under_way.clock.now().isoformat(), found["due_at"])
    )
    lands = datetime.fromisoformat(found["forecast"]["lands_at"])

    page = under_way.client.get("/kr/dcim-o1-kr1").text

    (middle,) = re.findall(r'drawn-middle"><path d="M(.*?)"', page)
    points = [tuple(map(float, point.split(","))) for point in middle.split("L")]
    assert now < lands < due
    assert points[1][0] == pytest.approx(720 * ((lands - begins) / (due - begins)), abs=2)
    assert points[0][1] > points[1][1] == points[2][1]
    (fan,) = re.findall(r'drawn-cone"><path d="M(.*?)Z"', page)
    edges = [tuple(map(float, point.split(","))) for point in fan.split("L")]
    then = [y for x, y in edges if x == pytest.approx(points[1][0], abs=0.1)]
    assert len(then) == 2
    assert min(then) <= points[1][1] <= max(then), "the fan has the middle in it"


def test_after_the_due_date_nothing_is_drawn_ahead(under_way: Site) -> None:
    under_way.clock.advance(days=60)
    assess_all(under_way.store, under_way.clock)

    assert 'drawn-cone"><path' not in under_way.client.get("/kr/dcim-o1-kr1").text
