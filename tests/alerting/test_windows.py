"""The windows of the rules, made shorter for a replay, and durations as Prometheus writes them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.alerting import SHIPPED
from syncd.alerting.windows import promql


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (timedelta(0), "0s"),
        (timedelta(milliseconds=250), "250ms"),
        (timedelta(seconds=90), "90s"),
        (timedelta(minutes=15), "15m"),
        (timedelta(hours=36), "36h"),
        (timedelta(days=2), "2d"),
        (timedelta(days=14), "2w"),
        (timedelta(microseconds=1), "0s"),
        (timedelta(seconds=1, microseconds=400), "1000ms"),
    ],
)
def test_a_duration_is_written_in_the_largest_unit_that_fits(span: timedelta, written: str) -> None:
    assert promql(span) == written


@given(st.floats(0.01, 100_000))
def test_a_replay_shortens_spans_and_leaves_shares_as_they_are(times: float) -> None:
    faster = SHIPPED.faster(times)

    assert faster.slow_long.total_seconds() == pytest.approx(
        SHIPPED.slow_long.total_seconds() / times, abs=1e-6
    )
    assert faster.slow_share == SHIPPED.slow_share
    assert faster.fall_ratio == SHIPPED.fall_ratio


@pytest.mark.parametrize("times", [0, -1, float("nan")])
def test_a_replay_that_does_not_move_is_refused(times: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        SHIPPED.faster(times)
