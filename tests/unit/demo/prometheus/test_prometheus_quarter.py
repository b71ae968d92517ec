"""The demo's quarter of Prometheus: the moments that no key result promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from syncd.demo.prometheus import PrometheusSandbox
from syncd.demo.prometheus.quarter import quarter_seed
from tests.plain import NO_TLS

STOCK = "sum(consumables_out_of_stock)"
BUFFALO = 'min(probe_success{job="buffalo-365dc"})'
STACKS = "count(cluster_stack_info) - count(cluster_active)"
UNROUTED = 'count(alert_rule_info{team="net", receiver=""})'


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, verify=NO_TLS) as made:
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
    ("query", "time", "expected"),
    [
        (STOCK, "2026-01-02T09:00:00-08:00", 0),
        (STOCK, "2026-01-27T06:00:00-08:00", None),  # the exporter is gone for half a day
        (STOCK, "2026-01-27T12:00:00-08:00", 0),
        (STOCK, "2026-03-10T09:54:00-07:00", 0),
        (STOCK, "2026-03-10T10:00:00-07:00", 1),  # one item runs out for a day
        (STOCK, "2026-03-11T10:00:00-07:00", 0),
        (BUFFALO, "2026-03-03T09:54:00-08:00", 0),
        (BUFFALO, "2026-03-03T18:00:00-08:00", 1),
        (BUFFALO, "2026-03-04T18:00:00-08:00", 0),  # it did not last a day
        (BUFFALO, "2026-03-06T18:00:00-08:00", 1),
        (STACKS, "2026-02-20T18:00:00-08:00", 0),  # each cluster is on one stack
        (UNROUTED, "2026-03-31T18:00:00-07:00", None),
    ],
)
def test_a_moment_is_as_it_is_told(
    query: str,
    time: str,
    expected: float | None,
    client: httpx.Client,
    quarter: PrometheusSandbox,
) -> None:
    assert value(client, quarter, query, time) == expected


def test_windows_of_four_weeks_reach_back_before_the_quarter(
    client: httpx.Client, quarter: PrometheusSandbox
) -> None:
    counters = "count(count by (__name__) ({__name__=~'.*_total'} offset 4w))"

    assert value(client, quarter, counters, "2026-01-01T00:00:00-08:00") == 8


def test_the_same_number_tells_the_same_story() -> None:
    assert quarter_seed(2026) == quarter_seed(2026)
    assert quarter_seed(7) != quarter_seed(2026)
