"""Prometheus, and what speaks its HTTP API (Mimir, Thanos, VictoriaMetrics): numbers and sets
of label values by PromQL.

The API: https://prometheus.io/docs/prometheus/latest/querying/api/
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from connectors.base import Connector, Hook, Measure, Observer, Session, SourceConfig
from connectors.prometheus.measures import GoodOverTotal, Labels, Query, Range
from connectors.prometheus.options import PrometheusOptions

__all__ = ["PrometheusConnector", "connector"]


class PrometheusConnector:
    """Opens Prometheus sources."""

    kind: str = "prometheus"
    measures: Mapping[str, type[Measure]] = {
        "prometheus.query": Query,
        "prometheus.range": Range,
        "prometheus.good_over_total": GoodOverTotal,
        "prometheus.labels": Labels,
    }
    options: type[BaseModel] = PrometheusOptions
    hook: Hook | None = None

    def open(self, config: SourceConfig, observer: Observer) -> Session:
        """A session; does no I/O. Raises ValueError for settings that cannot work."""
        # here and not above: who only reads mapping files need not wait for an HTTP client
        from connectors.prometheus.client import PrometheusSession

        return PrometheusSession(config, observer)


connector: Connector = PrometheusConnector()
