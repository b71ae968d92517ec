"""How far back a query looks, and whether a server keeps samples for so long. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import promql_parser as parser

from connectors.base import NumberPlan
from connectors.checkup import Finding, Wanted, a_few
from connectors.prometheus.windows import Window

_NOTHING = timedelta()


def queries_of(wanted: Wanted) -> list[str]:
    """The PromQL that is asked for it, as its author wrote it."""
    plan = wanted.plan
    asked = plan.request if isinstance(plan, NumberPlan) else plan.scope.definition
    return [str(asked[key]) for key in ("query", "good", "total", "labels_of") if key in asked]


def needs(wanted: Wanted, now: datetime) -> timedelta:
    """For how long samples must be kept for it: its window, and what its query itself looks back.
    A window of a period counts until the period's last moment, or `now` if that is later; what is
    read as of a past moment counts from now. A query that is no PromQL known here, MetricsQL say,
    is taken to look back by nothing.
    """
    plan = wanted.plan
    back = max((looks_back(query) for query in queries_of(wanted)), default=_NOTHING)
    if not isinstance(plan, NumberPlan):
        return back + timedelta(milliseconds=plan.scope.definition.get("window_ms") or 0)
    if plan.at is not None:
        back += max(_NOTHING, now - plan.at)
    if "window" not in plan.request:
        return back
    window = Window.read(plan.request["window"])
    if window.since is None or window.until is None:
        return back + timedelta(milliseconds=window.longest_ms)
    return back + max(window.until, now) - window.since


def looks_back(query: str) -> timedelta:
    """How far before a moment the query's farthest sample lies, by its ranges, subqueries and
    offsets; 0 for what cannot be read here. What stands at a fixed moment (`@`) is passed over.

    >>> looks_back("max_over_time(rate(x[5m])[30d:1m] offset 1d)")
    datetime.timedelta(days=31, seconds=300)
    """
    try:
        return _back(parser.parse(query))
    except ValueError:
        return _NOTHING


def _back(node: Any) -> timedelta:
    if isinstance(node, parser.VectorSelector):
        return _NOTHING if node.at is not None else _offset(node)
    if isinstance(node, parser.MatrixSelector):
        selected = node.vector_selector
        return _NOTHING if selected.at is not None else _span(node) + _offset(selected)
    if isinstance(node, parser.SubqueryExpr):
        return _NOTHING if node.at is not None else _span(node) + _offset(node) + _back(node.expr)
    if isinstance(node, parser.Call):
        return max((_back(each) for each in node.args), default=_NOTHING)
    if isinstance(node, parser.BinaryExpr):
        return max(_back(node.lhs), _back(node.rhs))
    if isinstance(node, parser.ParenExpr | parser.UnaryExpr | parser.AggregateExpr):
        return _back(node.expr)
    return _NOTHING


def _span(node: Any) -> timedelta:
    span: timedelta = node.range
    return span


def _offset(node: Any) -> timedelta:
    # ahead of the moment (a negative offset) needs nothing of the past
    return max(_NOTHING, node.offset or _NOTHING)


def kept_long_enough(
    wanted: Sequence[Wanted], kept: timedelta | None, now: datetime
) -> list[Finding]:
    """Whether a server that keeps samples for so long (None: it does not say) has what is asked
    for: a problem for each that it has not, or one finding for all.
    """
    asked = {one.name: needs(one, now) for one in wanted}
    if not asked:
        return []
    farthest = max(asked, key=lambda name: asked[name])
    most = f"the longest that is asked for is {_days(asked[farthest])} ({farthest})"
    if kept is None:
        return [
            Finding.unknown(
                "retention",
                f"the server does not say how long it keeps samples; {most}",
                "say it as `retention` of the source, for example 390 d",
            )
        ]
    short = sorted(name for name, length in asked.items() if length > kept)
    if not short:
        return [Finding.ok("retention", f"samples are kept for {_days(kept)}; {most}")]
    enough = math.ceil(asked[farthest] / timedelta(days=1))
    return [
        Finding.problem(
            "retention",
            f"{name} needs samples of the last {_days(asked[name])}, and they are kept for "
            f"{_days(kept)}",
            f"keep them for {enough} d (--storage.tsdb.retention.time={enough}d), ask a store "
            "that does (Thanos, Mimir), or shorten the window",
        )
        for name in short
    ]


def missing(absent: Mapping[str, Sequence[str]]) -> list[Finding]:
    """A warning for each metric that has no samples now, with what asks for it."""
    return [
        Finding.warning(
            "metrics",
            f"no samples of {metric} now; {a_few(names)} ask{'s' if len(names) == 1 else ''} "
            "for it",
            "check the metric's name, its exporter, and the tenant or view of the account",
        )
        for metric, names in sorted(absent.items())
    ]


def _days(length: timedelta) -> str:
    """As people read it.

    >>> [_days(timedelta(hours=hours)) for hours in (0, 1.5, 24 * 90)]
    ['the moment alone', '1.5 h', '90 d']
    """
    hours = length / timedelta(hours=1)
    if not hours:
        return "the moment alone"
    return f"{hours:.3g} h" if hours < 48 else f"{hours / 24:.0f} d"
