"""What a Prometheus server reads."""

from __future__ import annotations

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as text_format

from syncd.model import Status
from tests.peers.prometheus import promtool_check_metrics
from tests.unit.surfaces.conftest import HOSTILE, Site


def samples(body: str, name: str) -> dict[tuple[str, ...], float]:
    return {
        tuple(v for _, v in sorted(sample.labels.items())): sample.value
        for family in text_format(body)
        for sample in family.samples
        if sample.name == name
    }


def test_promtool_has_nothing_against_the_exposition(told: Site) -> None:
    assert promtool_check_metrics(told.metrics().text) == []


def test_openmetrics_is_served_to_who_asks_for_it(told: Site) -> None:
    answer = told.metrics(Accept="application/openmetrics-text; version=1.0.0")

    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    families = {family.name for family in openmetrics(answer.text)}  # type: ignore[no-untyped-call]
    assert {"syncd_kr_status", "syncd_kr", "syncd_runs"} <= families


def test_a_scraper_that_takes_gzip_gets_it(told: Site) -> None:
    answer = told.metrics(**{"Accept-Encoding": "gzip"})

    assert answer.headers["content-encoding"] == "gzip"
    assert "syncd_kr_status" in answer.text


def test_exactly_one_status_holds_of_each_key_result(told: Site) -> None:
    body = told.metrics().text

    found = samples(body, "syncd_kr_status")
    assert len(found) == 2 * len(Status)
    assert sum(found.values()) == 2
    assert found["dcim-o2-kr3", "dcim-o2", Status.NO_DATA.value, "dcim"] == 1


def test_what_is_unknown_has_no_series(told: Site) -> None:
    body = told.metrics().text

    for name in ("syncd_kr_value", "syncd_kr_progress_ratio"):
        assert samples(body, name) == {("dcim-o1-kr1", "dcim-o1", "dcim"): 0.75}
    assert list(samples(body, "syncd_indicator_value").values()) == [0.75]


def test_texts_of_a_key_result_stand_in_an_info_metric(told: Site) -> None:
    (family,) = (f for f in text_format(told.metrics().text) if f.name == "syncd_kr_info")

    assert {sample.labels["title"] for sample in family.samples} == {
        HOSTILE,
        "Title of dcim-o2-kr3",
    }
