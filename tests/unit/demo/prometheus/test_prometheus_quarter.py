"""The demo's quarter of Prometheus tells the story that it promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from syncd.demo.prometheus import PrometheusSandbox
from syncd.demo.prometheus.quarter import quarter_seed

RATIO = "sum(ztp_success_total) / sum(ztp_attempts_total)"
STOCK = "sum(consumables_out_of_stock)"


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as made:
        yield made


@pytest.fixture(scope="module")
def quarter() -> Iterator[PrometheusSandbox]:
    end = datetime(2026, 4, 1, 7, tzinfo=UTC)
    with PrometheusSandbox(quarter_seed(), lambda: end) as running:
        yield running


def value(client: httpx.Client, quarter: PrometheusSandbox, query: str, time: str) -> float | None:
    form = {"query": query, "time": time}
    answer = client.post(f"{quarter.url}/api/v1/query", data=form)
    result = answer.json()["data"]["result"]
    return float(result[0]["value"][1]) if result else None


@pytest.mark.parametrize(
    ("time", "least", "most"),
    [
        ("2026-01-01T09:00:00-08:00", 0.84, 0.87),
        ("2026-02-01T09:00:00-08:00", 0.92, 0.94),
        ("2026-02-15T09:00:00-08:00", 0.96, 0.965),
        ("2026-03-31T23:00:00-07:00", 0.96, 0.97),
    ],
)
def test_provisioning_reaches_96_percent_in_mid_february(
    time: str,
    least: float,
    most: float,
    client: httpx.Client,
    quarter: PrometheusSandbox,
) -> None:
    found = value(client, quarter, RATIO, time)

    assert found is not None
    assert least <= found <= most


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-01-02T09:00:00-08:00", 0),
        ("2026-01-27T06:00:00-08:00", None),
        ("2026-01-27T12:00:00-08:00", 0),
        ("2026-03-10T09:59:00-07:00", 0),
        ("2026-03-10T10:00:00-07:00", 1),
        ("2026-03-11T10:00:00-07:00", 0),
        ("2026-03-31T23:00:00-07:00", 0),
    ],
)
def test_one_item_runs_out_for_a_day_and_the_exporter_is_gone_for_half_a_day(
    time: str,
    expected: float | None,
    client: httpx.Client,
    quarter: PrometheusSandbox,
) -> None:
    assert value(client, quarter, STOCK, time) == expected


def test_the_same_number_tells_the_same_story() -> None:
    assert quarter_seed(2026) == quarter_seed(2026)
    assert quarter_seed(7) != quarter_seed(2026)
