"""The sentence of each rule, and that no sentence contradicts the status."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from connectors.base import Dimension, UpstreamError
from syncd.assess import assess
from syncd.model import (
    Evidence,
    Failure,
    KeyResult,
    Memory,
    Status,
    Target,
    TargetType,
)
from syncd.wording import cause, clock, last_day, points, quantity, status_words
from tests.unit.assess.cases import (
    DAY,
    DONE,
    DUE,
    HOUR,
    MIDDLE,
    NO_BREACHES,
    SHARE,
    START,
    checkpoints,
    end_of,
    held_for,
    key_result,
    moment,
    reading,
    refused,
    seen,
    told_of,
)

PACE = "90 % on 20 Feb; the line asks for at least 56.1 % by now"
FEB_20 = moment("2026-02-20 12:00")
MORNING = moment("2026-02-20 09:12")


def reason(
    kr: KeyResult,
    evidence: Evidence,
    now: datetime,
    memory: Memory | None = None,
    **needs: Status | None,
) -> str:
    assessment, _ = assess(kr, evidence, memory or Memory(), told_of(**needs), now)
    return assessment.reason


def counted(value: float | None, at: datetime, **changes: object) -> Evidence:
    return replace(seen(value, at), dimension=Dimension.COUNT, **changes)  # type: ignore[arg-type]


def test_a_missed_checkpoint_names_what_it_asked_for() -> None:
    kr = key_result(checkpoints=checkpoints(feb_15=0.8))

    assert (
        reason(kr, seen(0.741, FEB_20), FEB_20)
        == "74.1 % on 20 Feb; the checkpoint of 15 Feb asked for 80 %"
    )


def test_stale_data_names_the_time_and_the_cause() -> None:
    evidence = seen(0.741, MORNING, failure=refused(MORNING + HOUR), source="jira")

    assert (
        reason(key_result(), evidence, FEB_20)
        == "No reading since 09:12: Jira refused the credentials"
    )


def test_stale_data_of_another_day_names_the_day() -> None:
    assert (
        reason(key_result(), seen(0.741, MORNING - 2 * DAY), FEB_20)
        == "No reading since 18 Feb, 09:12"
    )


def test_times_are_those_of_the_key_results_timezone() -> None:
    kr = key_result(timezone="America/Los_Angeles")

    assert reason(kr, seen(0.741, MORNING), FEB_20) == "No reading since 01:12"


@pytest.mark.parametrize(
    ("kr", "evidence", "sentence"),
    [
        (key_result(None), Evidence(300.0), "The target is not decided yet"),
        (
            key_result(None),
            seen(0.5, FEB_20),
            "The target is not decided yet; 50 % on 20 Feb",
        ),
        (key_result(), Evidence(300.0), "No reading yet"),
        (
            key_result(),
            Evidence(300.0, failure=Failure("timeout", "t", MORNING), source="netbox"),
            "No reading yet: NetBox did not answer in time",
        ),
        (key_result(), seen(None, FEB_20), "There was no value at 12:00"),
        (
            key_result(),
            seen(None, FEB_20, reading=reading(None, FEB_20, objects=0)),
            "Nothing to count at 12:00",
        ),
        (
            key_result(replace(SHARE, empty_met=True)),
            seen(None, FEB_20, reading=reading(None, FEB_20, objects=0)),
            "Nothing to count on 20 Feb, which is as good as met; the goal is at least 100 %",
        ),
        (
            key_result(),
            seen(0.3, FEB_20),
            "30 % on 20 Feb; the line asks for at least 56.1 % by now",
        ),
        (
            key_result(Target(TargetType.AT_LEAST, goal=0.95)),
            seen(0.962, FEB_20),
            "96.2 % on 20 Feb; the goal is at least 95 %",
        ),
        (
            key_result(Target(TargetType.DECREASE, goal=30.0, start=50.0)),
            counted(45.0, FEB_20, unit="1/w"),
            "45 a week on 20 Feb; the line asks for at most 38.8 a week by now",
        ),
        (
            key_result(Target(TargetType.AT_LEAST, goal=4.0)),
            counted(2.0, FEB_20),
            "2 on 20 Feb; the line asks for more than 2 by now",
        ),
        (
            key_result(Target(TargetType.DECREASE, goal=30.0, start=50.0)),
            counted(45.0, FEB_20),
            "45 on 20 Feb; the line asks for less than 39 by now",
        ),
        (
            key_result(Target(TargetType.AT_LEAST, goal=4.0)),
            counted(2.5, FEB_20),
            "2.5 on 20 Feb; the line asks for at least 2.24 by now",
        ),
        (
            key_result(Target(TargetType.AT_LEAST, goal=-10.0)),
            counted(-20.0, FEB_20),
            "-20 on 20 Feb; the goal is at least -10",
        ),
        (
            key_result(NO_BREACHES),
            counted(0.0, FEB_20),
            "0 on 20 Feb; allowed is at most 0",
        ),
        (
            key_result(Target(TargetType.GUARD, low=0.2, high=0.8)),
            seen(0.9, FEB_20),
            "Breached on 20 Feb; allowed is at least 20 % and at most 80 %; 90 % on 20 Feb",
        ),
        (key_result(DONE), counted(0.0, FEB_20), "Not done on 20 Feb; asked for by 31 Mar"),
        (key_result(DONE), counted(1.0, FEB_20), "Done on 20 Feb; asked for by 31 Mar"),
        (
            key_result(replace(DONE, held_for_seconds=86400.0)),
            counted(1.0, FEB_20),
            "Done on 20 Feb; counts from 21 Feb, 12:00 if it holds until then",
        ),
        (
            key_result(),
            replace(seen(0.9, FEB_20), previous_definition=True),
            PACE + "; measured by the earlier definition of the indicator",
        ),
        (
            key_result(),
            seen(0.9, FEB_20, reading=reading(0.9, FEB_20, approximate=True)),
            "About 90 % on 20 Feb; the line asks for at least 56.1 % by now",
        ),
        (
            key_result(),
            seen(0.9, FEB_20, failure=refused(MORNING), source="jira-dc"),
            PACE + "; no new reading since 09:12: jira-dc refused the credentials",
        ),
        (
            key_result(),
            seen(0.9, FEB_20, partial=reading(0.1, FEB_20, complete=False)),
            PACE + "; the reading of 12:00 is incomplete and not judged",
        ),
    ],
)
def test_each_rule_has_its_sentence(kr: KeyResult, evidence: Evidence, sentence: str) -> None:
    assert reason(kr, evidence, FEB_20) == sentence


def test_the_first_days_are_too_early_to_judge() -> None:
    now = moment("2026-01-03 12:00")

    assert reason(key_result(), seen(0.02, now), now) == "Too early to judge: 2 % on 3 Jan"


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (1.0, "At least 100 % was reached by 31 Mar; 100 % on 31 Mar"),
        (0.9, "At least 100 % was not reached by 31 Mar; 90 % on 31 Mar"),
    ],
)
def test_an_outcome_names_the_goal_and_the_day(value: float, sentence: str) -> None:
    assert reason(key_result(), seen(value, DUE), DUE) == sentence


def test_an_outcome_of_another_year_names_it() -> None:
    now = moment("2027-01-01 00:00")
    memory = Memory(final=Status.MISSED, target=key_result().target_fingerprint)

    assert (
        reason(key_result(), Evidence(300.0, dimension=Dimension.RATIO), now, memory)
        == "At least 100 % was not reached by 31 Mar 2026"
    )


def test_the_outcome_of_a_guard_says_whether_it_held() -> None:
    kr = key_result(NO_BREACHES)

    assert reason(kr, counted(0.0, DUE), DUE) == "Held to 31 Mar; allowed is at most 0"


def test_a_status_that_waits_says_when_it_will_be_told() -> None:
    kr = key_result(judgement=held_for(hours=2))
    _, memory = assess(kr, seen(0.9, FEB_20), Memory(), {}, FEB_20)
    now = FEB_20 + HOUR

    assert reason(kr, seen(0.1, now), now, memory).endswith("; off track from 15:00 if this lasts")


def test_a_value_just_short_of_the_goal_never_reads_as_the_goal() -> None:
    assert "99.996 % on 31 Mar" in reason(key_result(), seen(0.99996, DUE), DUE)


@pytest.mark.parametrize(
    ("value", "dimension", "unit", "text"),
    [
        (0.741, Dimension.RATIO, None, "74.1 %"),
        (0.57, Dimension.RATIO, "percent", "57 %"),
        (0.0031, Dimension.RATIO, None, "0.31 %"),
        (1.2, Dimension.RATIO, "x", "1.2 x"),
        (0.0, Dimension.DURATION, None, "0 s"),
        (90.0, Dimension.DURATION, None, "90 s"),
        (300.0, Dimension.DURATION, None, "5 min"),
        (86400.0, Dimension.DURATION, None, "24 h"),
        (604800.0, Dimension.DURATION, None, "7 d"),
        (604800.0, Dimension.DURATION, "w", "1 w"),
        (-7200.0, Dimension.DURATION, None, "-2 h"),
        (1294.0, Dimension.COUNT, None, "1,294"),
        (-0.0, Dimension.COUNT, None, "0"),
        (2.456, Dimension.OTHER, "USD/host/h", "2.46 USD/host/h"),
        (0.00123, Dimension.OTHER, None, "0.00123"),
        (None, Dimension.RATIO, None, "\u2013"),
        (float("nan"), Dimension.COUNT, None, "\u2013"),
        (float("inf"), Dimension.COUNT, None, "\u2013"),
    ],
)
def test_quantities_are_written_as_people_write_them(
    value: float | None, dimension: Dimension, unit: str | None, text: str
) -> None:
    assert quantity(value, dimension, unit) == text


def test_a_difference_in_points_has_its_sign() -> None:
    assert [points(one) for one in (-0.12, 0.0, 0.059)] == ["-12 points", "0 points", "+5.9 points"]


@pytest.mark.parametrize("end", [end_of("2026-02-15"), moment("2026-02-16 00:00")])
def test_the_last_day_is_the_one_that_ends_then(end: datetime) -> None:
    assert last_day(end, "UTC", START) == "15 Feb"


def test_a_day_of_another_year_is_told_with_its_year() -> None:
    assert clock(MORNING, "UTC", moment("2027-01-01 00:00")) == "20 Feb 2026, 09:12"


def test_every_status_has_its_words() -> None:
    assert len({status_words(status) for status in Status}) == len(Status)


def every_error() -> list[type[UpstreamError]]:
    return UpstreamError.__subclasses__()


@pytest.mark.parametrize("error", every_error(), ids=lambda error: error.error_type)
def test_every_error_of_an_upstream_has_its_words(error: type[UpstreamError]) -> None:
    words = cause(Failure(error.error_type, "raw message", MORNING), "jira")

    assert "Jira" in words
    assert "raw message" not in words


def test_an_error_of_another_kind_is_told_in_its_own_words() -> None:
    assert cause(Failure("mapping", "the field is gone.", MORNING), None) == "the field is gone"


def test_a_breached_guard_without_a_reading_still_has_a_sentence() -> None:
    kr = key_result(NO_BREACHES)
    _, memory = assess(kr, counted(1.0, MIDDLE), Memory(), {}, MIDDLE)

    assert (
        reason(kr, Evidence(300.0), DUE + DAY, memory) == "Breached on 15 Feb; allowed is at most 0"
    )


def test_a_reading_is_dated_by_the_moment_it_holds_for() -> None:
    later = replace(reading(0.5, FEB_20), at=FEB_20 + DAY)

    assert "50 % on 21 Feb" in reason(key_result(), seen(0.5, FEB_20, reading=later), FEB_20)


# ------------------------------------------------------------------------ start and stretch

FIRST = Target(TargetType.INCREASE, goal=1.0)
PAST = replace(FIRST, start_from="f" * 16, start_period="2025-Q4")
SAID = replace(FIRST, start=0.2)


@pytest.mark.parametrize(
    ("target", "clause"),
    [
        (FIRST, "; counted from the first reading, 20 %"),
        (PAST, "; counted from the reading of 2025-Q4, 20 %"),
        (SAID, ""),
        (SHARE, ""),
    ],
)
def test_the_line_says_from_which_start_it_runs_unless_that_is_declared(
    target: Target, clause: str
) -> None:
    start = reading(0.2, START)
    evidence = seen(0.9, FEB_20, first=start, baseline=start)

    assert reason(key_result(target), evidence, FEB_20).split(" by now")[1] == clause


@pytest.mark.parametrize(
    ("target", "which"),
    [
        (Target(TargetType.INCREASE, by=0.5), "the first reading"),
        (
            Target(TargetType.INCREASE, by=0.5, start_from="f" * 16, start_period="2025-Q4"),
            "the reading of 2025-Q4",
        ),
        (Target(TargetType.INCREASE, by=0.5, start=0.2), "the declared start"),
    ],
)
def test_a_goal_that_is_a_change_of_the_start_says_of_which(target: Target, which: str) -> None:
    start = reading(0.2, START)
    kr = key_result(target)

    reached = reason(kr, seen(0.9, FEB_20, first=start, baseline=start), FEB_20)
    missed = reason(kr, seen(0.3, DUE, first=start, baseline=start), DUE)

    assert reached == f"90 % on 20 Feb; the goal is at least 70 %; counted from {which}, 20 %"
    assert missed.endswith(f"was not reached by 31 Mar; 30 % on 31 Mar; counted from {which}, 20 %")


def test_a_start_is_not_told_where_it_does_not_matter() -> None:
    kr = key_result(FIRST, checkpoints=checkpoints(feb_15=0.8))
    evidence = seen(0.7, FEB_20, first=reading(0.2, START))

    assert reason(kr, evidence, FEB_20) == (
        "70 % on 20 Feb; the checkpoint of 15 Feb asked for 80 %"
    )


HIRED = Target(TargetType.AT_LEAST, goal=4.0, stretch=6.0)


@pytest.mark.parametrize(
    ("target", "value", "at", "sentence"),
    [
        (HIRED, 6.0, FEB_20, "6 on 20 Feb; the goal is at least 4; stretch of 6 reached"),
        (HIRED, 5.0, FEB_20, "5 on 20 Feb; the goal is at least 4"),
        (HIRED, 7.0, DUE, "At least 4 was reached by 31 Mar; 7 on 31 Mar; stretch of 6 reached"),
        (
            Target(TargetType.AT_MOST, goal=4.0, stretch=2.0),
            1.0,
            FEB_20,
            "1 on 20 Feb; the goal is at most 4; stretch of 2 reached",
        ),
        (
            Target(TargetType.AT_MOST, goal=4.0, stretch=2.0),
            3.0,
            FEB_20,
            "3 on 20 Feb; the goal is at most 4",
        ),
    ],
)
def test_a_stretch_that_is_reached_is_told(
    target: Target, value: float, at: datetime, sentence: str
) -> None:
    assert reason(key_result(target), counted(value, at), at) == sentence


@pytest.mark.parametrize("value", [1.0, 4.0, 5.0, 6.0, 9.0])
def test_a_stretch_never_changes_progress_or_status(value: float) -> None:
    plain = replace(HIRED, stretch=None)
    with_it, without = (
        assess(key_result(target), counted(value, FEB_20), Memory(), {}, FEB_20)[0]
        for target in (HIRED, plain)
    )

    assert (with_it.progress, with_it.progress_unbounded, with_it.status) == (
        without.progress,
        without.progress_unbounded,
        without.status,
    )


def test_old_data_does_not_say_that_the_stretch_is_reached() -> None:
    assert reason(key_result(HIRED), counted(6.0, FEB_20), FEB_20 + DAY) == (
        "No reading since 20 Feb, 12:00"
    )
