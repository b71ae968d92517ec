"""Every query of every panel, variable and annotation of the dashboards, on a real Prometheus that
scrapes a running syncd and evaluates the shipped rules: none errs, none of a panel is empty.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from deploy.grafana.files import HERE, dashboards
from deploy.prometheus.files import HERE as RULES
from tests.peers.process import LOOPBACK, Process, boot
from tests.peers.prometheus import Prometheus

SECONDS = 240.0
"""Patience: the machine that tests run on may be busy with something else."""

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


@pytest.fixture(scope="module")
def prometheus(
    prometheus_server: Callable[..., Prometheus], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """It has scraped the demo for some weeks of its quarter: long enough for a forecast."""
    folder = tmp_path_factory.mktemp("demo")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SYNCD_")}

    def launch(port: int) -> Process:
        words = ["demo", "--minutes", "0.05", "--until", "2026-01-16"]
        argv = [sys.executable, "-m", "syncd", *words, "--listen", f"{LOOPBACK}:{port}"]
        return Process("syncd demo", argv, log=folder / "log", env=environment)

    process, port = boot(launch, is_ready, seconds=SECONDS)
    try:
        server = prometheus_server(
            [{"job_name": "syncd", "static_configs": [{"targets": [f"{LOOPBACK}:{port}"]}]}],
            rules=[RULES / "syncd.rules.yaml"],
        )
        server.wait_for(f'kr:syncd_kr_forecast_chance_ratio:max{{kr="{KR}"}}', seconds=SECONDS)
        yield server
    finally:
        process.stop()


def is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://{LOOPBACK}:{port}/readyz", trust_env=False).is_success
    except httpx.TransportError:
        return False


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
