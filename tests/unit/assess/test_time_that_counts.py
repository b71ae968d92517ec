"""The time that counts up to each of many moments is that up to each alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd.assess.counting import Span, counted, merged, passed
from tests.unit.assess.cases import START

moments = st.integers(0, 60).map(lambda hours: START + timedelta(hours=hours))
spans = st.lists(st.tuples(moments, moments), max_size=6).map(merged)


@given(st.lists(moments, max_size=20).map(sorted), spans)
def test_many_at_once_are_as_each_alone(times: list[datetime], off: tuple[Span, ...]) -> None:
    each = [counted(times[0], at, off).total_seconds() for at in times]

    assert passed(times, off) == each


def test_of_no_moments_there_is_nothing() -> None:
    assert passed([], []) == []
