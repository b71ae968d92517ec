"""A value at the edge of a threshold does not flap: climbing back takes a margin."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Dimension
from syncd.assess import assess
from syncd.model import Assessment, Judgement, KeyResult, Memory, Status, Target, TargetType
from tests.unit.assess.cases import (
    DAY,
    HOUR,
    INSTANT,
    MIDDLE,
    START,
    checkpoints,
    key_result,
    milestones,
    moment,
    pause,
    reached,
    seen,
    told_of,
)

PAUSED = (pause(MIDDLE, MIDDLE + 30 * DAY),)
"""The line stands at one half for a month."""


def told_of_values(kr: KeyResult, *values: float) -> list[Assessment]:
    """One assessment an hour for each value, against a line that stands at one half."""
    memory, told = Memory(), []
    for hours, value in enumerate(values):
        now = MIDDLE + hours * HOUR
        evidence = replace(seen(value, now), adjustments=PAUSED)
        assessment, memory = assess(kr, evidence, memory, {}, now)
        told.append(assessment)
    return told


def statuses(*values: float, kr: KeyResult | None = None) -> list[Status]:
    return [one.status for one in told_of_values(kr or key_result(), *values)]


def test_climbing_back_takes_a_margin_and_falling_takes_none() -> None:
    assert statuses(0.46, 0.449, 0.451, 0.459, 0.461, 0.451, 0.449) == [
        Status.ON_TRACK,
        *[Status.AT_RISK] * 3,
        *[Status.ON_TRACK] * 2,
        Status.AT_RISK,
    ]
    assert statuses(0.34, 0.351, 0.361, 0.351, 0.349) == [
        *[Status.OFF_TRACK] * 2,
        *[Status.AT_RISK] * 2,
        Status.OFF_TRACK,
    ]


def test_what_has_the_margin_exactly_has_passed_it() -> None:
    kr = key_result(due=START + 90 * DAY)
    half = START + 45 * DAY
    memory = Memory(told=Status.AT_RISK, told_since=START, target=kr.target_fingerprint)

    assert assess(kr, seen(0.46, half), memory, {}, half)[0].status is Status.ON_TRACK
    assert assess(kr, seen(0.4599, half), memory, {}, half)[0].status is Status.AT_RISK


def test_one_step_up_does_not_lend_its_margin_to_the_next() -> None:
    assert statuses(0.34, 0.455, 0.459, 0.461) == [
        Status.OFF_TRACK,
        Status.AT_RISK,
        Status.AT_RISK,
        Status.ON_TRACK,
    ]


@pytest.mark.parametrize(
    ("judgement", "passes", "falls_short"),
    [
        (Judgement(hysteresis_ratio=0.0), 0.451, 0.449),
        (Judgement(hysteresis_ratio=0.08), 0.491, 0.489),
        # never more than everything that is expected, and never less than the threshold
        (Judgement(on_track_ratio=0.95, hysteresis_ratio=0.3), 0.501, 0.499),
        (Judgement(on_track_ratio=1.1), 0.551, 0.549),
    ],
)
def test_the_margin_can_be_set_and_never_asks_for_more_than_is_expected(
    judgement: Judgement, passes: float, falls_short: float
) -> None:
    kr = key_result(judgement=judgement)

    assert statuses(0.4, passes, kr=kr)[1] is Status.ON_TRACK
    assert statuses(0.4, falls_short, kr=kr)[1] is Status.AT_RISK


@pytest.mark.parametrize("kind", ["stale", "no data", "both"])
def test_a_gap_in_the_data_lends_nobody_the_margin(kind: str) -> None:
    kr, memory, told = key_result(), Memory(), []
    late, gap = MIDDLE + 2 * HOUR, []
    if kind != "no data":
        gap.append((replace(seen(0.44, MIDDLE), adjustments=PAUSED), late))
    if kind != "stale":
        gap.append((replace(seen(None, late), adjustments=PAUSED), late + HOUR))
    back = late + 2 * HOUR
    again = replace(seen(0.455, back), adjustments=PAUSED)
    for evidence, now in [(seen(0.44, MIDDLE), MIDDLE), *gap, (again, back)]:
        assessment, memory = assess(kr, evidence, memory, {}, now)
        told.append(assessment.status)

    assert told[0] is told[-1] is Status.AT_RISK
    assert not {*told[1:-1]} & {Status.AT_RISK, Status.ON_TRACK}


def test_a_goal_that_is_reached_is_achieved_whatever_was_told() -> None:
    assert statuses(0.3, 1.0) == [Status.OFF_TRACK, Status.ACHIEVED]


def test_a_checkpoint_that_is_reached_again_leaves_the_margin_of_the_line() -> None:
    kr = key_result(checkpoints=checkpoints(feb_10=0.48))
    values = (0.47, 0.48, 0.497)
    memory, told = Memory(), []
    for value in values:
        assessment, memory = assess(kr, seen(value, MIDDLE), memory, {}, MIDDLE)
        told.append((assessment.status, round((assessment.progress or 0) / 0.5281, 2)))

    assert told == [
        (Status.AT_RISK, 0.89),
        (Status.AT_RISK, 0.91),
        (Status.ON_TRACK, 0.94),
    ]


def test_what_waited_for_a_need_is_on_track_again_only_with_the_margin() -> None:
    kr = key_result(needs=("a",))
    slipping, fine = told_of(a=Status.OFF_TRACK), told_of(a=Status.ON_TRACK)
    _, memory = assess(kr, seen(0.455, MIDDLE), Memory(), slipping, MIDDLE)

    near, _ = assess(kr, seen(0.455, MIDDLE), memory, fine, MIDDLE)
    clear, _ = assess(kr, seen(0.465, MIDDLE), memory, fine, MIDDLE)

    assert (near.status, clear.status) == (Status.AT_RISK, Status.ON_TRACK)


@pytest.mark.parametrize(
    ("target", "first", "second", "sentence"),
    [
        (
            Target(TargetType.AT_LEAST, goal=1.0),
            0.44,
            0.455,
            "45.5 % on 15 Feb; the line asks for at least 50 % by now; on track again from 46 %",
        ),
        (
            Target(TargetType.DECREASE, goal=0.3, start=0.5),
            0.46,
            0.428,
            "42.8 % on 15 Feb; the line asks for at most 40 % by now; at risk again from 42.8 %",
        ),
    ],
)
def test_the_reason_says_from_where_on_the_better_status_is_given(
    target: Target, first: float, second: float, sentence: str
) -> None:
    told = told_of_values(key_result(target), first, second)

    assert told[1].reason.startswith(sentence)


def test_of_whole_things_the_better_status_is_given_from_a_whole_number_on() -> None:
    kr, memory = key_result(Target(TargetType.AT_LEAST, goal=90.0)), Memory()
    for hours, value in enumerate((40.0, 41.0)):
        now = MIDDLE + hours * HOUR
        evidence = replace(seen(value, now), dimension=Dimension.COUNT, adjustments=PAUSED)
        told, memory = assess(kr, evidence, memory, {}, now)

    assert "; on track again from 42; " in told.reason  # 46 % of 90 are 41.4


def test_the_share_of_milestones_has_the_margin_too() -> None:
    days = {f"m{n}": "2026-01-31" for n in range(10)} | {"last": "2026-03-31"}
    target = milestones(**days)
    kr, now = key_result(target), moment("2026-02-20 12:00")
    _, memory = assess(kr, reached(target, *list(days)[:6], at=now), Memory(), {}, now)

    assessment, _ = assess(kr, reached(target, *list(days)[:7], at=now), memory, {}, now)

    assert assessment.status is Status.OFF_TRACK
    assert assessment.reason.endswith("7 of 11 done; at risk again from 8 of 11 done")


def test_where_no_value_is_at_the_threshold_the_reason_says_how_much_progress_is() -> None:
    told = told_of_values(key_result(Target(TargetType.AT_LEAST, goal=-0.1)), -0.23, -0.2203)

    assert "; on track again from 46 % of the whole; " in told[1].reason


def test_what_waits_is_measured_against_the_told_status_until_it_is_told() -> None:
    kr = key_result(judgement=Judgement(hold_seconds=7200.0))
    told = told_of_values(kr, 0.34, 0.461, 0.461, 0.461)

    assert [one.raw_status for one in told] == [Status.OFF_TRACK, *[Status.ON_TRACK] * 3]
    assert [one.status for one in told] == [*[Status.OFF_TRACK] * 3, Status.ON_TRACK]


@given(
    st.sampled_from([0.7, 0.9]),
    st.floats(0.0, 1.0),
    st.lists(st.floats(0.0, 1.0, exclude_max=True), min_size=2, max_size=12),
    st.sampled_from([None, *Status]),
)
def test_a_value_that_wobbles_by_less_than_the_margin_changes_what_is_told_at_most_once(
    threshold: float, below: float, wobble: list[float], before: Status | None
) -> None:
    kr, band = key_result(), 0.02
    # from some way below the threshold, and over it, by less than the band in all
    values = [0.5 * (threshold - band * below * 0.99 + band * 0.99 * part) for part in wobble]
    memory = Memory(told=before, told_since=START, target=kr.target_fingerprint)
    told = []
    for hours, value in enumerate(values):
        now = MIDDLE + hours * HOUR
        evidence = replace(seen(value, now), adjustments=PAUSED)
        assessment, memory = assess(kr, evidence, memory, {}, now)
        told.append(assessment.status)

    assert sum(one is not other for one, other in pairwise(told)) <= 1


@given(st.floats(0.3, 0.6), st.sampled_from([Status.OFF_TRACK, Status.AT_RISK, Status.ON_TRACK]))
def test_the_next_moment_knows_the_margin(value: float, before: Status) -> None:
    kr = key_result(stale_after_seconds=365 * 86400.0)
    memory = Memory(told=before, told_since=START, target=kr.target_fingerprint)
    first, memory = assess(kr, seen(value, MIDDLE), memory, {}, MIDDLE)
    due: datetime | None = first.due_to_change_at
    assert due is not None

    last, memory = assess(kr, seen(value, MIDDLE), memory, {}, due - INSTANT)
    after, _ = assess(kr, seen(value, MIDDLE), memory, {}, due)

    assert last.status is first.status
    assert after.status is not first.status
    assert due - MIDDLE > timedelta()
