"""Good over total, on real servers, against truth worked out by hand."""

from __future__ import annotations

import pytest

from connectors.base import NumberPlan
from connectors.prometheus.measures import GoodOverTotal
from tests.peers.prometheus_measures.world import CONTEXT, DAY, HOUR, MINUTE, Opened, at


def good(window: str = "1 d", **more: str | bool) -> NumberPlan:
    said = {"good": 'requests_total{code!~"5.."}', "total": "requests_total"} | more
    model = {"measure": "prometheus.good_over_total", "window": window, **said}
    return GoodOverTotal.model_validate(model).plan("prom", CONTEXT)


def test_good_over_total_counts_through_a_counter_that_began_anew(opened: Opened) -> None:
    # minute 3000, where both begin anew, lies within
    number = opened.read(good("1 d"), at(3000 * MINUTE + 12 * HOUR))

    assert number.value == pytest.approx(10 / 11)
    assert number.partial is False
    # the fall to zero hides one step of 1440
    assert number.denominator == pytest.approx(11 * 1440, rel=1e-3)
    assert number.numerator == pytest.approx(10 * 1440, rel=1e-3)
    assert opened.asked == ["query"] * 3


def test_a_good_counter_that_never_counted_is_none_good_where_its_metric_is_there(
    opened: Opened,
) -> None:
    number = opened.read(good(good='requests_total{code="204"}'))

    assert (number.value, number.numerator) == (0.0, 0.0)
    assert "the counters of good have no increase" in number.raw["words"][0]


def test_whether_none_was_good_is_unknown_where_its_metric_is_gone(opened: Opened) -> None:
    plan = good(good='no_such_total{code="200"}')
    moments = [at(DAY * n + 7.5) for n in range(3, 6)]

    number = opened.read(plan)

    assert (number.value, number.numerator, number.denominator) == (None, None, None)
    assert 'no samples of no_such_total{code="200"} in the window' in number.raw["words"][0]
    assert "absent_is_none: true" in number.raw["words"][0]
    assert opened.history(plan, moments) == []


def test_a_metric_that_is_not_there_is_none_good_where_that_was_said(opened: Opened) -> None:
    plan = good(good='no_such_total{code="200"}', absent_is_none=True)
    moments = [at(DAY * n + 7.5) for n in range(3, 6)]

    assert opened.read(plan).value == 0.0
    assert [number.value for number in opened.history(plan, moments)] == [0.0, 0.0, 0.0]


def test_the_past_knows_none_good_from_a_metric_that_is_gone(opened: Opened) -> None:
    moments = [at(DAY * n + 7.5) for n in range(3, 6)]

    told = opened.history(good(good='requests_total{code="204"}'), moments)

    assert [number.value for number in told] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("total", ["no_such_total", 'requests_total{code="204"}', "late"])
def test_nothing_counted_is_no_data(opened: Opened, total: str) -> None:
    number = opened.read(good(total=total))

    assert (number.value, number.numerator, number.denominator) == (None, None, None)
    assert number.raw["words"]


def test_more_good_than_total_is_partial_and_said(opened: Opened) -> None:
    number = opened.read(good(good="requests_total", total='requests_total{code="500"}'))

    assert number.value == pytest.approx(11)
    assert number.partial is True
    assert "good is no part of total" in number.raw["words"][0]


def test_a_window_from_before_the_first_count_is_named(opened: Opened) -> None:
    number = opened.read(good("28 d"))

    assert number.value == pytest.approx(10 / 11)
    assert "there is nothing at the beginning of the window" in number.raw["words"][0]


def test_a_selector_with_a_remark_is_asked_as_it_is_meant(opened: Opened) -> None:
    assert opened.read(good(good='requests_total{code="200"}  # "all" but 5xx')).value == (
        opened.read(good()).value
    )


@pytest.mark.parametrize("window", ["36 h", "period"])
def test_the_history_of_good_over_total_is_what_reading_then_would_have_given(
    opened: Opened, window: str
) -> None:
    moments = [at(DAY * n + 7.5) for n in range(14)]

    told = opened.history(good(window), moments)
    asked = len(opened.asked)
    read = [opened.read(good(window), moment) for moment in moments]

    expected = [number for number in read if number.value is not None]
    assert len(told) == len(expected) == 13
    for one, other in zip(told, expected, strict=True):
        assert one.value == pytest.approx(other.value)
        assert (one.observed_at, one.partial, one.url) == (
            other.observed_at,
            other.partial,
            other.url,
        )
    if window != "period":
        # three queries, and once how long the server keeps samples: asked, and by its clock
        assert asked in (4, 5)  # VictoriaMetrics does not say, and is not asked for its clock
