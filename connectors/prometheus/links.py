"""Where a person sees the same query: Prometheus's own expression browser. Pure.

Prometheus 3 still knows these addresses and sends them on to its new ones.
"""

from __future__ import annotations

from urllib.parse import urlencode

from connectors.prometheus.grids import moment_of
from connectors.prometheus.promql import written


def table(browse: str, query: str, moment: int | None = None) -> str:
    """The values of a query, at a moment (milliseconds) or when one looks."""
    parts = {"g0.expr": query, "g0.tab": "1"}
    if moment is not None:
        parts["g0.moment_input"] = _said(moment)
    return f"{browse}/graph?{urlencode(parts)}"


def graph(browse: str, query: str, length: int, end: int | None = None) -> str:
    """The curve of a query over so many milliseconds until a moment, or until one looks."""
    parts = {"g0.expr": query, "g0.tab": "0", "g0.range_input": written(length)}
    if end is not None:
        parts["g0.end_input"] = _said(end)
    return f"{browse}/graph?{urlencode(parts)}"


def _said(moment: int) -> str:
    return f"{moment_of(moment):%Y-%m-%d %H:%M:%S}"
