from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.model import (
    Doubted,
    DoubtKind,
    Evidence,
    Judgement,
    Status,
    Target,
    TargetType,
)
from tests.unit.assess.cases import (
    DAY,
    DONE,
    HOUR,
    INSTANT,
    MIDDLE,
    NO_BREACHES,
    SHARE,
    START,
    checkpoints,
    end_of,
    judged,
    judged_once,
    key_result,
    reading,
    refused,
    seen,
)

# ------------------------------------------------------------------- nothing to judge by


@pytest.mark.parametrize("target", [None, Target(TargetType.AT_MOST), Target(TargetType.GUARD)])
def test_an_undecided_target_is_no_target_whatever_the_data(target: Target | None) -> None:
    for evidence in (seen(0.5, MIDDLE), seen(0.5, START), Evidence(300.0)):
        assert judged_once(key_result(target), evidence).status is Status.NO_TARGET


def test_an_undecided_target_has_no_progress_and_still_shows_the_value() -> None:
    assessment = judged_once(key_result(None), seen(0.5, MIDDLE))

    assert (assessment.value, assessment.progress, assessment.expected, assessment.pace) == (
        0.5,
        None,
        None,
        None,
    )
    assert (assessment.start, assessment.start_is_first_reading) == (None, False)


def test_no_reading_is_no_data() -> None:
    assert judged_once(key_result(), Evidence(300.0)).status is Status.NO_DATA


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("target", [SHARE, NO_BREACHES, DONE, Target(TargetType.INCREASE, goal=1)])
def test_a_reading_without_a_number_is_no_data(value: float | None, target: Target) -> None:
    assessment = judged_once(key_result(target), seen(value, MIDDLE))

    assert assessment.status is Status.NO_DATA
    assert (assessment.value, assessment.progress, assessment.pace) == (None, None, None)


def test_a_declared_start_that_is_no_number_is_no_start() -> None:
    target = Target(TargetType.INCREASE, goal=1.0, start=math.nan)

    assessment = judged_once(key_result(target), seen(0.5, MIDDLE))

    assert (assessment.status, assessment.start) == (Status.NO_DATA, None)


def test_an_empty_set_is_no_data() -> None:
    assessment = judged_once(
        key_result(), seen(None, MIDDLE, reading=reading(None, MIDDLE, objects=0))
    )

    assert assessment.status is Status.NO_DATA


@pytest.mark.parametrize("known", [{"objects": 0}, {"denominator": 0.0}])
def test_an_empty_set_counts_as_met_where_the_author_says_so(known: dict[str, float]) -> None:
    kr = key_result(replace(SHARE, empty_met=True))

    assessment = judged_once(kr, seen(None, MIDDLE, reading=reading(None, MIDDLE, **known)))

    assert assessment.status is Status.ACHIEVED
    assert (assessment.value, assessment.progress) == (None, 1.0)
    assert assessment.progress_unbounded == 1.0


@pytest.mark.parametrize("known", [{}, {"objects": 3, "denominator": 0.0}])
def test_a_missing_value_of_a_set_that_is_not_empty_stays_no_data(known: dict[str, float]) -> None:
    kr = key_result(replace(SHARE, empty_met=True))

    assessment = judged_once(kr, seen(None, MIDDLE, reading=reading(None, MIDDLE, **known)))

    assert assessment.status is Status.NO_DATA


# ------------------------------------------------------------------------------ freshness


@pytest.mark.parametrize(
    ("interval_seconds", "declared", "limit"),
    [
        (300.0, None, HOUR),
        (3600.0, None, 3 * HOUR),
        (300.0, 600.0, timedelta(minutes=10)),
        (300.0, 14 * 86400.0, 14 * DAY),
    ],
)
def test_a_reading_is_stale_after_three_intervals_and_an_hour_unless_declared(
    interval_seconds: float, declared: float | None, limit: timedelta
) -> None:
    kr = key_result(stale_after_seconds=declared)
    evidence = seen(0.5, MIDDLE, interval_seconds=interval_seconds)

    assert judged_once(kr, evidence, MIDDLE + limit - INSTANT).status is not Status.STALE
    assert judged_once(kr, evidence, MIDDLE + limit).status is Status.STALE


@pytest.mark.parametrize(
    ("of_the_key_result", "limit"), [(None, 14 * DAY), (600.0, timedelta(minutes=10))]
)
def test_an_indicators_own_staleness_replaces_the_usual_and_a_key_results_replaces_that(
    of_the_key_result: float | None, limit: timedelta
) -> None:
    kr = key_result(stale_after_seconds=of_the_key_result)
    evidence = seen(0.5, MIDDLE, stale_after_seconds=14 * 86400.0)

    assert judged_once(kr, evidence, MIDDLE + limit - INSTANT).status is not Status.STALE
    assert judged_once(kr, evidence, MIDDLE + limit).status is Status.STALE


