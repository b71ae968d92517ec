from __future__ import annotations

import math
from dataclasses import replace

import pytest

from syncd.assess import assess
from syncd.model import (
    Evidence,
    Memory,
    Status,
)
from tests.unit.assess.cases import (
    DAY,
    DONE,
    DUE,
    HOUR,
    INSTANT,
    MIDDLE,
    NO_BREACHES,
    START,
    judged,
    judged_once,
    key_result,
    line_at,
    reading,
    seen,
    told_of,
)

# ------------------------------------------------------------------------------- guards


def test_a_guard_is_on_track_while_it_holds_and_achieved_at_the_end() -> None:
    first, last = judged(
        key_result(NO_BREACHES), (seen(0.0, MIDDLE), MIDDLE), (seen(0.0, DUE), DUE)
    )

    assert (first.status, first.progress, first.expected) == (Status.ON_TRACK, 1.0, 1.0)
    assert last.status is Status.ACHIEVED


def test_a_breach_is_remembered_and_never_ends_achieved() -> None:
    early = START + HOUR
    told = judged(
        key_result(NO_BREACHES),
        (seen(1.0, early), early),
        (seen(0.0, MIDDLE), MIDDLE),
        (seen(0.0, DUE), DUE),
    )

    assert [one.status for one in told] == [Status.OFF_TRACK, Status.OFF_TRACK, Status.MISSED]
    assert [one.progress for one in told] == [0.0, 0.0, 0.0]


def test_a_breach_counts_even_if_it_is_judged_late() -> None:
    old, fresh = judged(
        key_result(NO_BREACHES),
        (seen(1.0, MIDDLE - DAY), MIDDLE),
        (seen(0.0, MIDDLE), MIDDLE),
    )

    assert (old.status, fresh.status) == (Status.STALE, Status.OFF_TRACK)


@pytest.mark.parametrize(
    "evidence",
    [
        seen(0.0, MIDDLE, partial=reading(1.0, MIDDLE, complete=False)),
        seen(0.0, MIDDLE, reading=reading(1.0, MIDDLE, complete=False)),
        seen(0.0, MIDDLE, reading=reading(1.0, START - INSTANT)),
        seen(math.nan, MIDDLE),
    ],
    ids=["partial", "partial in place", "before the start", "not a number"],
)
def test_what_is_not_a_complete_reading_of_the_period_breaches_nothing(evidence: Evidence) -> None:
    _, memory = assess(key_result(NO_BREACHES), evidence, Memory(), {}, MIDDLE)

    assert memory.breached_at is None


def test_the_first_moment_of_the_period_belongs_to_it() -> None:
    _, memory = assess(key_result(NO_BREACHES), seen(1.0, START), Memory(), {}, START)

    assert memory.breached_at == START


def test_a_guard_out_of_bounds_since_before_its_start_is_off_track_from_the_start() -> None:
    before = START - HOUR / 2

    assert judged_once(key_result(NO_BREACHES), seen(1.0, before), START).status is Status.OFF_TRACK


def test_a_guard_that_held_to_the_end_is_not_breached_afterwards() -> None:
    _, last = judged(
        key_result(NO_BREACHES), (seen(0.0, DUE), DUE), (seen(1.0, DUE + DAY), DUE + DAY)
    )

    assert (last.status, last.progress) == (Status.ACHIEVED, 1.0)


def test_a_breached_guard_is_missed_at_the_end_whatever_the_data() -> None:
    _, last = judged(
        key_result(NO_BREACHES), (seen(1.0, MIDDLE), MIDDLE), (seen(1.0, MIDDLE), DUE + DAY)
    )

    assert last.status is Status.MISSED


# ------------------------------------------------------------------------------ booleans


def test_a_boolean_is_achieved_once_it_has_held_for_long_enough() -> None:
    kr = key_result(replace(DONE, held_for_seconds=7 * 86400.0), stale_after_seconds=30 * 86400.0)
    evidence = seen(1.0, MIDDLE)

    met, almost, held = judged(
        kr, (evidence, MIDDLE), (evidence, MIDDLE + 7 * DAY - INSTANT), (evidence, MIDDLE + 7 * DAY)
    )

    assert [one.progress for one in (met, almost, held)] == [0.0, 0.0, 1.0]
    assert held.status is Status.ACHIEVED


def test_the_hold_of_a_boolean_counts_from_the_reading_and_not_from_its_assessment() -> None:
    kr = key_result(replace(DONE, held_for_seconds=1800.0))

    assert judged_once(kr, seen(1.0, MIDDLE), MIDDLE + HOUR / 2).progress == 1.0


def test_a_break_starts_the_count_of_a_boolean_again() -> None:
    kr = key_result(replace(DONE, held_for_seconds=3600.0))
    told = judged(
        kr,
        (seen(1.0, MIDDLE), MIDDLE),
        (seen(0.0, MIDDLE + HOUR / 2), MIDDLE + HOUR / 2),
        (seen(1.0, MIDDLE + HOUR), MIDDLE + HOUR),
        (seen(1.0, MIDDLE + 2 * HOUR), MIDDLE + 2 * HOUR),
    )

    assert [one.progress for one in told] == [0.0, 0.0, 0.0, 1.0]


