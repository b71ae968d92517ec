"""An edit puts nobody behind, nor ahead: the line goes on from where the old one stood."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from syncd.assess import assess, definition_at, expected_line, expected_on, goal_of, value_at
from syncd.assess.edits import asked_on_its_day, start_before
from syncd.model import (
    Checkpoint,
    Former,
    KeyResult,
    Memory,
    Status,
    Target,
    TargetType,
    TimeOff,
)
from tests.unit.assess.cases import (
    DAY,
    DONE,
    DUE,
    INSTANT,
    NO_BREACHES,
    START,
    checkpoints,
    judged_once,
    key_result,
    line_at,
    milestones,
    moment,
    pause,
    seen,
)

HALF = START + 45 * DAY
END = START + 90 * DAY
TO_TEN = key_result(Target(TargetType.INCREASE, goal=10.0))
TEN, TWENTY = (Target(TargetType.AT_LEAST, goal=goal) for goal in (10.0, 20.0))


def until_half(target: Target | None = TEN, **changes: Any) -> Former:
    return Former(HALF, key_result(target, **({"due": END} | changes)))


def line_of(kr: KeyResult, *former: Former, start: float | None = None) -> list[Any]:
    goal = None if kr.target is None else goal_of(kr.target, start)
    return expected_line(kr, start, goal, (), former)


def test_the_line_goes_on_from_the_value_at_which_the_old_one_stood() -> None:
    line = line_of(key_result(TWENTY, due=END), until_half())

    assert line == [(START, 0.0), (HALF, 0.5), (HALF, 0.25), (END, 1.0)]


def test_it_goes_through_the_checkpoints_that_are_still_ahead() -> None:
    corners = checkpoints(feb_10=8.0, mar_01=18.0)

    line = line_of(key_result(TWENTY, due=END, checkpoints=corners), until_half())

    assert line == [(START, 0.0), (HALF, 0.5), (HALF, 0.25), (corners[1].at, 0.9), (END, 1.0)]


def test_a_later_due_date_makes_the_way_longer_and_not_the_past() -> None:
    later = START + 135 * DAY

    line = line_of(key_result(TEN, due=later), until_half())

    assert line == [(START, 0.0), (HALF, 0.5), (later, 1.0)]


def test_a_due_date_that_has_passed_by_the_edit_asks_for_everything_from_that_day() -> None:
    line = line_of(key_result(TEN, due=START + 30 * DAY), until_half())

    assert line == [(START, 0.0), (HALF, 0.5), (HALF, 1.0)]


def test_a_goal_below_what_the_old_line_had_asked_for_is_asked_for_at_once() -> None:
    line = line_of(key_result(Target(TargetType.AT_LEAST, goal=4.0), due=END), until_half())

    assert line == [(START, 0.0), (HALF, 0.5), (HALF, 1.0), (END, 1.0)]


def test_a_freeze_that_is_declared_later_asks_for_nothing_more_of_the_time_before() -> None:
    freeze = TimeOff("Freeze", HALF + 5 * DAY, HALF + 15 * DAY)

    line = line_of(key_result(TEN, due=END, time_off=(freeze,)), until_half())

    assert [at for at, _ in line] == [START, HALF, freeze.start, freeze.end, END]
    assert [ratio for _, ratio in line] == pytest.approx([0.0, 0.5, 0.5714, 0.5714, 1.0], abs=1e-4)


def test_several_edits_follow_each_other() -> None:
    first = Former(START + 30 * DAY, key_result(TEN, due=END))
    second = Former(START + 60 * DAY, key_result(TWENTY, due=END))

    line = line_of(key_result(Target(TargetType.AT_LEAST, goal=15.0), due=END), first, second)

    # 3.33 of 10 after a month; half of the way from there to 20 after two, of which 15 is less.
    third = pytest.approx
    assert [at for at, _ in line] == [START, *[first.until] * 2, *[second.until] * 2, END]
    assert [ratio for _, ratio in line] == third([0.0, 1 / 3, 1 / 6, 7 / 12, 7 / 9, 1.0])


def test_what_was_edited_back_on_the_same_day_was_never_another() -> None:
    mistaken = Former(HALF, key_result(TWENTY, due=END))

    assert line_of(key_result(TEN, due=END), until_half(), mistaken) == line_of(
        key_result(TEN, due=END)
    )


def test_an_edit_before_the_first_day_is_no_edit() -> None:
    early = Former(START, key_result(TEN, due=END))

    assert line_of(key_result(TWENTY, due=END), early) == line_of(key_result(TWENTY, due=END))


def test_a_start_that_is_moved_past_the_edit_asks_for_nothing_before_it() -> None:
    start = START + 60 * DAY

    line = line_of(key_result(TEN, start=start, due=END), until_half())

    assert line == [(START, 0.0), (HALF, 0.5), (HALF, 0.0), (start, 0.0), (END, 1.0)]


def test_a_start_that_is_moved_to_the_day_of_the_edit_begins_there() -> None:
    line = line_of(key_result(TEN, start=HALF, due=END), until_half())

    assert line == [(START, 0.0), (HALF, 0.5), (HALF, 0.0), (END, 1.0)]


STEPS = milestones(site="2026-01-31", racked="2026-03-31")
FROM_FIRST = Target(TargetType.INCREASE, goal=100.0)


@pytest.mark.parametrize(
    ("was", "now", "start"),
    [
        (TEN, Target(TargetType.INCREASE, goal=20.0, start=0.0), 0.0),
        (
            Target(TargetType.AT_MOST, goal=10.0),
            Target(TargetType.AT_MOST, goal=5.0),
            None,
        ),
        (NO_BREACHES, Target(TargetType.GUARD, high=5.0), None),
        (DONE, replace(DONE, held_for_seconds=86400.0), None),
        (STEPS, milestones(site="2026-01-31", racked="2026-03-20"), None),
        (FROM_FIRST, Target(TargetType.INCREASE, goal=180.0, start=20.0), 20.0),
        (FROM_FIRST, replace(FROM_FIRST, goal=180.0, start_from="f" * 16), 20.0),
        (TEN, Target(TargetType.AT_LEAST, goal=0.0), None),
        (Target(TargetType.AT_LEAST), TEN, None),
        (None, TEN, None),
    ],
    ids=[
        "another type",
        "at most",
        "guard",
        "boolean",
        "milestones",
        "first reading, which is not told any more",
        "first reading, now a past period's",
        "no way to the goal",
        "to be decided",
        "no target",
    ],
)
def test_where_no_value_leads_over_the_new_line_holds_from_that_day(
    was: Target | None, now: Target, start: float | None
) -> None:
    kr = key_result(now, due=END)
    own = line_of(kr, start=start)

    line = line_of(kr, until_half(was), start=start)

    for at in (HALF, HALF + DAY, HALF + 20 * DAY, END):
        assert expected_on(line, at) == pytest.approx(expected_on(own, at))


def test_a_start_that_both_definitions_read_leads_over() -> None:
    now = replace(FROM_FIRST, goal=180.0)

    line = line_of(key_result(now, due=END), until_half(FROM_FIRST), start=20.0)

    # 60 stood half way from 20 to 100, and is a quarter of the way to 180.
    assert line == [(START, 0.0), (HALF, 0.5), (HALF, 0.25), (END, 1.0)]


def test_a_pause_over_the_edit_stops_both_lines() -> None:
    paused = pause(HALF - 9 * DAY, HALF + 9 * DAY)

    line = expected_line(key_result(TWENTY, due=END), None, 20.0, [paused], [until_half()])

    assert [at for at, _ in line] == [START, paused.since, HALF, HALF, paused.until, END]
    assert [ratio for _, ratio in line] == pytest.approx([0.0, 0.4, 0.4, 0.2, 0.2, 1.0])


def test_a_raised_goal_does_not_turn_a_key_result_on_its_line_off_track() -> None:
    now = HALF + DAY
    evidence = seen(10.5, now, former=(Former(HALF, key_result(TWENTY, due=END)),))
    raised = key_result(Target(TargetType.AT_LEAST, goal=40.0), due=END)

    plain = judged_once(raised, replace(evidence, former=()), now)
    edited = judged_once(raised, evidence, now)

    assert (plain.status, edited.status) == (Status.OFF_TRACK, Status.ON_TRACK)


@pytest.mark.parametrize(
    ("before", "status"),
    [
        ((), Status.ON_TRACK),
        (checkpoints(feb_01=9.0), Status.AT_RISK),
        (checkpoints(feb_01=8.0), Status.ON_TRACK),
    ],
    ids=["written down later", "it stood there", "it asked for less"],
)
def test_a_checkpoint_asks_nothing_of_a_day_before_it_was_written_down(
    before: tuple[Checkpoint, ...], status: Status
) -> None:
    kr = key_result(TEN, due=END, checkpoints=checkpoints(feb_01=9.0))
    now = HALF + DAY
    evidence = seen(8.9, now, former=(until_half(checkpoints=before),))

    assert judged_once(kr, evidence, now).status is status


def test_a_checkpoint_of_the_day_of_an_edit_or_later_is_asked_whatever_stood_there_before() -> None:
    none, some = until_half(), until_half(checkpoints=(Checkpoint(HALF, 9.0),))
    days = (HALF - INSTANT, HALF, HALF + DAY)

    assert [asked_on_its_day(Checkpoint(day, 9.0), (none,)) for day in days] == [False, True, True]
    assert [asked_on_its_day(Checkpoint(day, 9.0), (some,)) for day in days] == [False, True, True]


def test_an_earlier_start_that_is_no_number_is_none() -> None:
    was = key_result(Target(TargetType.INCREASE, goal=20.0, start=math.nan))

    assert start_before(was, TO_TEN, 1.0) is None


def test_the_next_moment_may_be_the_day_of_an_edit() -> None:
    kr = key_result(due=END, stale_after_seconds=365 * 86400.0)
    now = HALF - 5 * DAY
    evidence = seen(0.4, now, former=(until_half(NO_BREACHES),))

    assessment, memory = assess(kr, evidence, Memory(), {}, now)

    assert (assessment.status, assessment.due_to_change_at) == (Status.OFF_TRACK, HALF)
    assert assess(kr, evidence, memory, {}, HALF)[0].status is Status.AT_RISK


def test_the_definition_of_a_moment_is_the_one_that_held_then() -> None:
    was, now = key_result(TEN), key_result(TWENTY)
    former = (Former(HALF, was),)

    assert definition_at(now, former, HALF - INSTANT) is was
    assert definition_at(now, former, HALF) is now


# ------------------------------------------------------------------- whatever the numbers

moments = st.timedeltas(-5 * DAY, 100 * DAY).map(lambda past: START + past)
numbers = st.floats(-100.0, 100.0)
corners = st.lists(st.builds(Checkpoint, moments, numbers), max_size=2).map(tuple)
any_target = st.one_of(
    st.builds(
        Target,
        st.sampled_from([TargetType.INCREASE, TargetType.DECREASE]),
        goal=numbers,
        start=st.none() | numbers,
    ),
    st.builds(Target, st.sampled_from([TargetType.AT_LEAST, TargetType.AT_MOST]), goal=numbers),
    st.sampled_from([DONE, NO_BREACHES, STEPS, Target(TargetType.AT_LEAST)]),
)
definitions = st.builds(
    key_result,
    any_target,
    checkpoints=corners,
    start=st.sampled_from([START, START + 10 * DAY]),
    due=st.sampled_from([DUE, DUE - 30 * DAY, DUE + 30 * DAY]),
)
edits = st.lists(st.builds(Former, moments, definitions), max_size=3).map(
    lambda found: tuple(sorted(found, key=lambda one: one.until))
)
pauses = st.lists(st.builds(pause, moments, moments), max_size=1)


def start_of(kr: KeyResult, first: float) -> float | None:
    assert kr.target is not None
    if kr.target.type not in (TargetType.INCREASE, TargetType.DECREASE):
        return None
    return first if kr.target.start is None else kr.target.start


@given(definitions, edits, pauses, numbers)
def test_the_line_stays_between_0_and_1_and_never_falls_after_the_last_edit(
    kr: KeyResult, former: tuple[Former, ...], paused: list[Any], first: float
) -> None:
    start = start_of(kr, first)
    goal = None if kr.target is None else goal_of(kr.target, start)

    line = expected_line(kr, start, goal, paused, former)

    last = max((one.until for one in former), default=START)
    assert all(0.0 <= ratio <= 1.0 for _, ratio in line)
    assert [at for at, _ in line] == sorted(at for at, _ in line)
    tail = [ratio for at, ratio in line if at > last]
    here = expected_on(line, last)
    assert all(one <= other for one, other in pairwise([here or 0.0, *tail]))
    if line:
        assert expected_on(line, max(kr.due, last)) == 1.0


@given(definitions, st.lists(moments, max_size=3), pauses, numbers)
def test_equal_definitions_change_nothing(
    kr: KeyResult, days: list[datetime], paused: list[Any], first: float
) -> None:
    start = start_of(kr, first)
    goal = None if kr.target is None else goal_of(kr.target, start)
    same = [Former(at, replace(kr, title="as it was called then")) for at in sorted(days)]

    assert expected_line(kr, start, goal, paused, same) == expected_line(kr, start, goal, paused)


@given(
    st.sampled_from([TargetType.INCREASE, TargetType.DECREASE, TargetType.AT_LEAST]),
    numbers,
    numbers,
    numbers,
    st.floats(0.01, 0.99),
)
def test_no_edit_changes_the_value_that_is_asked_for_on_its_day(
    kind: TargetType, start: float, goal: float, other: float, part: float
) -> None:
    begun = None if kind is TargetType.AT_LEAST else start
    was, now = Target(kind, goal=goal, start=begun), Target(kind, goal=other, start=begun)
    until = line_at(part)
    stood = value_at(was, part, begun, goal)
    assume(stood is not None)
    assume(value_at(now, 1.0, begun, other) is not None)

    line = expected_line(key_result(now), begun, other, (), [Former(until, key_result(was))])

    ratio = expected_on(line, until)
    assert ratio is not None
    asked = value_at(now, ratio, begun, other)
    assert asked is not None
    assert stood is not None
    # more than the new goal is never asked for
    beyond = max(stood, other) if kind is TargetType.DECREASE else min(stood, other)
    assert asked == pytest.approx(beyond, abs=1e-6)


@given(definitions, definitions, moments, moments, numbers)
def test_until_the_day_of_the_edit_the_old_line_holds(
    was: KeyResult, now: KeyResult, until: datetime, at: datetime, first: float
) -> None:
    assume(at < until and until > was.start)
    start, old_start = start_of(now, first), start_of(was, first)
    # a first reading that is not told any more is not known, even where it was the start that is
    # written now; without it checkpoints are no progress
    is_first, is_now = (
        one.target is not None and one.target.start is None and start_of(one, first) is not None
        for one in (was, now)
    )
    assume(is_now or not is_first or not was.checkpoints)
    goals = [
        None if kr.target is None else goal_of(kr.target, one)
        for kr, one in ((now, start), (was, old_start))
    ]
    line = expected_line(now, start, goals[0], (), [Former(until, was)])
    old = expected_line(was, old_start, goals[1])
    assume(line != [] and old != [])

    assert expected_on(line, at) == pytest.approx(expected_on(old, at))


def test_an_edit_does_not_change_what_is_told_before_its_day() -> None:
    now = moment("2026-02-01 12:00")
    former = (until_half(),)

    assert expected_on(line_of(key_result(TWENTY, due=END), *former), now) == pytest.approx(
        expected_on(line_of(key_result(TEN, due=END)), now)
    )