def test_what_is_stale_keeps_its_last_value_and_has_no_pace() -> None:
    assessment = judged_once(key_result(), seen(0.5, MIDDLE), MIDDLE + DAY)

    assert (assessment.value, assessment.progress, assessment.pace) == (0.5, 0.5, None)
    assert assessment.observed_at == MIDDLE


def test_a_failing_source_changes_nothing_while_the_last_reading_is_fresh() -> None:
    kr = key_result()
    evidence = seen(0.5, MIDDLE, failure=refused(MIDDLE))

    assessment = judged_once(kr, evidence, MIDDLE + HOUR / 2)

    assert assessment.status is Status.ON_TRACK
    assert assessment.error_type == "unauthorised"


def test_a_partial_reading_is_never_judged_and_does_not_make_an_older_one_fresher() -> None:
    late = MIDDLE + 2 * HOUR
    evidence = seen(0.5, MIDDLE, partial=reading(0.0, late, complete=False))

    fresh = judged_once(key_result(), evidence, MIDDLE)
    old = judged_once(key_result(), evidence, late)

    assert (fresh.status, fresh.value, fresh.complete) == (Status.ON_TRACK, 0.5, False)
    assert old.status is Status.STALE


def test_a_partial_reading_in_the_place_of_the_complete_one_is_not_judged_either() -> None:
    evidence = seen(1.0, MIDDLE, reading=reading(1.0, MIDDLE, complete=False))

    assessment = judged_once(key_result(), evidence)

    assert (assessment.status, assessment.complete) == (Status.NO_DATA, False)
    assert judged_once(key_result(), seen(1.0, MIDDLE)).complete


def test_an_assessment_says_which_rule_decided_and_what_is_doubted() -> None:
    doubted = Doubted(DoubtKind.STEP, "9 after 5", MIDDLE)

    plain = judged_once(key_result(), seen(0.6, MIDDLE))
    odd = judged_once(key_result(), seen(0.6, MIDDLE, doubted=doubted))

    assert (plain.rule, plain.doubt) == ("line", None)
    assert (odd.rule, odd.doubt) == ("line", "step")


# ---------------------------------------------------------------------------- under way


def test_before_its_start_a_key_result_is_on_track_even_with_no_early_period() -> None:
    kr = key_result(judgement=Judgement(early_ratio=0.0))

    assert judged_once(kr, seen(1.0, START - DAY), START - DAY).status is Status.ON_TRACK
    assert judged_once(kr, seen(1.0, START), START).status is Status.ACHIEVED


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (0.45, Status.ON_TRACK),
        (0.4499, Status.AT_RISK),
        (0.35, Status.AT_RISK),
        (0.3499, Status.OFF_TRACK),
    ],
)
def test_a_threshold_itself_belongs_to_the_better_status(value: float, status: Status) -> None:
    kr = key_result(due=START + 90 * DAY)
    half = START + 45 * DAY

    assessment = judged_once(kr, seen(value, half), half)

    assert (assessment.expected, assessment.status) == (0.5, status)


def test_the_thresholds_can_be_set() -> None:
    kr = key_result(judgement=Judgement(on_track_ratio=0.6, at_risk_ratio=0.4))

    assert judged_once(kr, seen(0.31, MIDDLE)).status is Status.ON_TRACK
    assert judged_once(kr, seen(0.29, MIDDLE)).status is Status.AT_RISK
    assert judged_once(kr, seen(0.19, MIDDLE)).status is Status.OFF_TRACK


def test_a_passed_checkpoint_counts_from_the_end_of_its_day_against_the_value_now() -> None:
    kr = key_result(checkpoints=checkpoints(feb_15=0.8, feb_28=0.9))
    passed = end_of("2026-02-15")

    before = judged_once(kr, seen(0.79, passed - HOUR / 2), passed - INSTANT)
    after = judged_once(kr, seen(0.79, passed - HOUR / 2), passed)
    caught_up = judged_once(kr, seen(0.81, passed), passed)

    assert [one.status for one in (before, after, caught_up)] == [
        Status.ON_TRACK,
        Status.AT_RISK,
        Status.ON_TRACK,
    ]


def test_achieved_is_withdrawn_if_the_value_falls_back_before_the_due_date() -> None:
    statuses = [
        one.status
        for one in judged(
            key_result(), (seen(1.0, MIDDLE), MIDDLE), (seen(0.3, MIDDLE + HOUR), MIDDLE + HOUR)
        )
    ]

    assert statuses == [Status.ACHIEVED, Status.OFF_TRACK]
