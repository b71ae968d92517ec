"""A target that says `from: 2025-Q4` starts from what was read of that period, or not at all."""

from __future__ import annotations

import math
from typing import Any

import pytest

from connectors.base import Dimension
from syncd.model import Evidence, Reading, Status, Target, TargetType
from tests.unit.assess.cases import (
    DUE,
    MIDDLE,
    START,
    checkpoints,
    judged,
    judged_once,
    key_result,
    line_at,
    moment,
    reading,
    refused,
    seen,
)

PAGES = Target(
    TargetType.DECREASE,
    by=0.4,
    by_relative=True,
    start_from="fedcba9876543210",
    start_period="2025-Q4",
)
FEB_20 = moment("2026-02-20 12:00")


def pages(value: float | None, baseline: Reading | None, **changes: Any) -> Evidence:
    known: dict[str, Any] = {"dimension": Dimension.OTHER, "unit": "1/w", "baseline": baseline}
    return seen(value, FEB_20, **(known | changes))


def of_last_quarter(value: float | None, **changes: Any) -> Reading:
    return reading(value, START, **changes)


def test_progress_and_goal_are_counted_from_the_past_period() -> None:
    evidence = pages(42.5, of_last_quarter(50.0), first=reading(10.0, START))

    assessment = judged_once(key_result(PAGES), evidence, FEB_20)

    assert (assessment.start, assessment.goal) == (50.0, 30.0)
    assert assessment.progress == pytest.approx(0.375)
    assert not assessment.start_is_first_reading


def test_the_past_periods_reading_does_not_grow_stale() -> None:
    old = reading(50.0, START, observed_at=START)

    assert judged_once(key_result(PAGES), pages(30.0, old), FEB_20).status is Status.ACHIEVED


@pytest.mark.parametrize(
    "baseline",
    [
        None,
        of_last_quarter(None),
        of_last_quarter(math.nan),
        of_last_quarter(50.0, complete=False),
    ],
    ids=["never read", "without a value", "not a number", "partial"],
)
def test_without_a_value_of_the_past_period_it_is_no_data_and_the_period_is_named(
    baseline: Reading | None,
) -> None:
    evidence = pages(45.0, baseline, first=reading(60.0, START))

    assessment = judged_once(key_result(PAGES), evidence, FEB_20)

    assert assessment.status is Status.NO_DATA
    assert (assessment.value, assessment.progress, assessment.pace) == (45.0, None, None)
    assert assessment.reason == "No reading of 2025-Q4 to start from"


def test_a_goal_of_its_own_is_not_judged_without_the_start_either() -> None:
    target = Target(
        TargetType.INCREASE, goal=1.0, start_from="fedcba9876543210", start_period="2025"
    )

    assessment = judged_once(key_result(target), seen(1.0, FEB_20), FEB_20)

    assert (assessment.status, assessment.goal) == (Status.NO_DATA, 1.0)
    assert assessment.reason == "No reading of 2025 to start from"


def test_checkpoints_wait_for_the_start_too() -> None:
    kr = key_result(PAGES, checkpoints=checkpoints(feb_15=40.0))

    waiting, known = judged(
        kr, (pages(45.0, None), FEB_20), (pages(45.0, of_last_quarter(50.0)), FEB_20)
    )

    assert (waiting.status, waiting.expected) == (Status.NO_DATA, None)
    assert known.status is Status.OFF_TRACK
    assert known.expected is not None


def test_a_missing_value_is_told_before_a_missing_start() -> None:
    assessment = judged_once(key_result(PAGES), pages(None, None), FEB_20)

    assert assessment.reason == "There was no value at 12:00"


def test_a_missing_start_and_a_failing_source_are_both_told() -> None:
    evidence = pages(45.0, None, failure=refused(FEB_20), source="jira")

    assert judged_once(key_result(PAGES), evidence, FEB_20).reason == (
        "No reading of 2025-Q4 to start from; no new reading since 12:00: "
        "Jira refused the credentials"
    )


def test_after_the_due_date_a_missing_start_decides_nothing() -> None:
    first, later = judged(
        key_result(PAGES),
        (seen(10.0, DUE), DUE),
        (seen(10.0, DUE, baseline=of_last_quarter(50.0)), DUE),
    )

    assert (first.status, later.status) == (Status.NO_DATA, Status.ACHIEVED)


def test_a_past_period_that_was_at_the_goal_already_is_named() -> None:
    target = Target(
        TargetType.DECREASE, goal=30.0, start_from="fedcba9876543210", start_period="2025-Q4"
    )

    assert judged_once(
        key_result(target), pages(45.0, of_last_quarter(20.0)), FEB_20
    ).reason.endswith("; the reading of 2025-Q4, 20 a week, was already at the goal")


def test_on_the_line_from_the_past_period_it_is_on_track() -> None:
    half = line_at(0.5)
    evidence = seen(40.0, half, baseline=of_last_quarter(50.0))

    assessment = judged_once(key_result(PAGES), evidence, half)

    assert assessment.status is Status.ON_TRACK
    assert assessment.pace == pytest.approx(0.0)


def test_a_declared_start_needs_no_past_period() -> None:
    target = Target(TargetType.DECREASE, goal=30.0, start=50.0)

    assert judged_once(key_result(target), pages(40.0, None), MIDDLE).start == 50.0
