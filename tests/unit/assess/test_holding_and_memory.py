from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from syncd.assess import assess
from syncd.model import Assessment, Evidence, KeyResult, Memory, Status, Target, TargetType
from tests.unit.assess.cases import (
    DAY,
    DUE,
    HOUR,
    INSTANT,
    MIDDLE,
    NO_BREACHES,
    held_for,
    key_result,
    seen,
)

HELD = key_result(judgement=held_for(hours=2), stale_after_seconds=86400.0)


def told_by(
    kr: KeyResult, *steps: tuple[float | None, datetime], memory: Memory | None = None
) -> list[Assessment]:
    """One assessment for each value, which is observed at its moment."""
    remembered = memory or Memory()
    told = []
    for value, now in steps:
        assessment, remembered = assess(kr, seen(value, now), remembered, {}, now)
        told.append(assessment)
    return told


def statuses(told: list[Assessment]) -> list[Status]:
    return [one.status for one in told]


def test_a_new_status_is_told_after_it_has_lasted() -> None:
    told = told_by(
        HELD,
        (0.6, MIDDLE),
        (0.2, MIDDLE + HOUR),
        (0.2, MIDDLE + 3 * HOUR - INSTANT),
        (0.2, MIDDLE + 3 * HOUR),
    )

    assert statuses(told) == [Status.ON_TRACK] * 3 + [Status.OFF_TRACK]
    assert [one.raw_status for one in told[1:]] == [Status.OFF_TRACK] * 3
    assert [one.since for one in told] == [MIDDLE] * 3 + [MIDDLE + 3 * HOUR]


@pytest.mark.parametrize("kr", [HELD, key_result()], ids=["held", "not held"])
def test_a_status_that_goes_on_is_told_since_it_began(kr: KeyResult) -> None:
    told = told_by(kr, (0.6, MIDDLE), (0.7, MIDDLE + HOUR), (0.8, MIDDLE + 3 * HOUR))

    assert [one.since for one in told] == [MIDDLE] * 3


def test_a_status_that_comes_and_goes_is_not_told() -> None:
    told = told_by(
        HELD,
        (0.6, MIDDLE),
        (0.2, MIDDLE + HOUR),
        (0.6, MIDDLE + 2 * HOUR),
        (0.2, MIDDLE + 3 * HOUR),
        (0.2, MIDDLE + 4 * HOUR),
    )

    assert statuses(told) == [Status.ON_TRACK] * 5


def test_a_candidate_that_gives_way_to_another_loses_its_time() -> None:
    told = told_by(
        HELD,
        (0.6, MIDDLE),
        (0.4, MIDDLE + HOUR),
        (0.2, MIDDLE + 2 * HOUR),
        (0.2, MIDDLE + 3 * HOUR),
        (0.2, MIDDLE + 4 * HOUR),
    )

    assert statuses(told) == [Status.ON_TRACK] * 4 + [Status.OFF_TRACK]


def test_the_first_status_is_told_at_once() -> None:
    assert statuses(told_by(HELD, (0.2, MIDDLE))) == [Status.OFF_TRACK]


def test_missing_data_and_its_return_are_told_at_once() -> None:
    told = told_by(HELD, (0.6, MIDDLE), (None, MIDDLE + HOUR), (0.2, MIDDLE + HOUR + INSTANT))

    assert statuses(told) == [Status.ON_TRACK, Status.NO_DATA, Status.OFF_TRACK]


def test_stale_is_told_at_once() -> None:
    _, memory = assess(HELD, seen(0.6, MIDDLE), Memory(), {}, MIDDLE)

    assessment, _ = assess(HELD, seen(0.6, MIDDLE), memory, {}, MIDDLE + DAY)

    assert assessment.status is Status.STALE


def test_no_target_is_told_at_once() -> None:
    _, memory = assess(HELD, seen(0.6, MIDDLE), Memory(), {}, MIDDLE)

    assessment, _ = assess(replace(HELD, target=None), seen(0.6, MIDDLE), memory, {}, MIDDLE)

    assert assessment.status is Status.NO_TARGET


@pytest.mark.parametrize(("value", "status"), [(1.0, Status.ACHIEVED), (0.8, Status.MISSED)])
def test_an_outcome_is_told_at_once(value: float, status: Status) -> None:
    told = told_by(HELD, (0.95, DUE - HOUR), (value, DUE))

    assert statuses(told) == [Status.ON_TRACK, status]


