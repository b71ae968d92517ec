"""The time that counts up to each of many moments is that up to each alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd.assess.counting import Span, after, counted, merged, passed, within
from tests.unit.assess.cases import DAY, START

moments = st.integers(0, 60).map(lambda hours: START + timedelta(hours=hours))
spans = st.lists(st.tuples(moments, moments), max_size=6).map(merged)


@given(st.lists(moments, max_size=20).map(sorted), spans)
def test_many_at_once_are_as_each_alone(times: list[datetime], off: tuple[Span, ...]) -> None:
    each = [counted(times[0], at, off).total_seconds() for at in times]

    assert passed(times, off) == each


def test_of_no_moments_there_is_nothing() -> None:
    assert passed([], []) == []


def test_of_time_off_only_what_lies_between_two_moments_counts() -> None:
    off = [(START + DAY, START + 3 * DAY)]

    assert within(off, START, START + DAY) == []
    assert within(off, START + 3 * DAY, START + 9 * DAY) == []
    assert within(off, START, START + 2 * DAY) == [(START + DAY, START + 2 * DAY)]
    assert within(off, START + 2 * DAY, START + 9 * DAY) == [(START + 2 * DAY, START + 3 * DAY)]


def test_time_that_has_passed_when_time_off_begins_has_not_passed_after_it() -> None:
    off = [(START + 2 * DAY, START + 4 * DAY), (START + 5 * DAY, START + 6 * DAY)]

    found = [after(START, days * DAY, off) for days in (0, 1, 2, 2.5, 3, 4)]

    assert found == [START + days * DAY for days in (0, 1, 2, 4.5, 5, 7)]
    assert after(START + 2 * DAY, DAY, off) == START + 5 * DAY
    assert after(START + 4 * DAY, DAY, off) == START + 5 * DAY
