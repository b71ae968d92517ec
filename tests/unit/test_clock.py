"""A clock that is set by an hour, either way: followed, and never at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.clock import MADE_UP, MOST_OFF, SteadyClock

START = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Machine:
    """Its calendar, which somebody sets, and seconds that only run."""

    def __init__(self) -> None:
        self.ran = 0.0
        self.set_by = timedelta()

    def calendar(self) -> datetime:
        return START + timedelta(seconds=self.ran) + self.set_by

    def ticks(self) -> float:
        return self.ran

    def clock(self, not_before: datetime | None = None) -> SteadyClock:
        return SteadyClock(self.calendar, not_before=not_before, ticks=self.ticks)


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_an_hours_jump_is_made_up_within_two_hours_and_never_at_once(jump: timedelta) -> None:
    machine = Machine()
    clock = machine.clock()
    machine.set_by = jump

    assert clock.now() == START

    machine.ran += 60
    made_up = MADE_UP if jump > timedelta() else -MADE_UP
    assert clock.now() == START + timedelta(seconds=60 * (1 + made_up))
    machine.ran += 2 * 3600
    assert clock.now() == machine.calendar()


@given(
    st.lists(
        st.tuples(
            st.floats(0, 7200),
            st.timedeltas(-timedelta(hours=2), timedelta(hours=2)),
        ),
        max_size=20,
    )
)
def test_it_never_goes_back_and_never_runs_away(steps: list[tuple[float, timedelta]]) -> None:
    machine = Machine()
    clock = machine.clock()
    told = [(machine.ran, clock.now())]
    for ran, off in steps:
        machine.ran += ran
        machine.set_by = off
        told.append((machine.ran, clock.now()))

    for (before, was), (after, now) in pairwise(told):
        passed = timedelta(seconds=after - before)
        assert passed * (1 - MADE_UP) - timedelta(milliseconds=1) <= now - was
        assert now - was <= passed * (1 + MADE_UP) + timedelta(milliseconds=1)


@pytest.mark.parametrize("jump", [MOST_OFF + HOUR, -MOST_OFF - HOUR])
def test_a_clock_that_was_never_right_is_taken_at_its_word(jump: timedelta) -> None:
    machine = Machine()
    clock = machine.clock()

    machine.set_by = jump

    assert clock.now() == machine.calendar()


def test_one_that_begins_is_not_before_what_was_told_already() -> None:
    machine = Machine()

    clock = machine.clock(not_before=START + HOUR)

    assert clock.now() == START + HOUR
    machine.ran += 3 * 3600
    assert clock.now() == machine.calendar()


def test_what_was_told_of_another_year_holds_nobody_up() -> None:
    clock = Machine().clock(not_before=START + timedelta(days=365))

    assert clock.now() == START
