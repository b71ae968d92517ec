"""Time that does not count as time to progress: the line is flat in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.assess import assess, expected_line, expected_on
from syncd.assess.counting import after, counted, merged
from syncd.model import (
    AdjustmentKind,
    Checkpoint,
    KeyResult,
    Memory,
    Status,
    Target,
    TargetType,
    TimeOff,
)
from tests.unit.assess.cases import (
    DAY,
    DUE,
    HOUR,
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

FEB_10, FEB_20 = moment("2026-02-10 00:00"), moment("2026-02-20 00:00")
FREEZE = TimeOff("Freeze", FEB_10, FEB_20)
moments = st.timedeltas(-5 * DAY, 100 * DAY).map(lambda past: START + past)
spans = st.tuples(moments, moments).map(lambda pair: (min(pair), max(pair)))
lists_of_spans = st.lists(spans, max_size=4)
corners = st.lists(st.builds(Checkpoint, moments, st.floats(0.0, 1.2)), max_size=3).map(tuple)


def off(*times: tuple[datetime, datetime]) -> tuple[TimeOff, ...]:
    return tuple(TimeOff("Freeze", *span) for span in times)


def test_the_corners_draw_the_flat_part() -> None:
    line = expected_line(key_result(due=START + 90 * DAY, time_off=(FREEZE,)), None, 1.0)

    assert line == [(START, 0.0), (FEB_10, 0.5), (FEB_20, 0.5), (START + 90 * DAY, 1.0)]


def test_time_off_that_goes_beyond_the_key_result_counts_only_within_it() -> None:
    kr = key_result(time_off=off((START - DAY, START + DAY), (DUE - DAY, DUE + DAY)))

    assert expected_line(kr, None, 1.0) == [
        (START, 0.0),
        (START + DAY, 0.0),
        (DUE - DAY, 1.0),
        (DUE, 1.0),
    ]


def test_where_all_is_time_off_everything_is_asked_for_on_the_due_date() -> None:
    kr = key_result(time_off=off((START, DUE + DAY)))

    assert expected_line(kr, None, 1.0) == [(START, 0.0), (DUE, 0.0), (DUE, 1.0)]


@pytest.mark.parametrize(
    "target", [NO_BREACHES, milestones(site="2026-02-15", racked="2026-03-15")]
)
def test_guards_and_milestones_are_expected_by_their_dates_whatever_is_off(target: Target) -> None:
    plain = key_result(target)

    line = expected_line(replace(plain, time_off=(FREEZE,)), None, 1.0, [pause(FEB_10, FEB_20)])

    assert line == expected_line(plain, None, 1.0)


def test_a_note_and_an_override_do_not_bend_the_line() -> None:
    said = [
        pause(FEB_10, FEB_20, kind=kind) for kind in (AdjustmentKind.NOTE, AdjustmentKind.OVERRIDE)
    ]

    assert expected_line(key_result(), None, 1.0, said) == expected_line(key_result(), None, 1.0)


def test_a_pause_over_the_due_date_leaves_all_that_is_missing_to_that_date() -> None:
    line = expected_line(key_result(), None, 1.0, [pause(line_at(0.5), DUE + DAY)])

    half = pytest.approx(0.5)
    assert line == [(START, 0.0), (line_at(0.5), half), (DUE, half), (DUE, 1.0)]


def test_a_pause_delays_the_moment_at_which_the_line_leaves_the_value_behind() -> None:
    kr = key_result(stale_after_seconds=365 * 86400.0)
    evidence = seen(0.46, FEB_10)
    paused = replace(evidence, adjustments=(pause(FEB_10, FEB_20),))

    due = judged_once(kr, evidence, FEB_10).due_to_change_at
    later = judged_once(kr, paused, FEB_20).due_to_change_at

    assert due is not None
    assert due < FEB_20
    assert later is not None
    _, memory = assess(kr, paused, Memory(), {}, FEB_10)
    assert assess(kr, paused, memory, {}, later - INSTANT)[0].status is Status.ON_TRACK
    assert assess(kr, paused, memory, {}, later)[0].status is Status.AT_RISK


def test_a_checkpoint_is_asked_for_on_its_date_though_it_falls_into_a_pause() -> None:
    kr = key_result(checkpoints=checkpoints(feb_15=0.8))
    now = moment("2026-02-16 12:00")
    evidence = replace(seen(0.7, now), adjustments=(pause(FEB_10, FEB_20),))

    assessment = judged_once(kr, evidence, now)

    assert assessment.status is Status.AT_RISK
    assert "the checkpoint of 15 Feb asked for 80 %" in assessment.reason


@given(lists_of_spans, lists_of_spans, corners)
def test_the_line_never_falls_and_ends_at_1_whatever_is_off(
    times: list[tuple[datetime, datetime]],
    paused: list[tuple[datetime, datetime]],
    bends: tuple[Checkpoint, ...],
) -> None:
    kr = key_result(time_off=off(*times), checkpoints=bends)

    line = expected_line(kr, None, 1.0, [pause(*span) for span in paused])

    assert line[0] == (START, 0.0)
    assert line[-1] == (DUE, 1.0)
    assert line == sorted(line)
    assert all(0.0 <= ratio <= 1.0 for _, ratio in line)


@given(lists_of_spans, lists_of_spans, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_nothing_more_is_expected_within_time_off_or_a_pause(
    times: list[tuple[datetime, datetime]],
    paused: list[tuple[datetime, datetime]],
    one: float,
    other: float,
) -> None:
    line = expected_line(
        key_result(time_off=off(*times)), None, 1.0, [pause(*span) for span in paused]
    )

    for since, until in [*times, *paused]:
        left, right = (since + (until - since) * part for part in sorted((one, other)))
        if right < min(until, DUE):
            assert expected_on(line, left) == expected_on(line, right)


@given(lists_of_spans, spans, moments)
def test_a_pause_asks_for_nothing_more_before_it_ends(
    paused: list[tuple[datetime, datetime]], further: tuple[datetime, datetime], at: datetime
) -> None:
    kr = key_result()
    before = expected_on(expected_line(kr, None, 1.0, [pause(*one) for one in paused]), at)

    with_it = expected_line(kr, None, 1.0, [pause(*one) for one in [*paused, further]])

    wanted = expected_on(with_it, at)
    assert before is not None
    assert wanted is not None
    if at <= further[0]:
        assert wanted == pytest.approx(before)
    else:
        assert wanted <= before + 1e-9


@given(lists_of_spans)
def test_merged_spans_are_the_same_time_in_order_and_apart(
    times: list[tuple[datetime, datetime]],
) -> None:
    apart = merged(times)

    assert all(left[1] < right[0] for left, right in pairwise(apart))
    for edge in [edge for span in times for edge in span]:
        for at in (edge - INSTANT, edge):
            assert any(since <= at < until for since, until in times) == any(
                since <= at < until for since, until in apart
            )


@pytest.mark.parametrize("until", [FEB_10, FEB_10 - DAY])
def test_a_time_that_ends_before_it_begins_is_none(until: datetime) -> None:
    assert merged([(FEB_10, until), (FEB_20, FEB_20 + DAY)]) == ((FEB_20, FEB_20 + DAY),)
    assert merged([(FEB_10, FEB_20), (FEB_10 + DAY, until)]) == ((FEB_10, FEB_20),)


@given(lists_of_spans, moments, st.timedeltas(timedelta(), 50 * DAY))
def test_counting_on_from_a_moment_is_counting_backwards(
    times: list[tuple[datetime, datetime]], start: datetime, time: timedelta
) -> None:
    apart = merged(times)

    end = after(start, time, apart)

    assert counted(start, end, apart) == time
    assert time == timedelta() or counted(start, end - INSTANT, apart) == time - INSTANT


def test_no_time_counts_backwards() -> None:
    assert counted(START + HOUR, START, ()) == timedelta()


def test_a_line_that_needs_an_unknown_start_is_none_whatever_is_off() -> None:
    kr: KeyResult = key_result(
        Target(TargetType.INCREASE, goal=1.0),
        checkpoints=checkpoints(feb_15=0.6),
        time_off=(FREEZE,),
    )

    assert expected_line(kr, None, 1.0) == []
