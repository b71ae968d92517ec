"""The clauses that reasons are made of, each by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from syncd.assess.adjustment_words import pause_words
from syncd.assess.dependency_words import waiting_words
from syncd.assess.forecast_words import pace_words
from syncd.assess.milestone_words import coming_words, overdue_words
from syncd.assess.milestones import Tally
from syncd.assess.standing import Standing
from syncd.assess.whole_counts import asked_of_whole, whole_before, whole_from
from syncd.model import Milestone, Needed, Status, Target, TargetType
from tests.unit.assess.cases import (
    DAY,
    INSTANT,
    MIDDLE,
    SHARE,
    START,
    end_of,
    key_result,
    landing_on,
    pause,
    seen,
)

UP, DOWN = Target(TargetType.AT_LEAST, goal=9.0), Target(TargetType.AT_MOST, goal=1.0)
FEB_10, FEB_20 = end_of("2026-02-10"), end_of("2026-02-20")


def day(end: datetime) -> str:
    return f"{end:%d %b}"


def named(*names: str, at: datetime = FEB_10) -> tuple[Milestone, ...]:
    return tuple(Milestone(name, at) for name in names)


@pytest.mark.parametrize(
    ("tally", "words"),
    [
        (Tally(2, 2, (), named=True), ""),
        (Tally(1, 2, named("a"), named=True), "a was due on 10 Feb and is not done; 1 of 2 done"),
        (
            Tally(0, 3, named("a", "b", "c"), named=True),
            "a, b and c were due on 10 Feb and are not done; 0 of 3 done",
        ),
        (
            Tally(0, 4, named("a", "b", "c", "d"), named=True),
            "a, b, c and 1 more were due on 10 Feb and are not done; 0 of 4 done",
        ),
        (
            Tally(0, 2, (*named("a"), *named("b", at=FEB_20)), named=True),
            "a (10 Feb) and b (20 Feb) were due and are not done; 0 of 2 done",
        ),
        # of a reading that names none only how many should be done can be told
        (Tally(0, 3, named("a"), named=False), "1 of 3 was due by 10 Feb; 0 of 3 done"),
    ],
)
def test_what_is_overdue_is_named_as_far_as_that_can_be_read(tally: Tally, words: str) -> None:
    every = (*named("a"), *named("b", at=FEB_20 + INSTANT))

    # the date itself has come
    assert overdue_words(tally, every, FEB_20 if len(tally.undone) == 2 else FEB_10, day) == words


def test_of_several_dates_that_have_come_the_last_one_is_told() -> None:
    every = (*named("a"), *named("b", at=FEB_20))
    tally = Tally(0, 2, every, named=False)

    assert overdue_words(tally, every, FEB_20, day) == "2 of 2 were due by 20 Feb; 0 of 2 done"


@pytest.mark.parametrize(
    ("tally", "words"),
    [
        (Tally(1, 2, (), named=True), ""),
        (Tally(1, 2, named("a"), named=True), "a is due on 10 Feb"),
        (Tally(1, 3, named("a", "b"), named=True), "a and b are due on 10 Feb"),
        (Tally(1, 3, named("a", "b"), named=False), "the next is due on 10 Feb"),
    ],
)
def test_what_is_coming_is_named_too(tally: Tally, words: str) -> None:
    assert coming_words(tally, START, day) == words


@pytest.mark.parametrize(
    ("value", "target", "before", "beyond", "asked"),
    [
        (2.15, UP, 2, 3, ("more than", 2)),
        (2.0, UP, 2, 2, ("at least", 2)),
        (3 - 1e-10, UP, 3, 3, ("at least", 3)),
        (3 + 1e-10, UP, 3, 3, ("at least", 3)),
        (2.15, DOWN, 3, 2, ("less than", 3)),
        (2.0, DOWN, 2, 2, ("at most", 2)),
        (3 - 1e-10, DOWN, 3, 3, ("at most", 3)),
        (3 + 1e-10, DOWN, 3, 3, ("at most", 3)),
    ],
)
def test_whole_things_are_asked_for_in_whole_numbers(
    value: float, target: Target, before: float, beyond: float, asked: tuple[str, float]
) -> None:
    assert (whole_before(value, target), whole_from(value, target)) == (before, beyond)
    assert asked_of_whole(value, target) == asked


def test_a_reason_that_a_person_gave_loses_its_full_stop_and_nothing_else() -> None:
    said = pause(START, FEB_10, reason=" the racks are in PDX. ")

    assert pause_words(said, "UTC", MIDDLE) == "paused until 10 Feb by Ada: the racks are in PDX"


def test_of_several_needs_each_says_how_it_ended_and_because_of_what() -> None:
    needs = {"a": Needed(Status.CARRIED, ("b",)), "c": Needed(Status.OFF_TRACK)}

    assert waiting_words(needs, ["a", "c"]) == (
        "waits for a (carried over because of b) and c, which slip"
    )


def test_a_goal_that_is_reached_by_the_due_date_only_is_told_as_a_value() -> None:
    kr = key_result(SHARE, due=START + 90 * DAY)
    standing = Standing(kr, SHARE, goal=0.7)
    forecast = replace(landing_on(kr.due), middle=0.6996)

    words = pace_words(forecast, standing, seen(0.5, MIDDLE), MIDDLE)

    assert words == "at this pace 69.96 % on 31 Mar"
