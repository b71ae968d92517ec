"""A value over a range of time, on real servers, against truth worked out by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import NumberPlan, PlanContext, QueryRefused, SourceConfig
from connectors.prometheus import connector
from connectors.prometheus.measures import Range
from tests.contract.faces import Recorder
from tests.peers.prometheus_measures.world import CONTEXT, DAY, HOUR, MINUTE, Opened, at, wave

if TYPE_CHECKING:
    from tests.peers.prometheus import Prometheus


def ranged(query: str, aggregate: Any, window: str, **more: Any) -> NumberPlan:
    model = Range.model_validate(
        {
            "measure": "prometheus.range",
            "query": query,
            "aggregate": aggregate,
            "window": window,
            **more,
        }
    )
    return model.plan("prom", CONTEXT)


def test_each_server_is_identified(opened: Opened) -> None:
    identity = opened.session.identify(time.monotonic() + 60)

    assert identity.account == "anonymous"
    assert identity.version


@pytest.mark.parametrize(
    ("aggregate", "value"),
    [
        ("avg", 49.5),
        ("max", 99.0),
        ("min", 0.0),
        ("last", wave(14 * DAY // MINUTE)),
        ({"percentile": 95}, 94.0),
        ({"percentile": 50}, 49.0),
        ({"percentile": 100}, 99.0),
        ({"percentile": 0.5}, 0.0),
        ({"share": "> 89"}, 0.1),
        ({"share": "== 7"}, 0.01),
        ({"share": "< 0"}, 0.0),
    ],
)
def test_a_range_is_aggregated_as_worked_out_by_hand(
    opened: Opened, aggregate: Any, value: float
) -> None:
    # 500 minutes hold each value five times
    number = opened.read(ranged("wave", aggregate, "500 min", step="1 min"))

    assert number.value == pytest.approx(value, abs=1e-12)
    assert (number.partial, number.raw["points"], number.raw["points_of_window"]) == (
        False,
        500,
        500,
    )
    assert opened.asked == ["query_range"]


def test_a_share_says_of_how_many_moments_it_holds(opened: Opened) -> None:
    number = opened.read(ranged("wave", {"share": ">= 90"}, "500 min", step="1 min"))

    assert (number.numerator, number.denominator) == (50.0, 500.0)


def test_the_highest_of_a_load_test_is_found_wherever_in_the_period_it_was(
    opened: Opened,
) -> None:
    number = opened.read(ranged("load_nodes / 10000", "max", "period", unit="ratio"))

    assert number.value == 0.9999
    assert number.partial is False
    assert "there is nothing at the beginning of the window" in number.raw["words"][0]
    assert number.raw["first"] == "2026-01-03 00:00:00 UTC"


def test_a_mean_over_a_window_that_begins_before_the_samples_is_partial_and_says_since_when(
    opened: Opened,
) -> None:
    number = opened.read(ranged("late", "avg", "8 d"))

    assert number.value == 5.0
    assert number.partial is True
    assert "the values begin at 2026-01-13 00:00:00 UTC" in number.raw["words"][0]
    assert "there are values for 25 % of the window" in number.raw["words"][1]


def test_how_much_of_the_window_must_be_known_can_be_declared(opened: Opened) -> None:
    assert opened.read(ranged("late", "avg", "8 d", known="20 %")).partial is False
    assert opened.read(ranged("late", "max", "8 d", known="50 %")).partial is True


def test_a_window_with_no_value_at_all_is_no_data(opened: Opened) -> None:
    number = opened.read(ranged("nothing", "avg", "1 h"))

    assert number.value is None
    assert number.raw["words"] == ["the query has no value in the window"]


def test_two_series_at_once_are_refused_and_said_when(opened: Opened) -> None:
    with pytest.raises(QueryRefused, match=r"several series at 2026-01-01 00:0. UTC .*\(they diff"):
        opened.read(ranged("twins", "max", "1 h"), at(HOUR))


def test_more_points_than_the_server_gives_at_once_are_asked_for_in_parts(opened: Opened) -> None:
    plan = ranged("wave", {"share": "> 89"}, "14 d", step="1 min")

    number = opened.read(plan)

    assert number.raw["points"] == 14 * 24 * 60
    assert number.value == pytest.approx(2016 / 20160)
    assert opened.asked == ["query_range", "query_range"]


def test_a_period_is_read_no_further_than_its_end(opened: Opened) -> None:
    plan = Range(
        measure="prometheus.range", query="wave", aggregate="last", window="period", step="1 min"
    ).plan("prom", PlanContext("America/Los_Angeles", at(DAY).date(), at(2 * DAY).date()))

    number = opened.read(plan)

    assert number.raw["from"] == "2026-01-02 08:00:00 UTC"
    assert number.raw["until"] == "2026-01-04 08:00:00 UTC"
    assert number.value == wave((3 * DAY + 8 * HOUR) // MINUTE)


def test_before_a_period_has_begun_there_is_no_data_and_nothing_is_asked(opened: Opened) -> None:
    number = opened.read(ranged("wave", "max", "period"), at(-HOUR))

    assert number.value is None
    assert "the window begins at 2026-01-01 00:00:00 UTC" in number.raw["words"][0]
    assert opened.asked == []


@pytest.mark.parametrize(
    "plan",
    [
        ranged("wave", {"percentile": 95}, "1 d"),
        ranged("wave", "avg", "3 h", step="90 s"),
        ranged("load_nodes", "max", "period"),
        ranged("late", "avg", "8 d"),
        ranged("wave", {"share": "> 89"}, "10 min", step="1 min"),
    ],
    ids=["percentile", "avg", "period", "late", "short"],
)
def test_the_history_of_a_range_is_what_reading_then_would_have_given(
    opened: Opened, plan: NumberPlan
) -> None:
    moments = [at(DAY * n + 8 * HOUR + 12.345) for n in range(14)]

    told = opened.history(plan, moments)
    asked = len(opened.asked)
    read = [opened.read(plan, moment) for moment in moments]

    assert told == [number for number in read if number.value is not None]
    assert told
    assert asked < len(moments)


def test_a_server_that_keeps_less_than_the_window_says_so(
    prometheus_server: Callable[..., Prometheus],
) -> None:
    ending = time.time() // DAY * DAY
    lines = [f"recent {1 + n % 2} {ending - 2 * DAY + 600 * n:.0f}" for n in range(288)]
    server = prometheus_server(history="\n".join([*lines, "# EOF", ""]), retention="15d")
    session = connector.open(SourceConfig("prom", "prometheus", server.url), Recorder())
    plan = ranged("recent", "max", "30 d")

    number = session.read(plan, datetime.fromtimestamp(ending, UTC), time.monotonic() + 60)
    session.close()

    assert number.value == 2.0
    assert number.partial is True
    assert "the server keeps samples since" in number.raw["words"][0]
    assert "the values begin at" in number.raw["words"][0]
