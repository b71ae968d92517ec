"""Instant queries over a seed's series: the declared part of PromQL, as Prometheus 2.42 answers.

Declared: number and string literals, selectors with all four matchers, offset, ranges, the
functions in `FUNCTIONS`, sum, min, max, avg and count by and without labels, arithmetic,
comparisons with and without bool, matching on and ignoring labels one to one, and, or, unless,
parentheses, unary minus. Everything else raises `OutsideSandbox`.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import nan
from typing import Any

import promql_parser as parser

from syncd.demo.prometheus.arithmetic import (
    ARITHMETIC,
    COMPARISONS,
    average,
    avg_over_time,
    extrapolated,
    largest,
    smallest,
    sum_over_time,
)
from syncd.demo.prometheus.series import Labels, Series
from syncd.demo.prometheus.vectors import (
    NAME,
    ExecutionError,
    Matching,
    Sample,
    Vector,
    computed,
    one_to_one,
    only,
    set_operation,
    unique,
    with_scalar,
    without,
)


class ParseError(Exception):
    """The query is not PromQL."""


class OutsideSandbox(ExecutionError):
    """Prometheus can answer this, the sandbox cannot."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is outside the sandbox")


@dataclass(frozen=True, slots=True)
class Stretch:
    """One element of a range vector: times in milliseconds."""

    labels: Labels
    points: list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Matrix:
    """A range vector."""

    stretches: list[Stretch]


Value = float | str | Vector | Matrix

_OVER_TIME: dict[str, Callable[[list[float]], float]] = {
    "sum_over_time": sum_over_time,
    "avg_over_time": avg_over_time,
    "min_over_time": smallest,
    "max_over_time": largest,
    "count_over_time": lambda values: float(len(values)),
    "last_over_time": lambda values: values[-1],
    "present_over_time": lambda _: 1.0,
}
FUNCTIONS = frozenset({*_OVER_TIME, "increase", "rate", "vector", "scalar", "time"})
_AGGREGATIONS: dict[str, Callable[[list[float]], float]] = {
    "sum": lambda values: functools.reduce(operator.add, values, 0.0),
    "min": smallest,
    "max": largest,
    "avg": average,
    "count": lambda values: float(len(values)),
}


class Engine:
    """Answers instant queries over series. `lookback` is how long a sample stays valid."""

    def __init__(
        self, series: Sequence[Series], lookback: timedelta = timedelta(minutes=5)
    ) -> None:
        self._series = series
        self._lookback = _milliseconds(lookback)

    def evaluate(self, query: str, time: int, newest: int) -> Value:
        """The value of a query at `time`; no sample is newer than `newest` (both milliseconds).

        A float is a scalar. Raises ParseError or ExecutionError.
        """
        if not query.strip():
            raise ParseError("no expression found in input")
        try:
            tree = parser.parse(query)
        except ValueError as error:
            raise ParseError(str(error)) from error
        return _Evaluation(self._series, self._lookback, time, newest).of(tree)


