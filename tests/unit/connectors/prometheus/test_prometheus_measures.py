"""What authors may write, and what that plans."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import (
    Aggregation,
    Dimension,
    Measure,
    PlanContext,
    judge_fingerprint,
)
from connectors.prometheus import connector
from connectors.prometheus.measures import GoodOverTotal, Labels, Range

QUARTER = PlanContext("America/Los_Angeles", date(2026, 1, 1), date(2026, 3, 31))
RANGE = {"measure": "prometheus.range", "query": "load", "aggregate": "max", "window": "1 d"}
GOOD = {
    "measure": "prometheus.good_over_total",
    "good": 'asked_total{code!~"5.."}',
    "total": "asked_total",
    "window": "28 d",
}
LABELS = {"measure": "prometheus.labels", "query": "cluster_active == 1", "key": "cluster"}


def test_the_connector_offers_four_measures() -> None:
    assert sorted(connector.measures) == [
        "prometheus.good_over_total",
        "prometheus.labels",
        "prometheus.query",
        "prometheus.range",
    ]
    for name, model in connector.measures.items():
        assert issubclass(model, Measure)
        assert model.model_fields["measure"].annotation.__args__ == (name,)  # type: ignore[union-attr]


# ------------------------------------------------------------------------------------------ windows


@pytest.mark.parametrize("model", [Range, GoodOverTotal])
def test_a_period_that_is_nowhere_declared_is_refused(model: type[Measure]) -> None:
    measure = model.model_validate((RANGE if model is Range else GOOD) | {"window": "period"})

    with pytest.raises(ValueError, match="the file has no period; fix: period: 2026-Q1"):
        measure.plan("src")


@pytest.mark.parametrize(("seconds", "text"), [(7_776_000.0, "7776000 s"), (1.5, "1.500 s")])
@pytest.mark.parametrize("model", [Range, GoodOverTotal])
def test_a_measure_is_read_over_another_window(model: type[Any], seconds: float, text: str) -> None:
    measure = model.model_validate(RANGE if model is Range else GOOD)

    other = measure.over(seconds)

    assert other.window == text
    assert other.plan("src").request["window"] == {"ms": seconds * 1000}
    assert measure.window != text


def test_a_set_is_the_same_over_any_period() -> None:
    labels = Labels.model_validate(LABELS | {"window": "1 h"})

    assert labels.over(7_776_000) == labels


# -------------------------------------------------------------------------------------------- range


def ranged(**more: Any) -> Range:
    return Range.model_validate(RANGE | more)


@pytest.mark.parametrize(
    ("more", "dimension", "known"),
    [
        ({}, Dimension.COUNT, 0.0),
        ({"unit": "ratio"}, Dimension.RATIO, 0.0),
        ({"unit": "h", "aggregate": "avg"}, Dimension.DURATION, 0.9),
        ({"aggregate": {"percentile": 95}, "unit": "USD/h"}, Dimension.OTHER, 0.9),
        ({"aggregate": {"share": "> 0.9"}}, Dimension.RATIO, 0.9),
        ({"aggregate": "last", "known": "50 %"}, Dimension.COUNT, 0.5),
        ({"aggregate": "min"}, Dimension.COUNT, 0.0),
    ],
)
def test_the_aggregate_and_the_unit_decide_the_dimension_and_how_much_must_be_known(
    more: dict[str, Any], dimension: Dimension, known: float
) -> None:
    plan = ranged(**more).plan("src")

    assert plan.dimension is dimension
    assert plan.request["known"] == known
    assert plan.fingerprint == ranged(**more).plan("src").fingerprint


@pytest.mark.parametrize(
    "more",
    [
        {"aggregate": "avg"},
        {"aggregate": {"percentile": 95}},
        {"window": "2 d"},
        {"step": "5 min"},
        {"known": "10 %"},
        {"unit": "h"},
        {"query": "other"},
    ],
)
def test_what_changes_the_number_changes_the_fingerprint(more: dict[str, Any]) -> None:
    assert ranged(**more).plan("src").fingerprint != ranged().plan("src").fingerprint


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"aggregate": "sum"}, "aggregate"),
        ({"aggregate": {"percentile": 0}}, "greater than 0"),
        ({"aggregate": {"percentile": 101}}, "less than or equal to 100"),
        ({"aggregate": {"share": "0.9"}}, "expected a comparison"),
        ({"aggregate": {"share": "> 1", "percentile": 5}}, "share|percentile"),
        ({"aggregate": {"share": "> 1"}, "unit": "h"}, "is a ratio by itself; fix: take unit out"),
        ({"step": "2 d"}, 'got step "2 d" with window: 1 d'),
        ({"step": "0.1 s"}, "fix: a step of 1 s or more"),
        ({"step": "1 s", "window": "28 d"}, "fix: a step of 19 s or more"),
        ({"known": "0.9"}, "known"),
        ({"known": "101 %"}, "known"),
        ({"query": " "}, "an empty query"),
    ],
)
def test_what_cannot_be_is_refused(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        ranged(**more)


def test_the_step_that_a_refusal_names_is_taken() -> None:
    assert ranged(step="19 s", window="28 d").plan("src").request["step_ms"] == 19_000


def test_a_step_too_fine_for_the_period_is_refused_when_that_is_known() -> None:
    with pytest.raises(ValueError, match=r"with window: period; .* fix: a step of 5\d s or more"):
        ranged(window="period", step="1 s").plan("src", QUARTER)


def test_the_grid_of_a_period_does_not_change_while_it_goes_by() -> None:
    assert ranged(window="period").plan("src", QUARTER).request["step_ms"] == 300_000


# ---------------------------------------------------------------------------------- good over total


def test_good_over_total_is_a_share() -> None:
    plan = GoodOverTotal.model_validate(GOOD | {"unit": "percent"}).plan("src")

    assert plan.dimension is Dimension.RATIO
    assert plan.request["good"] == 'asked_total{code!~"5.."}'


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"good": "sum(asked_total)"}, "expected a counter by name"),
        ({"total": "rate(asked_total[5m])"}, "expected a counter by name"),
        ({"unit": "h"}, "unit"),
        ({"window": "28d"}, "or period"),
    ],
)
def test_what_is_no_service_level_is_refused(more: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        GoodOverTotal.model_validate(GOOD | more)


# ------------------------------------------------------------------------------------------- labels


def test_a_set_is_scanned_and_counts_its_keys() -> None:
    plan = Labels.model_validate(LABELS | {"window": "1 h"}).plan("src")

    assert (plan.keyed, plan.retrospective) == (True, False)
    assert plan.aggregate.how is Aggregation.KEYS
    assert plan.dimension is Dimension.COUNT
    assert plan.scope.source == "src"


def test_two_sets_are_two_scopes_judged_alike() -> None:
    one = Labels.model_validate(LABELS).plan("src")
    other = Labels.model_validate(LABELS | {"window": "1 h"}).plan("src")

    assert one.scope.fingerprint != other.scope.fingerprint
    assert judge_fingerprint(one.judge) == judge_fingerprint(other.judge)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"key": "no-label"}, "key"),
        ({"key": ""}, "key"),
        ({"query": ""}, "an empty query"),
        ({"window": "period"}, "a duration is a number"),
        ({"window": "40 d"}, "between 1 s and 31 d"),
        ({"unit": "ratio"}, "a set is counted and has no unit"),
    ],
)
def test_what_is_no_set_is_refused(more: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Labels.model_validate(LABELS | more)
