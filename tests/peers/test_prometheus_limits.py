"""What a real Prometheus says when a query is too much for it, as the matrix of faults has it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from connectors.base import Limits, QueryRefused, SourceConfig, TimedOut, UpstreamError
from connectors.prometheus import connector
from connectors.prometheus.measures import Query
from tests.contract.faces import Recorder

if TYPE_CHECKING:
    from tests.peers.prometheus import Prometheus

START = 1_767_225_600  # 2026-01-01T00:00:00Z
HISTORY = [f"busy {minute} {START + 60 * minute}" for minute in range(600)]


@pytest.mark.parametrize(
    ("flag", "becomes", "says"),
    [
        ("--query.max-samples=50", QueryRefused, "would load too many samples into memory"),
        ("--query.timeout=0s", TimedOut, "query timed out"),
    ],
)
def test_a_query_that_is_too_much_is_an_error_in_the_servers_words(
    prometheus_server: Callable[..., Prometheus],
    flag: str,
    becomes: type[UpstreamError],
    says: str,
) -> None:
    server = prometheus_server(history="\n".join([*HISTORY, "# EOF", ""]), flags=[flag])
    config = SourceConfig("prom", "prometheus", server.url, limits=Limits(attempts=1))
    session = connector.open(config, Recorder())
    plan = Query(measure="prometheus.query", query="max_over_time(busy[9h])").plan("prom")

    with pytest.raises(becomes, match=says):
        session.read(plan, datetime.fromtimestamp(START + 36_000, UTC), time.monotonic() + 60)

    session.close()
