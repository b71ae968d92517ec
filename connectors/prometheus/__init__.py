"""Prometheus, and what speaks its HTTP API (Mimir, Thanos, VictoriaMetrics): numbers and sets
of label values by PromQL.

The API: https://prometheus.io/docs/prometheus/latest/querying/api/
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from connectors.base import Connector, Hook, Measure, Observer, Session, SourceConfig
from connectors.prometheus.client import PrometheusOptions, PrometheusSession
from connectors.prometheus.measures import GoodOverTotal, Labels, Query, Range

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
        return PrometheusSession(config, observer)


connector: Connector = PrometheusConnector()
