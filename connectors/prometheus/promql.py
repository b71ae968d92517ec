"""The PromQL that syncd writes itself, and what it reads out of an author's.

Everything written here is understood by Prometheus 2.7 and later (subqueries), Mimir, Thanos and
VictoriaMetrics. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import promql_parser as parser

LABEL = r"^[A-Za-z_][A-Za-z0-9_]*$"
"""What a label's name looks like."""

_UNITS = (("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000))
_OPERATORS = {
    "MatchOp.Equal": "=",
    "MatchOp.NotEqual": "!=",
    "MatchOp.Re": "=~",
    "MatchOp.NotRe": "!~",
}
_WITH_ONE_INSIDE = (
    parser.ParenExpr,
    parser.UnaryExpr,
    parser.SubqueryExpr,
    parser.AggregateExpr,
)


def written(milliseconds: int) -> str:
    """A duration in the largest unit that it is a whole number of, and what is below a second.

    >>> written(5_400_000), written(61_250)
    ('90m', '61s250ms')
    """
    for unit, size in _UNITS:
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds}s{rest}ms" if seconds else f"{rest}ms"


def selector(text: str) -> str:
    """The text, when it selects series and does nothing else. Raises ValueError that says what to
    write.
    """
    try:
        tree = parser.parse(text)
    except ValueError:
        tree = None
    if isinstance(tree, parser.VectorSelector) and tree.offset is None and tree.at is None:
        return text.strip()
    raise ValueError(
        f'got "{text}"; expected a counter by name and labels, such as '
        'http_requests_total{code!~"5.."}: its increase over the window is taken of itself; '
        "for any other expression use prometheus.query with good / total"
    )


def increase(counter: str, milliseconds: int) -> str:
    """How much the selected counters rose over the time before, all together."""
    return f"sum(increase({_over(counter, milliseconds)}))"


def seen_in(witness: str, milliseconds: int) -> str:
    """A series when what the selector selects had a sample in the time before."""
    return f"count(count_over_time({_over(witness, milliseconds)}))"


def _over(selector: str, milliseconds: int) -> str:
    end = "\n" if "#" in selector else ""  # of what may be a comment
    return f"{selector}{end}[{written(milliseconds)}]"


def set_of(query: str, label: str, window: int | None, step: int) -> str:
    """One series for each value that the label has in what the query gives, now or at any step of
    a window (milliseconds). Its value is a count and says nothing more.
    """
    # On lines of its own the query may end in a comment.
    values = f"count by ({label}) (\n{query}\n)"
    if window is None:
        return values
    return f"count_over_time(({values})[{written(window)}:{written(step)}])"


def presence_of(witness: str, window: int | None = None, step: int = 0) -> str:
    """A series when what the selector selects was there, now or at any step of a window."""
    there = f"count({witness})"
    if window is None:
        return there
    return f"count_over_time(({there})[{written(window)}:{written(step)}])"


def witnesses(query: str) -> dict[str, str] | None:
    """The metrics without which an empty answer proves nothing, each with a selector of all its
    series; None when the query is no PromQL that can be read here (MetricsQL, say).

    Labels are left out: that no series has ``stack="new"`` is an answer, that the metric is gone
    is not. What stands behind `unless` is left out as well: it may rightly be missing.
    """
    try:
        tree = parser.parse(query)
    except ValueError:
        return None
    found: dict[str, str] = {}
    for each in _selectors(tree):
        if each.matchers.or_matchers:
            return None
        pairs = [(_OPERATORS[str(m.op)], m.name, m.value) for m in each.matchers.matchers]
        named = [("=", "__name__", each.name)] if each.name else []
        named += [pair for pair in pairs if pair[1] == "__name__"]
        inside = ",".join(
            f"{name}{operator}{json.dumps(value, ensure_ascii=False)}"
            for operator, name, value in named or pairs
        )
        found[each.name or f"{{{inside}}}"] = f"{{{inside}}}"
    return found


def _selectors(tree: Any) -> Iterator[Any]:
    if isinstance(tree, parser.VectorSelector):
        yield tree
    elif isinstance(tree, parser.MatrixSelector):
        yield tree.vector_selector
    elif isinstance(tree, parser.Call):
        for argument in tree.args:
            yield from _selectors(argument)
    elif isinstance(tree, parser.BinaryExpr):
        yield from _selectors(tree.lhs)
        if str(tree.op) != "unless":
            yield from _selectors(tree.rhs)
    elif isinstance(tree, _WITH_ONE_INSIDE):
        yield from _selectors(tree.expr)