def test_achieved_before_the_due_date_must_last_like_any_other() -> None:
    told = told_by(HELD, (0.6, MIDDLE), (1.0, MIDDLE + HOUR), (1.0, MIDDLE + 3 * HOUR))

    assert statuses(told) == [Status.ON_TRACK, Status.ON_TRACK, Status.ACHIEVED]


@pytest.mark.parametrize(
    ("value", "later", "told"),
    [(0.6, MIDDLE + 2 * HOUR, Status.ON_TRACK), (0.2, MIDDLE + 3 * HOUR, Status.OFF_TRACK)],
    ids=["it gave way", "it is told"],
)
def test_of_a_candidate_that_waits_no_more_nothing_is_remembered(
    value: float, later: datetime, told: Status
) -> None:
    _, memory = assess(HELD, seen(0.6, MIDDLE), Memory(), {}, MIDDLE)
    _, memory = assess(HELD, seen(0.2, MIDDLE + HOUR), memory, {}, MIDDLE + HOUR)

    _, memory = assess(HELD, seen(value, later), memory, {}, later)

    assert (memory.told, memory.before) == (told, None)
    assert (memory.candidate, memory.candidate_since) == (None, None)


def test_an_edited_target_drops_the_candidate_and_keeps_what_was_told() -> None:
    _, memory = assess(HELD, seen(0.6, MIDDLE), Memory(), {}, MIDDLE)
    _, memory = assess(HELD, seen(0.2, MIDDLE + HOUR), memory, {}, MIDDLE + HOUR)
    edited = replace(HELD, target=Target(TargetType.AT_LEAST, goal=0.99))
    now = MIDDLE + 3 * HOUR

    assessment, memory = assess(edited, seen(0.2, now), memory, {}, now)

    assert assessment.status is Status.ON_TRACK
    assert (memory.candidate, memory.candidate_since) == (Status.OFF_TRACK, now)
    assert memory.target == edited.target_fingerprint


def breached(kr: KeyResult) -> Memory:
    _, memory = assess(kr, seen(1.0, MIDDLE), Memory(), {}, MIDDLE)
    assert memory.breached_at == MIDDLE
    return memory


def test_a_breach_survives_an_edit_of_anything_but_the_guard() -> None:
    kr = key_result(NO_BREACHES)
    moved = replace(kr, due=DUE + DAY)
    now = MIDDLE + HOUR

    assessment, memory = assess(moved, seen(0.0, now), breached(kr), {}, now)

    assert assessment.status is Status.OFF_TRACK
    assert memory.breached_at == MIDDLE


def test_an_edit_of_the_guard_itself_forgets_the_breach() -> None:
    kr = key_result(NO_BREACHES)
    wider = replace(kr, target=Target(TargetType.GUARD, high=5.0))
    now = MIDDLE + HOUR

    assessment, memory = assess(wider, seen(0.0, now), breached(kr), {}, now)

    assert assessment.status is Status.ON_TRACK
    assert memory.breached_at is None


def test_the_first_breach_is_the_one_remembered() -> None:
    kr = key_result(NO_BREACHES)
    now = MIDDLE + HOUR

    _, memory = assess(kr, seen(2.0, now), breached(kr), {}, now)

    assert memory.breached_at == MIDDLE


def test_a_target_that_is_no_guard_any_more_forgets_the_breach() -> None:
    kr = key_result(NO_BREACHES)

    _, memory = assess(key_result(), seen(0.6, MIDDLE), breached(kr), {}, MIDDLE)

    assert (memory.breached_at, memory.guard) == (None, None)


def test_a_target_that_is_no_guard_any_more_forgets_its_bounds_though_they_held() -> None:
    _, guard = assess(key_result(NO_BREACHES), seen(0.0, MIDDLE), Memory(), {}, MIDDLE)
    _, share = assess(key_result(), seen(0.0, MIDDLE), guard, {}, MIDDLE)

    assert guard.guard is not None
    assert share.guard is None


