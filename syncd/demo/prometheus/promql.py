"""Queries over a seed's series: the declared part of PromQL, as Prometheus 2.42 answers.

Declared: number and string literals, selectors with all four matchers, offset, ranges, subqueries
with a step, the functions in `FUNCTIONS`, sum, min, max, avg and count by and without labels,
arithmetic, comparisons with and without bool, matching on and ignoring labels one to one, and, or,
unless, parentheses, unary minus. Everything else raises `OutsideSandbox`. All in one place because
each kind of expression is made of the others.
"""

from __future__ import annotations

import functools
import operator
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import nan
from typing import Any

import promql_parser as parser

from syncd.demo.expressions import BadExpression, compiled
from syncd.demo.prometheus.arithmetic import (
    ARITHMETIC,
    COMPARISONS,
    average,
    avg_over_time,
    extrapolated,
    largest,
    quantile,
    smallest,
    sum_over_time,
)
from syncd.demo.prometheus.series import Labels, Series, Shelf
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

_FOR_EVER = 2**62
_QUERIES_KEPT, _VALUES_KEPT = 100, 30_000


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

    @property
    def values(self) -> list[float]:
        """The values alone, in order."""
        return [value for _, value in self.points]


@dataclass(frozen=True, slots=True)
class Matrix:
    """A range vector."""

    stretches: list[Stretch]


Value = float | str | Vector | Matrix
Evaluate = Callable[[int], Value]
"""A query, given the milliseconds at which to evaluate it."""


@dataclass(frozen=True, slots=True)
class _Ranged:
    """A range vector of a length, ending so long before the time of evaluation (milliseconds)."""

    length: int
    offset: int
    stretches: Callable[[int], list[Stretch]]


_OVER_TIME: dict[str, Callable[[list[float]], float]] = {
    "sum_over_time": sum_over_time,
    "avg_over_time": avg_over_time,
    "min_over_time": smallest,
    "max_over_time": largest,
    "count_over_time": lambda values: float(len(values)),
    "last_over_time": lambda values: values[-1],
    "present_over_time": lambda _: 1.0,
}
FUNCTIONS = frozenset(
    {*_OVER_TIME, "quantile_over_time", "increase", "rate", "vector", "scalar", "time"}
)
_AGGREGATIONS: dict[str, Callable[[list[float]], float]] = {
    "sum": lambda values: functools.reduce(operator.add, values, 0.0),
    "min": smallest,
    "max": largest,
    "avg": average,
    "count": lambda values: float(len(values)),
}


class Engine:
    """Answers queries over series. `lookback` is how long a sample stays valid."""

    def __init__(
        self, series: Sequence[Series], lookback: timedelta = timedelta(minutes=5)
    ) -> None:
        self._shelf = Shelf(series)
        self._lookback = _milliseconds(lookback)
        self._settled: OrderedDict[str, _Settled] = OrderedDict()

    def evaluate(self, query: str, time: int, newest: int) -> Value:
        """The value of a query at `time`; no sample is newer than `newest` (both milliseconds).

        A float is a scalar. Raises ParseError or ExecutionError.
        """
        return self.prepared(query, newest)(time)

    def prepared(self, query: str, newest: int) -> Evaluate:
        """The query, to be evaluated at any times. Raises ParseError or OutsideSandbox.

        What a query gives at a moment that has passed is settled: no sample comes later. Such
        values are kept, for whoever asks for a window again and again.
        """
        settled = self._settled.get(query)
        if settled is None:
            settled = self._prepared(query)
            self._settled[query] = settled
            if len(self._settled) > _QUERIES_KEPT:
                self._settled.popitem(last=False)
        if settled.looks_ahead:
            return self._prepared(query, newest).evaluate
        fresh: list[Evaluate] = []

        def evaluate(time: int) -> Value:
            if time <= newest:
                return settled.at(time)
            if not fresh:
                fresh.append(self._prepared(query, newest).evaluate)
            return fresh[0](time)

        return evaluate

    def _prepared(self, query: str, newest: int = _FOR_EVER) -> _Settled:
        if not query.strip():
            raise ParseError("no expression found in input")
        try:
            tree = parser.parse(query)
        except ValueError as error:
            raise ParseError(str(error)) from error
        preparation = _Preparation(self._shelf, self._lookback, newest)
        return _Settled(preparation.of(tree), preparation.looks_ahead)