class _Evaluation:
    def __init__(self, series: Sequence[Series], lookback: int, time: int, newest: int) -> None:
        self._series = series
        self._lookback = lookback
        self._time = time
        self._newest = newest

    def of(self, tree: Any) -> Value:
        match tree:
            case parser.NumberLiteral():
                return float(tree.val)
            case parser.StringLiteral():
                return str(tree.val)
            case parser.ParenExpr():
                return self.of(tree.expr)
            case parser.UnaryExpr():
                return self._negated(self.of(tree.expr))
            case parser.VectorSelector():
                return self._instant(tree)
            case parser.MatrixSelector():
                return self._range(tree)
            case parser.Call():
                return self._call(tree)
            case parser.AggregateExpr():
                return self._aggregate(tree)
            case parser.BinaryExpr():
                return self._binary(tree)
        raise OutsideSandbox(f"a {type(tree).__name__}")

    # -------------------------------------------------------------------------------- selectors

    def _selected(self, selector: Any) -> Iterable[Series]:
        if selector.at is not None:
            raise OutsideSandbox("the modifier @")
        if selector.matchers.or_matchers:
            raise OutsideSandbox("or between matchers")
        tests = [_test(m.op, m.name, m.value) for m in selector.matchers.matchers]
        if selector.name:
            tests.append(_test(parser.MatchOp.Equal, NAME, selector.name))
        return [each for each in self._series if all(test(dict(each.labels)) for test in tests)]

    def _instant(self, selector: Any) -> Vector:
        time = self._time - _milliseconds(selector.offset)
        found = []
        for series in self._selected(selector):
            points = series.samples.between(time - self._lookback, min(time, self._newest))
            if points and points[-1][1] is not None:
                found.append(Sample(series.labels, points[-1][1]))
        return found

    def _range(self, selector: Any) -> Matrix:
        end = self._time - _milliseconds(selector.vector_selector.offset)
        start = end - _milliseconds(selector.range)
        found = []
        for series in self._selected(selector.vector_selector):
            points = series.samples.between(start, min(end, self._newest))
            fresh = [(time, value) for time, value in points if value is not None]
            if fresh:
                found.append(Stretch(series.labels, fresh))
        return Matrix(found)

    # -------------------------------------------------------------------------------- functions

    def _call(self, call: Any) -> Value:
        name = call.func.name
        if name not in FUNCTIONS:
            raise OutsideSandbox(f"the function {name}")
        if name == "time":
            return self._time / 1000
        argument = call.args[0]
        if name == "vector":
            return [Sample((), _scalar(self.of(argument)))]
        if name == "scalar":
            vector = _vector(self.of(argument))
            return vector[0].value if len(vector) == 1 else nan
        while isinstance(argument, parser.ParenExpr):
            argument = argument.expr
        if not isinstance(argument, parser.MatrixSelector):
            raise OutsideSandbox("a subquery")
        found = []
        for stretch in self._range(argument).stretches:
            value = self._over(name, argument, stretch)
            if value is not None:
                keeps_name = name == "last_over_time"
                labels = stretch.labels if keeps_name else without(stretch.labels, (NAME,))
                found.append(Sample(labels, value))
        return unique(found)

    def _over(self, name: str, selector: Any, stretch: Stretch) -> float | None:
        if name in _OVER_TIME:
            return _OVER_TIME[name]([value for _, value in stretch.points])
        end = self._time - _milliseconds(selector.vector_selector.offset)
        start = end - _milliseconds(selector.range)
        seconds = selector.range.total_seconds() if name == "rate" else None
        return extrapolated(stretch.points, start, end, seconds)

    # ------------------------------------------------------------------------------ aggregations

    def _aggregate(self, tree: Any) -> Vector:
        how = str(tree.op)
        if how not in _AGGREGATIONS:
            raise OutsideSandbox(f"the aggregation {how}")
        groups: dict[Labels, list[float]] = {}
        for sample in _vector(self.of(tree.expr)):
            if tree.modifier is None:
                key: Labels = ()
            elif tree.modifier.type == parser.AggModifierType.By:
                key = only(sample.labels, tree.modifier.labels)
            else:
                key = without(sample.labels, (NAME, *tree.modifier.labels))
            groups.setdefault(key, []).append(sample.value)
        return [Sample(key, _AGGREGATIONS[how](values)) for key, values in groups.items()]

    # --------------------------------------------------------------------------------- operators

    def _negated(self, value: Value) -> Value:
        if isinstance(value, float):
            return -value
        return unique(
            [Sample(without(each.labels, (NAME,)), -each.value) for each in _vector(value)]
        )

    def _binary(self, tree: Any) -> Value:
        symbol = str(tree.op)
        modifier = tree.modifier
        if modifier is not None and (
            modifier.group_labels is not None
            or modifier.card
            in (parser.VectorMatchCardinality.ManyToOne, parser.VectorMatchCardinality.OneToMany)
        ):
            raise OutsideSandbox("group_left and group_right")
        fill = modifier.fill_values if modifier is not None else None
        if fill is not None and (fill.lhs is not None or fill.rhs is not None):
            raise OutsideSandbox("fill")
        known = symbol in ARITHMETIC or symbol in COMPARISONS
        if not known and symbol not in ("and", "or", "unless"):
            raise OutsideSandbox(f"the operator {symbol}")
        left, right = self.of(tree.lhs), self.of(tree.rhs)
        as_bool = modifier is not None and bool(modifier.return_bool)
        if isinstance(left, float) and isinstance(right, float):
            return computed(symbol, left, right)
        if isinstance(right, float):
            return with_scalar(symbol, _vector(left), right, as_bool, swapped=False)
        if isinstance(left, float):
            return with_scalar(symbol, _vector(right), left, as_bool, swapped=True)
        matching = _matching(modifier)
        if symbol in ("and", "or", "unless"):
            return set_operation(symbol, _vector(left), _vector(right), matching)
        return one_to_one(symbol, _vector(left), _vector(right), matching, as_bool)


def _matching(modifier: Any) -> Matching:
    if modifier is None or modifier.matching is None:
        return Matching()
    on = modifier.matching.type == parser.LabelModifierType.Include
    return Matching(on, tuple(modifier.matching.labels))


def _test(operator: Any, name: str, value: str) -> Callable[[dict[str, str]], bool]:
    if operator == parser.MatchOp.Equal:
        return lambda labels: labels.get(name, "") == value
    if operator == parser.MatchOp.NotEqual:
        return lambda labels: labels.get(name, "") != value
    pattern = re.compile(f"(?:{value})")
    if operator == parser.MatchOp.Re:
        return lambda labels: pattern.fullmatch(labels.get(name, "")) is not None
    return lambda labels: pattern.fullmatch(labels.get(name, "")) is None


def _milliseconds(duration: timedelta | None) -> int:
    return 0 if duration is None else round(duration.total_seconds() * 1000)


def _scalar(value: Value) -> float:
    if isinstance(value, float):
        return value
    raise ExecutionError("expected type scalar")


def _vector(value: Value) -> Vector:
    if isinstance(value, list):
        return value
    raise ExecutionError("expected type instant vector")
