"""Milestones are expected on their dates, and one that is late is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from connectors.base import Dimension
from syncd.assess import assess, expected, expected_line
from syncd.model import Assessment, Evidence, Judgement, KeyResult, Memory, Status, Target
from tests.unit.assess.cases import (
    DAY,
    DUE,
    HOUR,
    INSTANT,
    MIDDLE,
    START,
    end_of,
    judged,
    judged_once,
    key_result,
    milestones,
    moment,
    reached,
    seen,
    told_of,
)

LAB = milestones(
    **{
        "site": "2026-01-31",
        "plan-and-bom": "2026-02-15",
        "racked": "2026-03-15",
        "operational": "2026-03-31",
    }
)
JAN_20, FEB_14, FEB_20 = (moment(f"2026-{day} 12:00") for day in ("01-20", "02-14", "02-20"))


def lab(*done: str, now: datetime, **changes: Any) -> Assessment:
    return judged_once(key_result(LAB, **changes), reached(LAB, *done, at=now), now)


def counted(done: int, total: int, at: datetime, details: Any = None) -> Evidence:
    """A reading that does not say which of the milestones are done."""
    value = done / total
    evidence = seen(value, at)
    assert evidence.reading is not None
    whole = replace(
        evidence.reading, numerator=float(done), denominator=float(total), details=details
    )
    return replace(evidence, reading=whole)


# ------------------------------------------------------------------- progress and the line


def test_progress_is_the_share_that_is_done_and_the_goal_is_all() -> None:
    assessment = lab("site", "racked", now=FEB_14)

    assert (assessment.progress, assessment.value, assessment.goal) == (0.5, 0.5, 1.0)


def test_what_is_expected_rises_in_steps_on_the_dates() -> None:
    january = end_of("2026-01-31")
    heights = [
        expected(key_result(LAB), None, None, now)
        for now in (
            START - DAY,
            START,
            january - INSTANT,
            january,
            january + 14 * DAY,
            DUE,
            2 * DAY + DUE,
        )
    ]

    assert heights == [0.0, 0.0, 0.0, 0.25, 0.25, 1.0, 1.0]


def test_the_corners_of_the_line_are_two_at_each_date() -> None:
    kr = key_result(milestones(site="2026-01-31", racked="2026-03-15"))

    assert expected_line(kr, None, None) == [
        (START, 0.0),
        (end_of("2026-01-31"), 0.0),
        (end_of("2026-01-31"), 0.5),
        (end_of("2026-03-15"), 0.5),
        (end_of("2026-03-15"), 1.0),
        (DUE, 1.0),
    ]


def test_nothing_is_expected_before_the_due_date_of_milestones_without_dates_of_their_own() -> None:
    kr = key_result(milestones(draft="2026-03-31", published="2026-03-31"))

    assert expected_line(kr, None, None) == [(START, 0.0), (DUE, 0.0), (DUE, 1.0)]


def test_a_date_outside_of_the_key_results_time_counts_as_its_start_or_its_due_date() -> None:
    kr = key_result(milestones(before="2025-12-01", after="2026-04-15"))

    assert expected_line(kr, None, None) == [(START, 0.0), (START, 0.5), (DUE, 0.5), (DUE, 1.0)]


# --------------------------------------------------------------------------------- status


def test_before_the_first_date_it_is_on_track_however_little_is_done() -> None:
    assessment = lab(now=JAN_20)

    assert assessment.status is Status.ON_TRACK
    assert assessment.reason == "0 of 4 done on 20 Jan; site is due on 31 Jan"


def test_a_milestone_counts_from_the_end_of_its_day() -> None:
    kr = key_result(LAB)
    passed = end_of("2026-02-15")
    evidence = reached(LAB, "site", "racked", at=passed - HOUR / 2)

    before, after = judged_once(kr, evidence, passed - INSTANT), judged_once(kr, evidence, passed)

    assert (before.status, after.status) == (Status.ON_TRACK, Status.AT_RISK)
    assert before.due_to_change_at == passed


def test_a_late_milestone_is_at_risk_although_another_was_done_before_its_time() -> None:
    assessment = lab("site", "operational", now=FEB_20)

    assert (assessment.progress, assessment.expected) == (0.5, 0.5)
    assert assessment.status is Status.AT_RISK
    assert assessment.reason == "plan-and-bom was due on 15 Feb and is not done; 2 of 4 done"


def test_far_behind_the_line_it_is_off_track_and_the_late_milestone_is_named_too() -> None:
    assessment = lab("site", now=FEB_20)

    assert assessment.status is Status.OFF_TRACK
    assert assessment.reason == "plan-and-bom was due on 15 Feb and is not done; 1 of 4 done"


def test_a_late_milestone_of_many_is_at_risk_however_small_its_share() -> None:
    dated = {f"step{n}": "2026-03-20" for n in range(30)}
    target = milestones(first="2026-01-05", **dated)

    assessment = judged_once(
        key_result(target), reached(target, "step1", "step2", at=JAN_20), JAN_20
    )

    assert assessment.expected is not None
    assert assessment.expected < Judgement().early_ratio
    assert assessment.status is Status.AT_RISK


def test_a_milestone_that_is_done_late_puts_it_on_track_again() -> None:
    kr = key_result(LAB)

    late, caught_up = judged(
        kr,
        (reached(LAB, "site", at=FEB_20), FEB_20),
        (reached(LAB, "site", "plan-and-bom", at=FEB_20 + HOUR), FEB_20 + HOUR),
    )

    assert (late.status, caught_up.status) == (Status.OFF_TRACK, Status.ON_TRACK)
    assert caught_up.reason == "2 of 4 done on 20 Feb; racked is due on 15 Mar"


def test_all_done_is_achieved_even_before_the_first_date() -> None:
    assessment = lab("site", "plan-and-bom", "racked", "operational", now=JAN_20)

    assert assessment.status is Status.ACHIEVED
    assert assessment.reason == "4 of 4 done on 20 Jan; asked for by 31 Mar"


def test_before_its_start_it_is_on_track_even_if_a_date_has_passed() -> None:
    target = milestones(before="2025-12-01", after="2026-02-15")
    now = START - DAY

    assessment = judged_once(key_result(target), reached(target, at=now), now)

    assert assessment.status is Status.ON_TRACK


def test_what_it_needs_counts_before_the_first_date_too() -> None:
    kr = key_result(LAB, needs=("other",))

    assessment, _ = assess(
        kr, reached(LAB, at=JAN_20), Memory(), told_of(other=Status.OFF_TRACK), JAN_20
    )

    assert (assessment.status, assessment.because) == (Status.AT_RISK, ("other",))


@pytest.mark.parametrize(
    ("done", "status", "reason"),
    [
        (
            ("site", "plan-and-bom", "racked", "operational"),
            Status.ACHIEVED,
            "All was done by 31 Mar; 4 of 4 done on 31 Mar",
        ),
        (
            ("site", "plan-and-bom", "racked"),
            Status.MISSED,
            "operational was due on 31 Mar and is not done; 3 of 4 done",
        ),
    ],
)
def test_at_the_due_date_all_done_is_achieved_and_anything_less_is_missed(
    done: tuple[str, ...], status: Status, reason: str
) -> None:
    assessment = lab(*done, now=DUE)

    assert (assessment.status, assessment.reason) == (status, reason)


def test_an_outcome_stays_whatever_is_done_later() -> None:
    later = DUE + 5 * DAY
    _, done_late = judged(
        key_result(LAB),
        (reached(LAB, "site", at=DUE), DUE),
        (reached(LAB, "site", "plan-and-bom", "racked", "operational", at=later), later),
    )

    assert done_late.status is Status.MISSED
    assert done_late.reason == "Not all was done by 31 Mar; 4 of 4 done on 5 Apr"


def test_an_achieved_outcome_stays_when_one_is_opened_again() -> None:
    later = DUE + 5 * DAY
    _, reopened = judged(
        key_result(LAB),
        (reached(LAB, "site", "plan-and-bom", "racked", "operational", at=DUE), DUE),
        (reached(LAB, "site", "plan-and-bom", "racked", at=later), later),
    )

    assert reopened.status is Status.ACHIEVED
    assert reopened.reason == "All was done by 31 Mar; 3 of 4 done on 5 Apr"


def test_an_old_reading_is_stale_and_a_missing_one_no_data() -> None:
    kr = key_result(LAB)

    assert judged_once(kr, reached(LAB, at=FEB_20 - DAY), FEB_20).status is Status.STALE
    assert judged_once(kr, seen(None, FEB_20), FEB_20).status is Status.NO_DATA


def test_it_is_due_to_change_at_the_date_of_what_is_not_done_and_not_of_what_is() -> None:
    kr = key_result(LAB, stale_after_seconds=90 * DAY.total_seconds())

    assessment = judged_once(kr, reached(LAB, "site", "plan-and-bom", at=JAN_20), JAN_20)

    assert assessment.due_to_change_at == end_of("2026-03-15")


# ---------------------------------------------------------------------------- the sentence


@pytest.mark.parametrize(
    ("dates", "reason"),
    [
        (
            {"a": "2026-02-01", "b": "2026-02-15"},
            "a (1 Feb) and b (15 Feb) were due and are not done; 0 of 2 done",
        ),
        (
            {"a": "2026-02-15", "b": "2026-02-15"},
            "a and b were due on 15 Feb and are not done; 0 of 2 done",
        ),
        (
            dict.fromkeys("abcde", "2026-02-15"),
            "a, b, c and 2 more were due on 15 Feb and are not done; 0 of 5 done",
        ),
        (
            {"a": "2026-03-01", "b": "2026-03-01", "c": "2026-03-15"},
            "0 of 3 done on 20 Feb; a and b are due on 1 Mar",
        ),
    ],
)
def test_the_sentence_names_what_is_late_or_else_what_comes_next(
    dates: dict[str, str], reason: str
) -> None:
    target = milestones(**dates)

    assert judged_once(key_result(target), reached(target, at=FEB_20), FEB_20).reason == reason


# ------------------------------------------------------- a reading that tells only how many


@pytest.mark.parametrize(
    "details",
    [None, ["site"], {"objects": 4}, {"milestones": None}, {"milestones": [{"done": True}]}],
    ids=repr,
)
@pytest.mark.parametrize(
    ("done", "status", "reason"),
    [
        (1, Status.OFF_TRACK, "2 of 4 were due by 15 Feb; 1 of 4 done"),
        (2, Status.ON_TRACK, "2 of 4 done on 20 Feb; the next is due on 15 Mar"),
        (4, Status.ACHIEVED, "4 of 4 done on 20 Feb; asked for by 31 Mar"),
    ],
)
def test_without_names_the_number_is_compared_with_the_dates(
    details: Any, done: int, status: Status, reason: str
) -> None:
    assessment = judged_once(key_result(LAB), counted(done, 4, FEB_20, details), FEB_20)

    assert (assessment.status, assessment.reason) == (status, reason)


def test_without_names_one_too_few_of_many_is_at_risk() -> None:
    target = milestones(**{f"step{n}": f"2026-02-{n:02}" for n in range(1, 16)})

    assessment = judged_once(key_result(target), counted(14, 15, FEB_20), FEB_20)

    assert assessment.status is Status.AT_RISK
    assert assessment.reason == "15 of 15 were due by 15 Feb; 14 of 15 done"


def test_a_count_survives_the_rounding_of_its_share() -> None:
    assert 1 / 49 * 49 < 1
    target = milestones(**{f"step{n}": "2026-03-31" for n in range(49)})

    reason = judged_once(key_result(target), counted(1, 49, FEB_20), FEB_20).reason

    assert reason.startswith("1 of 49 done")


@pytest.mark.parametrize(("value", "words"), [(1.5, "4 of 4 done"), (-0.5, "2 of 4 were due")])
def test_a_share_beyond_its_bounds_counts_as_all_or_as_nothing(value: float, words: str) -> None:
    assert judged_once(key_result(LAB), seen(value, FEB_20), FEB_20).reason.startswith(words)


def test_without_anything_counted_the_value_says_how_many() -> None:
    assert judged_once(key_result(LAB), seen(0.75, FEB_20), FEB_20).reason.startswith("3 of 4 done")


# --------------------------------------- a reading of other milestones than the target's


def test_a_milestone_that_the_reading_does_not_know_is_neither_done_nor_late() -> None:
    older = milestones(site="2026-01-31", racked="2026-03-15")
    evidence = replace(reached(older, "site", at=FEB_20), previous_definition=True)

    assessment = judged_once(key_result(LAB), evidence, FEB_20)

    assert assessment.status is Status.ON_TRACK
    assert assessment.reason == (
        "1 of 2 done on 20 Feb; racked is due on 15 Mar; "
        "measured by the earlier definition of the indicator"
    )


def test_behind_the_line_with_nothing_known_to_be_late_the_line_is_named() -> None:
    assessment = judged_once(key_result(LAB), counted(1, 3, FEB_20), FEB_20)

    assert assessment.status is Status.OFF_TRACK
    assert assessment.reason == "1 of 3 done on 20 Feb; the line asks for at least 50 % by now"


def test_a_set_without_milestones_is_no_data_unless_empty_is_as_good_as_met() -> None:
    evidence = Evidence(300.0, dimension=Dimension.RATIO)
    nothing = seen(None, MIDDLE)
    assert nothing.reading is not None
    empty = replace(evidence, reading=replace(nothing.reading, objects=0, denominator=0.0))

    def told(target: Target) -> Status:
        kr: KeyResult = key_result(target)
        return judged_once(kr, empty).status

    assert told(LAB) is Status.NO_DATA
    assert told(replace(LAB, empty_met=True)) is Status.ACHIEVED
