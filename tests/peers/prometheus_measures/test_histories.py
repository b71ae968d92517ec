"""The past of a query, on real servers."""

from __future__ import annotations

import math

import pytest

from tests.peers.prometheus_measures.world import DAY, HOUR, MINUTE, Opened, at, query, wave


@pytest.mark.parametrize(
    "text",
    ["wave", "sum(increase(requests_total[6h]))", "load_nodes", "time() % 1000", "late", "2"],
)
def test_the_history_of_a_query_is_what_reading_then_would_have_given(
    opened: Opened, text: str
) -> None:
    daily = [at(DAY * n + 33.007) for n in range(13)]
    # the clocks change, and then it is hourly
    moments = [*daily, *(at(12 * DAY + 23 * HOUR + HOUR * n) for n in range(20))]

    told = opened.history(query(text), moments)
    asked = len(opened.asked)
    read = [opened.read(query(text), moment) for moment in moments]

    assert [(n.observed_at, n.value) for n in told] == [
        (n.observed_at, n.value) for n in read if n.value is not None
    ]
    assert told
    assert asked <= 3


def test_a_long_history_is_asked_for_in_parts_of_what_the_server_gives(opened: Opened) -> None:
    moments = [at(MINUTE * n) for n in range(11_500)]

    told = opened.history(query("wave"), moments)

    assert [number.value for number in told] == [wave(n) for n in range(11_500)]
    assert opened.asked == ["query_range", "query_range"]


def test_the_very_limit_of_points_is_taken_by_the_server(opened: Opened) -> None:
    opened.history(query("wave"), [at(MINUTE * n) for n in range(11_000)])

    assert opened.asked == ["query_range"]


def test_unknown_values_are_left_out_of_a_history(opened: Opened) -> None:
    told = opened.history(query("wave / wave"), [at(MINUTE * n) for n in range(101)])

    # wave is 0 at minutes 0 and 100: NaN
    assert len(told) == 99
    assert all(number.value is not None and math.isfinite(number.value) for number in told)
