"""What holds of judgement whatever the numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import assume, event, given
from hypothesis import strategies as st

from syncd.assess import assess, expected, goal_of, progress
from syncd.model import (
    BAD,
    GOOD,
    AdjustmentKind,
    Assessment,
    Checkpoint,
    Ending,
    Evidence,
    Former,
    Judgement,
    KeyResult,
    Memory,
    Milestone,
    Needed,
    Reading,
    Status,
    Target,
    TargetType,
    TimeOff,
)
from tests.unit.assess.cases import DAY, DUE, INSTANT, START, key_result, pause, reading, refused

Needs = dict[str, Needed]
History = tuple[KeyResult, Memory, Evidence, Needs, datetime]
SPAN = 120 * DAY
ABANDONED = Ending(START + 45 * DAY, "nobody needs it")
CARRIED = Ending(START + 60 * DAY, "the lab is late", into="2026-Q2")
FREEZE = (START + 20 * DAY, START + 31 * DAY)
values = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-2.0, 2.0),
    st.integers(-5, 5).map(float),
)
shares = st.one_of(st.floats(0.0, 1.0), st.sampled_from([0.0, 0.5, 0.8, 0.9, 1.0]))
moments = st.timedeltas(-5 * DAY, SPAN).map(lambda past: START + past)
seen_values = values | shares | st.sampled_from([None, math.nan, math.inf])
ages = st.sampled_from([timedelta(), timedelta(minutes=5), timedelta(hours=5), 20 * DAY])
UP = (TargetType.INCREASE, TargetType.AT_LEAST, TargetType.BOOLEAN, TargetType.MILESTONES)
DOWN = (TargetType.DECREASE, TargetType.AT_MOST)


@st.composite
def targets(draw: st.DrawFn, kinds: tuple[TargetType, ...] = tuple(TargetType)) -> Target:
    kind = draw(st.sampled_from(kinds))
    if kind is TargetType.BOOLEAN:
        return Target(kind, held_for_seconds=draw(st.sampled_from([0.0, 1800.0, 7 * 86400.0])))
    if kind is TargetType.GUARD:
        low, high = sorted((draw(values), draw(values)))
        return Target(kind, low=draw(st.sampled_from([None, low])), high=high)
    if kind in (TargetType.AT_LEAST, TargetType.AT_MOST):
        return Target(kind, goal=draw(values), empty_met=draw(st.booleans()))
    if kind is TargetType.MILESTONES:
        dates = draw(st.lists(moments, min_size=1, max_size=5))
        named = tuple(Milestone(f"m{place}", at) for place, at in enumerate(sorted(dates)))
        return Target(kind, milestones=named, empty_met=draw(st.booleans()))
    from_past = draw(st.sampled_from([None, None, "0123456789abcdef"]))
    if from_past is not None:
        relative = draw(st.booleans())
        return Target(kind, by=0.4, by_relative=relative, start_from=from_past)
    if draw(st.booleans()):
        return Target(kind, goal=draw(values), start=draw(st.none() | values))
    return Target(
        kind,
        by=draw(st.floats(0.0, 10.0)),
        by_relative=draw(st.booleans()),
        start=draw(st.none() | values),
    )


@st.composite
def key_results(draw: st.DrawFn) -> KeyResult:
    target = draw(targets())
    corners = (
        ()
        if target.type in (TargetType.GUARD, TargetType.BOOLEAN, TargetType.MILESTONES)
        else draw(st.lists(st.builds(Checkpoint, moments, values), max_size=3))
    )
    return key_result(
        draw(st.sampled_from([target, target, target, None])),
        checkpoints=tuple(corners),
        needs=draw(st.sampled_from([(), ("a",), ("a", "external:b")])),
        judgement=Judgement(hold_seconds=draw(st.sampled_from([0.0, 3600.0, 5 * 86400.0]))),
        stale_after_seconds=draw(st.sampled_from([None, 600.0, 40 * 86400.0])),
        ending=draw(st.sampled_from([None, None, ABANDONED, CARRIED])),
        time_off=draw(st.sampled_from([(), (TimeOff("Freeze", *FREEZE),)])),
    )


spans = st.tuples(moments, moments).map(lambda pair: (min(pair), max(pair)))
kinds = st.sampled_from(AdjustmentKind)
said = st.builds(
    lambda span, kind, status: pause(*span, kind=kind, status=status),
    spans,
    kinds,
    st.sampled_from(Status),
)
adjusted = st.lists(said, max_size=2).map(tuple)


edited = st.lists(st.builds(Former, moments, key_results()), max_size=1).map(tuple)


@st.composite
def evidences(draw: st.DrawFn, now: datetime) -> Evidence:
    """Something that may have been read by `now`, often fresh."""

    def one(complete: bool = True) -> Reading:
        value = draw(seen_values)
        names = draw(st.lists(st.sampled_from(["m0", "m1", "m2", "m3"]), unique=True))
        told = {name: {"done": draw(st.booleans()), "since": None, "object": "1"} for name in names}
        return reading(
            value,
            now - draw(ages),
            complete=complete,
            objects=draw(st.sampled_from([None, 0, 7])),
            details=draw(st.sampled_from([None, {"milestones": told}])),
        )

    has = draw(st.sampled_from(["reading", "reading", "reading and first", "all", "nothing"]))
    return Evidence(
        interval_seconds=draw(st.sampled_from([60.0, 7200.0])),
        reading=one() if has != "nothing" else None,
        first=one() if has in ("reading and first", "all") else None,
        partial=one(complete=False) if has == "all" else None,
        failure=refused(now) if has in ("all", "nothing") else None,
        baseline=one() if has in ("reading and first", "all") else None,
        stale_after_seconds=draw(st.sampled_from([None, None, 3600.0, 30 * 86400.0])),
        history=tuple(sorted(draw(st.lists(st.tuples(moments, values), max_size=9)))),
        adjustments=draw(adjusted),
        former=draw(edited),
    )


needed = st.builds(
    Needed, st.none() | st.sampled_from(Status), st.sampled_from([(), ("c",), ("c", "d")])
)
needs_of = st.fixed_dictionaries({}, optional={"a": needed, "external:b": needed})


@st.composite
def histories(
    draw: st.DrawFn,
) -> History:
    """A key result that has been assessed a few times, and what is seen of it now."""
    kr = draw(key_results())
    needs = draw(needs_of)
    memory = Memory()
    steps = sorted(draw(st.lists(moments, min_size=1, max_size=3)))
    for now in steps[:-1]:
        _, memory = assess(kr, draw(evidences(now)), memory, needs, now)
    return kr, memory, draw(evidences(steps[-1])), needs, steps[-1]


@given(histories())
def test_scores_stay_between_0_and_1_and_every_number_is_finite(
    history: History,
) -> None:
    kr, memory, evidence, needs, now = history

    assessment, _ = assess(kr, evidence, memory, needs, now)

    for ratio in (assessment.progress, assessment.expected):
        assert ratio is None or 0.0 <= ratio <= 1.0
    for number in (assessment.value, assessment.progress_unbounded, assessment.goal):
        assert number is None or math.isfinite(number)


@given(targets(UP), values, values, values)
def test_a_higher_value_never_lowers_the_progress_of_a_target_that_goes_up(
    target: Target, start: float, low: float, high: float
) -> None:
    assume(low <= high)
    below, above = progress(target, low, start), progress(target, high, start)

    assert (below is None) == (above is None)
    assert below is None or above is None or below <= above


@given(targets(DOWN), values, values, values)
def test_a_higher_value_never_raises_the_progress_of_a_target_that_goes_down(
    target: Target, start: float, low: float, high: float
) -> None:
    assume(low <= high)
    below, above = progress(target, low, start), progress(target, high, start)

    assert (below is None) == (above is None)
    assert below is None or above is None or below >= above


@given(key_results(), values, moments, moments)
def test_a_later_date_never_lowers_what_is_expected(
    kr: KeyResult, start: float, one: datetime, other: datetime
) -> None:
    assume(kr.target is not None)
    goal = goal_of(kr.target, start) if kr.target else None
    earlier, later = sorted((one, other))

    before, after = expected(kr, start, goal, earlier), expected(kr, start, goal, later)

    assert (before is None) == (after is None)
    assert before is None or after is None or before <= after


@given(key_results(), values, moments, st.timedeltas(timedelta(), 10 * DAY))
def test_a_later_date_never_raises_the_pace_of_the_same_value(
    kr: KeyResult, value: float, now: datetime, later: timedelta
) -> None:
    # What is held longer may rightly gain on the line; everything else may not.
    assume(kr.target is None or kr.target.type is not TargetType.BOOLEAN)
    # What has ended has no pace any more.
    kr = replace(kr, stale_after_seconds=SPAN.total_seconds(), ending=None)
    seen = Evidence(300.0, reading=reading(value, now))

    first, memory = assess(kr, seen, Memory(), {}, now)
    second, _ = assess(kr, seen, memory, {}, now + later)

    assert (first.pace is None) == (second.pace is None)
    assert first.pace is None or second.pace is None or second.pace <= first.pace


@given(key_results(), needs_of, values, moments, st.data())
def test_stale_data_turns_what_was_told_into_stale_and_nothing_else(
    kr: KeyResult, needs: Needs, value: float, now: datetime, data: st.DataObject
) -> None:
    assume(now < DUE and kr.target is not None and kr.ending is None)
    old = Evidence(300.0, reading=reading(value, now - 50 * DAY))
    _, memory = assess(kr, data.draw(evidences(now)), Memory(), needs, now)

    assessment, _ = assess(kr, old, memory, needs, now)

    assert assessment.status in (Status.STALE, Status.NO_DATA)


@given(histories(), values)
def test_a_partial_reading_changes_no_status(history: History, value: float) -> None:
    kr, memory, evidence, needs, now = history
    without, memory_without = assess(kr, replace(evidence, partial=None), memory, needs, now)

    partial = reading(value, now, complete=False)
    with_it, memory_with = assess(kr, replace(evidence, partial=partial), memory, needs, now)

    assert (with_it.status, with_it.raw_status) == (without.status, without.raw_status)
    assert memory_with == memory_without
    assert not with_it.complete


@given(histories())
def test_missing_data_never_turns_good_into_bad_or_bad_into_good(
    history: History,
) -> None:
    kr, memory, evidence, needs, now = history
    assume(now < DUE)
    _, memory = assess(kr, evidence, memory, needs, now)

    assessment, _ = assess(kr, Evidence(300.0, failure=refused(now)), memory, needs, now)

    assert assessment.status not in GOOD | BAD


@given(histories())
def test_holding_never_delays_what_is_unknown(
    history: History,
) -> None:
    kr, memory, evidence, needs, now = history

    evidence = replace(evidence, adjustments=())
    assessment, _ = assess(kr, evidence, memory, needs, now)

    if assessment.raw_status in (Status.STALE, Status.NO_DATA, Status.NO_TARGET):
        event("unknown")
        assert assessment.status is assessment.raw_status


@given(histories())
def test_assessing_again_at_the_same_moment_changes_nothing(
    history: History,
) -> None:
    kr, memory, evidence, needs, now = history

    first, memory = assess(kr, evidence, memory, needs, now)
    again, memory_again = assess(kr, evidence, memory, needs, now)

    assert (again, memory_again) == (first, memory)


@given(histories(), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_nothing_told_changes_before_it_is_due_to(
    history: History,
    part: float,
    further: float,
) -> None:
    kr, memory, evidence, needs, now = history
    first, memory = assess(kr, evidence, memory, needs, now)
    due = first.due_to_change_at
    event("due" if due else "never due")
    assert due is None or due > now
    last = due - INSTANT if due else now + 400 * DAY

    for then in sorted((now + (last - now) * part, now + (last - now) * further, last)):
        assessment, memory = assess(kr, evidence, memory, needs, then)
        assert assessment.status is first.status
        assert assessment.due_to_change_at == due


def told_of(one: Assessment) -> tuple[object, ...]:
    return one.status, one.raw_status, one.overridden, one.paused


@given(histories())
def test_what_is_due_to_change_does(
    history: History,
) -> None:
    kr, memory, evidence, needs, now = history
    first, memory = assess(kr, evidence, memory, needs, now)
    due = first.due_to_change_at
    if due is None:
        event("never due")
        return

    after, _ = assess(kr, evidence, memory, needs, due)

    assert told_of(after) != told_of(first)


@given(targets((TargetType.MILESTONES,)), needs_of, st.floats(0.0, 0.99), st.data())
def test_a_milestone_that_is_known_to_be_late_is_never_on_track(
    target: Target, needs: Needs, share: float, data: st.DataObject
) -> None:
    late = data.draw(st.sampled_from(target.milestones))
    assume(late.at < DUE)
    now = data.draw(st.datetimes(*(one.replace(tzinfo=None) for one in (START, DUE - INSTANT))))
    now = max(now.replace(tzinfo=UTC), late.at)
    told = {"milestones": {late.name: {"done": False, "since": None, "object": "1"}}}
    seen = Evidence(300.0, reading=reading(share, now, details=told))

    assessment, _ = assess(key_result(target, needs=("a",)), seen, Memory(), needs, now)

    assert assessment.status in (Status.AT_RISK, Status.OFF_TRACK)
    assert late.name in assessment.reason or "more" in assessment.reason


@given(histories(), values, values)
def test_what_starts_from_a_past_period_starts_from_nothing_else(
    history: History, value: float, first: float
) -> None:
    kr, memory, _, needs, now = history
    assume(now < kr.due and kr.ending is None)
    target = Target(TargetType.DECREASE, by=0.4, by_relative=True, start_from="f" * 16)
    without = Evidence(300.0, reading=reading(value, now), first=reading(first, START))

    assessment, _ = assess(replace(kr, target=target, checkpoints=()), without, memory, needs, now)

    assert assessment.raw_status is Status.NO_DATA
    assert (assessment.start, assessment.goal, assessment.progress) == (None, None, None)
    assert not assessment.start_is_first_reading


@given(histories(), st.floats(0.0, 1.0))
def test_a_guard_that_was_breached_is_never_achieved(history: History, part: float) -> None:
    kr, memory, evidence, needs, now = history
    guard = replace(kr, target=Target(TargetType.GUARD, high=0.0), checkpoints=())
    breach = Evidence(300.0, reading=reading(1.0, START + (DUE - START) * part))
    _, breached = assess(guard, breach, memory, needs, now)
    assume(breached.breached_at is not None)

    assessment, _ = assess(guard, evidence, breached, needs, now + DAY)

    assert assessment.raw_status is not Status.ACHIEVED