@dataclass
class _Settled:
    """A query and its values at moments that have passed; `looks_ahead`: at samples that are
    later than the moment it is evaluated at.
    """

    evaluate: Evaluate
    looks_ahead: bool
    _values: OrderedDict[int, Value] = field(default_factory=OrderedDict)

    def at(self, time: int) -> Value:
        """The value at a moment that has passed."""
        try:
            return self._values[time]
        except KeyError:
            pass
        value = self.evaluate(time)
        self._values[time] = value
        while len(self._values) > _VALUES_KEPT:
            self._values.popitem(last=False)
        return value


class _Preparation:
    """Turns a query's tree into functions of time, so that a range query walks it once."""

    def __init__(self, shelf: Shelf, lookback: int, newest: int) -> None:
        self._shelf = shelf
        self._lookback = lookback
        self._newest = newest
        self.looks_ahead = False

    def of(self, tree: Any) -> Evaluate:
        match tree:
            case parser.NumberLiteral():
                return _always(float(tree.val))
            case parser.StringLiteral():
                return _always(str(tree.val))
            case parser.ParenExpr():
                return self.of(tree.expr)
            case parser.UnaryExpr():
                inner = self.of(tree.expr)
                return lambda time: _negated(inner(time))
            case parser.VectorSelector():
                return self._instant(tree)
            case parser.MatrixSelector() | parser.SubqueryExpr():
                ranged = self._ranged(tree)
                return lambda time: Matrix(ranged.stretches(time))
            case parser.Call():
                return self._call(tree)
            case parser.AggregateExpr():
                return self._aggregate(tree)
            case parser.BinaryExpr():
                return self._binary(tree)
        raise OutsideSandbox(f"a {type(tree).__name__}")

    # -------------------------------------------------------------------------------- selectors

    def _selected(self, selector: Any) -> Sequence[Series]:
        if selector.at is not None:
            raise OutsideSandbox("the modifier @")
        if selector.matchers.or_matchers:
            raise OutsideSandbox("or between matchers")
        tests = [_test(m.op, m.name, m.value) for m in selector.matchers.matchers]
        return self._shelf.matching(selector.name or None, tests)

    def _offset(self, duration: timedelta | None) -> int:
        offset = _milliseconds(duration)
        self.looks_ahead |= offset < 0
        return offset

    def _instant(self, selector: Any) -> Evaluate:
        selected = self._selected(selector)
        offset = self._offset(selector.offset)

        def evaluate(time: int) -> Vector:
            at = time - offset
            found = []
            for series in selected:
                point = series.samples.latest(at - self._lookback, min(at, self._newest))
                if point is not None and point[1] is not None:
                    found.append(Sample(series.labels, point[1]))
            return found

        return evaluate

    def _ranged(self, tree: Any) -> _Ranged:
        """What a range function takes: a selector with a range, or a subquery."""
        while isinstance(tree, parser.ParenExpr):
            tree = tree.expr
        if isinstance(tree, parser.SubqueryExpr):
            return self._subquery(tree)
        if not isinstance(tree, parser.MatrixSelector):
            raise OutsideSandbox(f"a range of a {type(tree).__name__}")
        selected = self._selected(tree.vector_selector)
        length, offset = _milliseconds(tree.range), self._offset(tree.vector_selector.offset)

        def stretches(time: int) -> list[Stretch]:
            found = []
            for series in selected:
                end = time - offset
                points = series.samples.between(end - length, min(end, self._newest))
                fresh = [(at, value) for at, value in points if value is not None]
                if fresh:
                    found.append(Stretch(series.labels, fresh))
            return found

        return _Ranged(length, offset, stretches)

    def _subquery(self, tree: Any) -> _Ranged:
        if tree.at is not None:
            raise OutsideSandbox("the modifier @")
        if tree.step is None:
            raise OutsideSandbox("a subquery without a step")
        inner = self.of(tree.expr)
        length, offset = _milliseconds(tree.range), self._offset(tree.offset)
        step = _milliseconds(tree.step)
        # Steps are multiples of the step, so that neighbours share them.
        known: OrderedDict[int, Vector] = OrderedDict()

        def stretches(time: int) -> list[Stretch]:
            end = time - offset
            found: dict[Labels, list[tuple[int, float]]] = {}
            for at in range(-(-(end - length) // step) * step, end + 1, step):
                if at not in known:
                    known[at] = _vector(inner(at))
                for sample in known[at]:
                    found.setdefault(sample.labels, []).append((at, sample.value))
            while len(known) > _VALUES_KEPT:
                known.popitem(last=False)
            return [Stretch(labels, points) for labels, points in sorted(found.items())]

        return _Ranged(length, offset, stretches)

    # -------------------------------------------------------------------------------- functions

    def _call(self, call: Any) -> Evaluate:
        name = call.func.name
        if name not in FUNCTIONS:
            raise OutsideSandbox(f"the function {name}")
        if name == "time":
            return lambda time: time / 1000
        if name in ("vector", "scalar"):
            inner = self.of(call.args[0])
            if name == "vector":
                return lambda time: [Sample((), _scalar(inner(time)))]
            return lambda time: _only_value(_vector(inner(time)))
        *parameters, argument = call.args
        ranged = self._ranged(argument)
        over = self._over(name, [self.of(each) for each in parameters], ranged)

        def evaluate(time: int) -> Vector:
            found = []
            for stretch in ranged.stretches(time):
                value = over(stretch, time)
                if value is not None:
                    keeps_name = name == "last_over_time"
                    labels = stretch.labels if keeps_name else without(stretch.labels, (NAME,))
                    found.append(Sample(labels, value))
            return unique(found)

        return evaluate

    def _over(
        self, name: str, parameters: Sequence[Evaluate], ranged: _Ranged
    ) -> Callable[[Stretch, int], float | None]:
        if name == "quantile_over_time":
            rank = parameters[0]
            return lambda stretch, time: quantile(_scalar(rank(time)), stretch.values)
        if name in _OVER_TIME:
            return lambda stretch, _: _OVER_TIME[name](stretch.values)
        seconds = ranged.length / 1000 if name == "rate" else None

        def slope(stretch: Stretch, time: int) -> float | None:
            end = time - ranged.offset
            return extrapolated(stretch.points, end - ranged.length, end, seconds)

        return slope

    # ------------------------------------------------------------------------------ aggregations

    def _aggregate(self, tree: Any) -> Evaluate:
        how = str(tree.op)
        if how not in _AGGREGATIONS:
            raise OutsideSandbox(f"the aggregation {how}")
        inner, key_of = self.of(tree.expr), _grouping(tree.modifier)

        def evaluate(time: int) -> Vector:
            groups: dict[Labels, list[float]] = {}
            for sample in _vector(inner(time)):
                groups.setdefault(key_of(sample.labels), []).append(sample.value)
            return [Sample(key, _AGGREGATIONS[how](values)) for key, values in groups.items()]

        return evaluate

    # --------------------------------------------------------------------------------- operators

    def _binary(self, tree: Any) -> Evaluate:
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
        lhs, rhs = self.of(tree.lhs), self.of(tree.rhs)
        as_bool = modifier is not None and bool(modifier.return_bool)
        matching = _matching(modifier)

        def evaluate(time: int) -> Value:
            left, right = lhs(time), rhs(time)
            if isinstance(left, float) and isinstance(right, float):
                return computed(symbol, left, right)
            if isinstance(right, float):
                return with_scalar(symbol, _vector(left), right, as_bool, swapped=False)
            if isinstance(left, float):
                return with_scalar(symbol, _vector(right), left, as_bool, swapped=True)
            if symbol in ("and", "or", "unless"):
                return set_operation(symbol, _vector(left), _vector(right), matching)
            return one_to_one(symbol, _vector(left), _vector(right), matching, as_bool)

        return evaluate


def _always(value: float | str) -> Evaluate:
    return lambda _: value


def _negated(value: Value) -> Value:
    if isinstance(value, float):
        return -value
    return unique([Sample(without(each.labels, (NAME,)), -each.value) for each in _vector(value)])


def _only_value(vector: Vector) -> float:
    return vector[0].value if len(vector) == 1 else nan


def _grouping(modifier: Any) -> Callable[[Labels], Labels]:
    if modifier is None:
        return lambda _: ()
    names = tuple(modifier.labels)
    if modifier.type == parser.AggModifierType.By:
        return lambda labels: only(labels, names)
    return lambda labels: without(labels, (NAME, *names))


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
    pattern = _pattern(value)
    if operator == parser.MatchOp.Re:
        return lambda labels: pattern.fullmatch(labels.get(name, "")) is not None
    return lambda labels: pattern.fullmatch(labels.get(name, "")) is None


def _pattern(value: str) -> Any:
    """Prometheus's own kind of expression, which is RE2's. Raises ParseError."""
    try:
        return compiled(value)
    except BadExpression as error:
        raise ParseError(f"error parsing regexp: {error.args[0]}") from error


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