def test_only_a_boolean_that_is_met_remembers_since_when() -> None:
    day = Target(TargetType.BOOLEAN, held_for_seconds=3600.0)
    later = MIDDLE + HOUR

    _, boolean = assess(key_result(day), seen(1.0, MIDDLE), Memory(), {}, MIDDLE)
    _, share = assess(key_result(), seen(1.0, MIDDLE), boolean, {}, MIDDLE)
    _, undone = assess(key_result(day), seen(0.0, later), boolean, {}, later)
    again, _ = assess(key_result(day), seen(1.0, later), share, {}, later)

    assert (boolean.met_since, boolean.met_until) == (MIDDLE, MIDDLE + HOUR)
    assert (share.met_since, share.met_until) == (None, None)
    assert (undone.met_since, undone.met_until) == (None, None)
    assert again.progress == 0.0


# ------------------------------------------------------------------------ the next moment


def next_moment(kr: KeyResult, evidence: Evidence, now: datetime) -> datetime | None:
    assessment, _ = assess(kr, evidence, Memory(), {}, now)
    return assessment.due_to_change_at


PATIENT = key_result(stale_after_seconds=365 * 86400.0)


def test_the_next_moment_is_when_data_grows_stale() -> None:
    assert next_moment(key_result(), seen(0.5, MIDDLE), MIDDLE) == MIDDLE + HOUR


def test_the_next_moment_is_when_the_line_leaves_the_value_behind() -> None:
    due = next_moment(PATIENT, seen(0.54, MIDDLE), MIDDLE)

    assert due is not None
    before, _ = assess(PATIENT, seen(0.54, MIDDLE), Memory(), {}, due - INSTANT)
    after, _ = assess(PATIENT, seen(0.54, MIDDLE), Memory(), {}, due)
    assert (before.status, after.status) == (Status.ON_TRACK, Status.AT_RISK)
    assert after.expected == pytest.approx(0.6)


def test_the_next_moment_is_when_it_is_no_longer_too_early() -> None:
    due = next_moment(PATIENT, seen(0.0, PATIENT.start), PATIENT.start)

    assert due is not None
    assessment, _ = assess(PATIENT, seen(0.0, PATIENT.start), Memory(), {}, due)
    assert assessment.expected == pytest.approx(0.05)
    assert assessment.status is Status.OFF_TRACK


def test_the_next_moment_is_when_a_hold_ends() -> None:
    _, memory = assess(HELD, seen(0.6, MIDDLE), Memory(), {}, MIDDLE)
    now = MIDDLE + HOUR

    assessment, _ = assess(HELD, seen(0.2, now), memory, {}, now)

    assert assessment.due_to_change_at == now + 2 * HOUR


def test_the_next_moment_is_the_due_date_for_what_is_ahead() -> None:
    assert next_moment(PATIENT, seen(0.95, DUE - DAY), DUE - DAY) == DUE


def test_the_next_moment_is_when_a_boolean_has_held() -> None:
    kr = replace(PATIENT, target=Target(TargetType.BOOLEAN, held_for_seconds=86400.0))

    assert next_moment(kr, seen(1.0, MIDDLE), MIDDLE) == MIDDLE + DAY


def test_the_next_moment_of_an_outcome_by_an_older_reading_is_when_that_grows_stale() -> None:
    assert next_moment(key_result(), seen(0.5, DUE - HOUR / 2), DUE) == DUE + HOUR / 2


def test_the_next_moment_of_a_breached_guard_without_data_is_its_due_date() -> None:
    kr = key_result(NO_BREACHES)

    assessment, _ = assess(kr, Evidence(300.0), breached(kr), {}, MIDDLE)

    assert (assessment.status, assessment.due_to_change_at) == (Status.NO_DATA, DUE)


@pytest.mark.parametrize(
    ("kr", "evidence", "now"),
    [
        (key_result(), Evidence(300.0), MIDDLE),
        (key_result(None), seen(0.5, MIDDLE), MIDDLE),
        (key_result(), seen(0.5, MIDDLE), MIDDLE + DAY),
        (key_result(), seen(0.5, DUE), DUE),
    ],
    ids=["no data", "no target", "stale", "decided"],
)
def test_there_is_no_next_moment_where_only_a_reading_can_change_anything(
    kr: KeyResult, evidence: Evidence, now: datetime
) -> None:
    assert next_moment(kr, evidence, now) is None