def test_time_without_data_does_not_count_towards_the_hold_of_a_boolean() -> None:
    kr = key_result(replace(DONE, held_for_seconds=4 * 3600.0))
    stale = MIDDLE + HOUR
    back = MIDDLE + 10 * HOUR
    told = judged(
        kr,
        (seen(1.0, MIDDLE), MIDDLE),
        (seen(1.0, MIDDLE), stale),
        (seen(1.0, MIDDLE), stale + 3 * HOUR),
        (seen(1.0, back), back),
        (seen(1.0, back + HOUR), back + HOUR),
        (seen(1.0, back + 2 * HOUR), back + 2 * HOUR),
        (seen(1.0, back + 3 * HOUR - INSTANT), back + 3 * HOUR - INSTANT),
        (seen(1.0, back + 3 * HOUR), back + 3 * HOUR),
    )

    assert [one.progress for one in told] == [0.0] * 7 + [1.0]


def test_time_without_data_does_not_count_even_if_nothing_was_assessed_meanwhile() -> None:
    kr = key_result(replace(DONE, held_for_seconds=4 * 3600.0))
    back = MIDDLE + 10 * HOUR

    _, returned = judged(kr, (seen(1.0, MIDDLE), MIDDLE), (seen(1.0, back), back))

    assert returned.progress == 0.0


def test_a_reading_without_a_value_pauses_the_hold_of_a_boolean() -> None:
    kr = key_result(replace(DONE, held_for_seconds=3600.0))
    told = judged(
        kr,
        (seen(1.0, MIDDLE), MIDDLE),
        (seen(None, MIDDLE + HOUR / 4), MIDDLE + HOUR / 4),
        (seen(1.0, MIDDLE + 2 * HOUR), MIDDLE + 2 * HOUR),
        (seen(1.0, MIDDLE + 2.5 * HOUR), MIDDLE + 2.5 * HOUR),
        (seen(1.0, MIDDLE + 2.75 * HOUR), MIDDLE + 2.75 * HOUR),
    )

    assert [one.progress for one in told] == [0.0, None, 0.0, 0.0, 1.0]


def test_a_boolean_that_had_held_is_not_unheld_by_missing_data() -> None:
    kr = key_result(replace(DONE, held_for_seconds=1800.0))
    back = MIDDLE + DAY
    told = judged(
        kr,
        (seen(1.0, MIDDLE), MIDDLE),
        (seen(1.0, MIDDLE), MIDDLE + HOUR),
        (seen(1.0, back), back),
    )

    assert [one.status for one in told[1:]] == [Status.STALE, Status.ACHIEVED]


def test_a_boolean_not_held_by_the_due_date_is_missed() -> None:
    kr = key_result(replace(DONE, held_for_seconds=7200.0))
    done = DUE - HOUR
    _, first, later = judged(
        kr,
        (seen(1.0, done), done),
        (seen(1.0, DUE), DUE),
        (seen(1.0, DUE + DAY), DUE + DAY),
    )

    assert [first.status, later.status] == [Status.MISSED, Status.MISSED]


def test_a_boolean_cannot_gain_after_the_due_date() -> None:
    kr = key_result(replace(DONE, held_for_seconds=7200.0), stale_after_seconds=86400.0)

    assessment = judged_once(kr, seen(1.0, DUE - HOUR), DUE + 2 * HOUR)

    assert (assessment.status, assessment.progress) == (Status.MISSED, 0.0)


# ---------------------------------------------------------------------- the date has passed


@pytest.mark.parametrize(("value", "status"), [(1.0, Status.ACHIEVED), (0.99, Status.MISSED)])
def test_the_first_reading_after_the_due_date_decides_for_good(
    value: float, status: Status
) -> None:
    other = 0.0 if status is Status.ACHIEVED else 1.0
    told = judged(
        key_result(),
        (seen(value, DUE), DUE),
        (seen(other, DUE + DAY), DUE + DAY),
        (seen(other, DUE + DAY), DUE + 30 * DAY),
        (Evidence(300.0), DUE + 60 * DAY),
    )

    assert [one.status for one in told] == [status] * 4


def test_until_then_the_last_reading_decides_while_it_is_fresh() -> None:
    before = DUE - HOUR / 2
    told = judged(
        key_result(),
        (seen(0.9, before), DUE),
        (seen(0.9, before), before + HOUR),
        (seen(1.0, before + 2 * HOUR), before + 2 * HOUR),
    )

    assert [one.status for one in told] == [Status.MISSED, Status.STALE, Status.ACHIEVED]


def test_without_any_data_the_due_date_decides_nothing() -> None:
    assert judged_once(key_result(), Evidence(300.0), DUE + DAY).status is Status.NO_DATA
    assert judged_once(key_result(), seen(1.0, MIDDLE), DUE + DAY).status is Status.STALE


def test_a_due_date_moved_later_opens_a_missed_key_result_again() -> None:
    kr = key_result()
    _, memory = assess(kr, seen(0.9, DUE), Memory(), {}, DUE)
    extended = replace(kr, due=DUE + 30 * DAY)

    reopened, memory = assess(extended, seen(0.9, DUE + HOUR), memory, {}, DUE + HOUR)
    ended, _ = assess(extended, seen(1.0, extended.due), memory, {}, extended.due)

    assert (reopened.status, ended.status) == (Status.ON_TRACK, Status.ACHIEVED)


def test_a_dependency_does_not_change_an_outcome() -> None:
    kr = key_result(needs=("a",))

    assessment, _ = assess(kr, seen(1.0, DUE), Memory(), told_of(a=Status.MISSED), DUE)

    assert (assessment.status, assessment.because) == (Status.ACHIEVED, ())


def test_expected_is_shown_with_every_decided_target_even_without_data() -> None:
    assert judged_once(key_result(), Evidence(300.0), line_at(0.25)).expected == pytest.approx(0.25)
