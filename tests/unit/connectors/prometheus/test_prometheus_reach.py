"""How far back what is asked of a Prometheus looks, and whether it keeps samples for so long."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.base import Measure, NumberPlan, PlanContext
from connectors.checkup import Level, Wanted
from connectors.prometheus.measures import GoodOverTotal, Labels, Query, Range
from connectors.prometheus.reach import kept_long_enough, looks_back, missing, needs

NOW = datetime(2026, 2, 1, tzinfo=UTC)
QUARTER = PlanContext("UTC", date(2026, 1, 1), date(2026, 3, 31))
DAY = timedelta(days=1)


def wanted(measure: Measure, name: str = "one") -> Wanted:
    return Wanted(name, measure.plan("prometheus", QUARTER))


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("up", 0),
        ("increase(x[7d])", 7),
        ("rate(x[1d] offset 6d)", 7),
        ("sum(rate(x[1d])) / sum(rate(y[3d]))", 3),
        ("max_over_time(sum(increase(x[1d]))[30d:1h])", 31),
        ("-(x offset 2d)", 2),
        ("x offset -2d", 0),
        ("increase(x[9d] @ 1700000000)", 0),
        ('label_replace(up, "a", "[30d]", "b", "(.*)")', 0),
        ("WITH (a = 1) a[30d]", 0),
    ],
)
def test_a_query_looks_back_by_its_ranges_subqueries_and_offsets(query: str, days: int) -> None:
    assert looks_back(query) == days * DAY


@pytest.mark.parametrize(
    ("measure", "days"),
    [
        (Query(measure="prometheus.query", query="increase(x[7d])"), 7),
        (Range(measure="prometheus.range", query="x", window="28 d", aggregate="avg"), 28),
        (
            Range(measure="prometheus.range", query="rate(x[1d])", window="28 d", aggregate="avg"),
            29,
        ),
        (GoodOverTotal(measure="prometheus.good_over_total", good="x", total="y", window="2 d"), 2),
        # a period counts to its end, which is when the window is longest
        (Range(measure="prometheus.range", query="x", window="period", aggregate="max"), 90),
        (Labels(measure="prometheus.labels", query="x", key="a", window="1 d"), 1),
        (Labels(measure="prometheus.labels", query="x", key="a"), 0),
    ],
)
def test_a_measure_needs_samples_for_its_window_and_what_its_query_looks_back(
    measure: Measure, days: int
) -> None:
    assert needs(wanted(measure), NOW) == days * DAY


def test_what_is_read_as_of_a_past_moment_needs_samples_since() -> None:
    plan = Query(measure="prometheus.query", query="increase(x[7d])").plan("prometheus", QUARTER)
    past = NumberPlan(plan.source, plan.request, plan.dimension, at=NOW - 40 * DAY)

    assert needs(Wanted("before", past), NOW) == 47 * DAY


def test_a_period_that_is_over_needs_samples_since_its_beginning() -> None:
    one = wanted(Range(measure="prometheus.range", query="x", window="period", aggregate="max"))

    assert needs(one, datetime(2026, 5, 11, tzinfo=UTC)) == 130 * DAY


WEEK = wanted(Range(measure="prometheus.range", query="x", window="7 d", aggregate="avg"), "week")
MONTH = wanted(
    Range(measure="prometheus.range", query="x", window="28 d", aggregate="avg"), "month"
)


@pytest.mark.parametrize(
    ("kept", "level"), [(28 * DAY, Level.OK), (28 * DAY - timedelta(seconds=1), Level.PROBLEM)]
)
def test_samples_must_be_kept_for_as_long_as_the_longest_window(
    kept: timedelta, level: Level
) -> None:
    (found,) = kept_long_enough([WEEK, MONTH], kept, NOW)

    assert found.level is level
    assert "month" in found.says


def test_each_window_that_is_too_long_is_named_and_how_long_to_keep_samples() -> None:
    found = kept_long_enough([WEEK, MONTH], DAY, NOW)

    assert [one.says.split()[0] for one in found] == ["month", "week"]
    assert all("--storage.tsdb.retention.time=28d" in one.fix for one in found)


def test_a_server_that_does_not_say_how_long_is_not_taken_for_a_good_one() -> None:
    (found,) = kept_long_enough([WEEK], None, NOW)

    assert found.level is Level.UNKNOWN
    assert "`retention`" in found.fix


def test_where_nothing_is_asked_nothing_is_said() -> None:
    assert kept_long_enough([], DAY, NOW) == []


def test_a_metric_without_samples_is_named_with_what_asks_for_it() -> None:
    (found,) = missing({"gone": ["b", "a"]})

    assert (found.level, found.says) == (Level.WARNING, "no samples of gone now; a, b ask for it")
