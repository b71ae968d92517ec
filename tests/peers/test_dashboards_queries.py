"""Every query of every panel, variable and annotation of the dashboards, on a real Prometheus that
scrapes syncd's server and evaluates the shipped rules: none errs, none of a panel is empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.base import Exchange
from deploy.grafana.files import HERE, dashboards
from deploy.prometheus.files import HERE as RULES
from syncd.measuring import RunReport
from syncd.model import Target, TargetType
from syncd.store.manual import record_manual
from syncd.store.outbox import register
from tests.peers.prometheus import Prometheus
from tests.store.catalogues import START, by_hand, catalogue, key_result, scanned
from tests.store.state import assess_all
from tests.unit.surfaces.conftest import Site, publish_all, put, served

pytestmark = pytest.mark.peers

BOARDS = {path.stem: json.loads(text) for path, text in dashboards().items() if path.parent == HERE}
KR = "dcim-o1-kr1"
CHOSEN = {
    "$team": ".*",
    "$objective": ".*",
    "$source": ".*",
    "$kr": KR,
    "$__rate_interval": "1m",
    "$__interval": "5s",
}
GOAL = Target(TargetType.AT_LEAST, goal=70.0)
RACKS, SCAN = by_hand("racks", stale_after=timedelta(days=365)), scanned("completeness")


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """It has scraped a syncd before and after half a quarter was read: a key result on its line with
    a forecast, one that is measured in NetBox and fails, and letters that wait.
    """
    with served(tmp_path_factory.mktemp("dashboards")) as site:
        krs = [key_result(KR, RACKS, target=GOAL), key_result("dcim-o1-kr2", SCAN)]
        put(site, catalogue([RACKS, SCAN], krs, period="2026-Q1", starts=START))
        register(site.store, ["webhook:ops"], site.clock.now())
        address = str(site.client.base_url).removeprefix("http://")
        with Prometheus(
            [{"job_name": "syncd", "static_configs": [{"targets": [address]}]}],
            rules=[RULES / "syncd.rules.yaml"],
        ) as server:
            server.wait_for(f'kr:syncd_kr_status:max{{kr="{KR}", status="no_data"}} == 1')
            read_half_a_quarter(site)
            server.wait_for(f'kr:syncd_kr_forecast_chance_ratio:max{{kr="{KR}"}}')
            server.wait_for("rate(syncd_runs_total[1m])")
            yield server


def read_half_a_quarter(site: Site) -> None:
    for day in range(45):
        site.clock.advance(days=1)
        now = site.clock.now()
        value = 0.8 * (day + 1) + (day % 3 - 1)
        record_manual(site.store, "racks", value, note=None, by="Ada", at=now, now=now)
    publish_all(site)
    site.instruments.exchanged(Exchange("netbox", "GET", "/", 200, None, 0.1, 9, 2))
    site.instruments.ran(RunReport("netbox", SCAN.fingerprint, full=True, objects=4, seconds=1.0))
    assess_all(site.store, site.clock)


def filled(text: str) -> str:
    """A query as Grafana sends it, with everything chosen."""
    for name, value in CHOSEN.items():
        text = text.replace(name, value)
    assert "$" not in text, f"a variable that this test does not know: {text}"
    return text


def queries(board: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield f"{panel['title']} {target['refId']}", filled(target["expr"])


@pytest.mark.parametrize("name", BOARDS)
def test_no_query_of_a_panel_errs_or_is_empty(prometheus: Prometheus, name: str) -> None:
    empty = [title for title, expr in queries(BOARDS[name]) if not prometheus.query(expr)]

    assert empty == []


@pytest.mark.parametrize("name", BOARDS)
def test_no_choice_of_a_variable_is_empty(prometheus: Prometheus, name: str) -> None:
    for variable in BOARDS[name]["templating"]["list"]:
        if variable["type"] == "datasource":
            continue
        inside = variable["query"].removeprefix("label_values(").removesuffix(")")
        series, _, label = filled(inside).rpartition(", ")
        found = prometheus.query(f"count by ({label}) ({series})")
        assert {one["metric"].get(label) for one in found} - {None, ""}, variable["name"]


def test_the_marks_of_a_key_result_are_moments_at_which_something_began(
    prometheus: Prometheus,
) -> None:
    for annotation in BOARDS["key-result"]["annotations"]["list"]:
        assert isinstance(prometheus.query(filled(annotation["expr"])), list)
    (status,) = [
        one for one in BOARDS["key-result"]["annotations"]["list"] if one["name"] == "Status"
    ]
    began = filled(status["expr"])

    assert prometheus.wait_for(f"last_over_time(({began})[10m:1s])")


def test_a_table_has_one_row_for_each_key_result(prometheus: Prometheus) -> None:
    (table,) = [one for one in BOARDS["okr-overview"]["panels"] if one["title"] == "Key results"]
    told = prometheus.query("count(max by (kr) (syncd_kr_info))")

    for target in table["targets"]:
        rows = [one["metric"]["kr"] for one in prometheus.query(filled(target["expr"]))]
        assert len(rows) == len(set(rows)), target["expr"]
    assert len(rows) == int(told[0]["value"][1])
