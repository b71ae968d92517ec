"""What releases a number that was not believed, and what it is told as meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Dimension
from syncd.doubting import (
    alike,
    doubt_of,
    doubt_words,
    go_on,
    quarantine_words,
    release_words,
)
from syncd.model import Doubt, DoubtKind, Plausible, Quarantine

BEGAN = datetime(2026, 2, 20, 10, tzinfo=UTC)
FIVE = timedelta(minutes=5)
DECLARED = Plausible(high=100, confirm=3)


def after(values: list[float], limits: Plausible, *, good: float = 50.0) -> list[Quarantine | None]:
    """What is in quarantine after each run, five minutes apart, until one is believed."""
    seen: list[Quarantine | None] = []
    for run, value in enumerate(values):
        doubt = doubt_of(value, limits, good)
        assert doubt is not None
        seen.append(go_on(seen[-1] if seen else None, doubt, BEGAN + run * FIVE, limits))
        if seen[-1] is None:
            break
    return seen


def test_the_declared_number_of_next_runs_confirms_it() -> None:
    *waiting, last = after([130, 131, 129, 130], DECLARED)

    assert [None if one is None else one.missing for one in waiting] == [3, 2, 1]
    assert last is None


def test_without_a_declaration_three_runs_over_an_hour_confirm_it() -> None:
    seen = after([130.0] * 20, Plausible(high=100))

    assert len(seen) == 13  # the first, and those of an hour
    assert seen[-1] is None


def test_another_number_begins_afresh_and_stays_doubted_since_the_first() -> None:
    *_, last = after([130, 130, 400], DECLARED)

    assert last is not None
    assert (last.since, last.alike_since, last.agreed) == (BEGAN, BEGAN + 2 * FIVE, 0)


def test_a_number_on_the_other_side_confirms_nothing() -> None:
    limits = Plausible(step=10, confirm=1)
    one, other = after([90, 10], limits)

    assert one is not None
    assert other is not None
    assert other.agreed == 0


def test_numbers_within_a_declared_step_say_the_same() -> None:
    limits = Plausible(step=10, confirm=1)
    assert after([61, 70], limits)[-1] is None


def test_what_is_seen_again_without_a_new_run_confirms_nothing() -> None:
    (first,) = after([130], DECLARED)
    doubt = Doubt(DoubtKind.RANGE, 130, 50, 100)

    assert go_on(first, doubt, BEGAN, DECLARED) == first


@given(st.lists(st.floats(1.01, 10), min_size=1, max_size=30))
def test_what_cannot_be_is_confirmed_by_no_run(values: list[float]) -> None:
    limits = Plausible(least=0, most=1, confirm=1)
    seen = after(values, limits, good=0.5)
    assert all(one is not None and one.missing is None for one in seen)


@given(value=st.floats(101, 1e6), confirm=st.integers(1, 20))
def test_the_same_number_again_and_again_is_always_believed_in_the_end(
    value: float, confirm: int
) -> None:
    seen = after([value] * 30, Plausible(high=100, confirm=confirm))
    assert len(seen) == confirm + 1
    assert seen[-1] is None


@given(st.lists(st.floats(101, 1e6), min_size=2, max_size=20))
def test_only_runs_that_say_the_same_confirm_it(values: list[float]) -> None:
    seen = after(values, DECLARED)
    for run, one in enumerate(seen):
        if one is None:
            agreeing = values[run - 3 : run + 1]
            assert all(
                abs(later - earlier) <= 0.2 * (earlier - 50) + 1e-6
                for earlier, later in pairwise(agreeing)
            )


def test_what_a_person_accepted_is_believed_as_soon_as_a_run_says_it_again() -> None:
    (first,) = after([130], DECLARED)
    assert first is not None
    accepted = Quarantine(**{**vars(first), "accepted_by": "Ada", "accepted_reason": "counted"})
    again, other = Doubt(DoubtKind.RANGE, 131, 50, 100), Doubt(DoubtKind.RANGE, 900, 50, 100)

    assert go_on(accepted, again, BEGAN + FIVE, DECLARED) is None
    doubted = go_on(accepted, other, BEGAN + FIVE, DECLARED)
    assert doubted is not None
    assert doubted.accepted_by is None


@pytest.mark.parametrize(
    ("doubt", "dimension", "unit", "words"),
    [
        (Doubt(DoubtKind.RANGE, 130, 90, 100), Dimension.COUNT, None, "130, at most 100 is plausible"),
        (Doubt(DoubtKind.IMPOSSIBLE, 1.3, 0.9, 1), Dimension.RATIO, None,
         "130 % cannot be: at most 100 %"),
        (Doubt(DoubtKind.IMPOSSIBLE, float("nan")), Dimension.RATIO, None,
         "what was read is no finite number"),
        (Doubt(DoubtKind.STEP, 0.9, 0.5, 0.2), Dimension.RATIO, None,
         "90 % after 50 %, and a step is at most 20 points"),
        (Doubt(DoubtKind.STEP, 121, 100, 20), Dimension.COUNT, None,
         "121 after 100, and a step is at most 20"),
        (Doubt(DoubtKind.RANGE, -1, 5, 0), Dimension.COUNT, None, "-1, at least 0 is plausible"),
        (Doubt(DoubtKind.RANGE, 1.0004, 0.9, 1), Dimension.RATIO, None,
         "100.04 %, at most 100 % is plausible"),
        (Doubt(DoubtKind.STEP, 9, 5, 0.2, relative=True), Dimension.OTHER, "USD",
         "9 USD after 5 USD, and a step is at most 20 %"),
        (Doubt(DoubtKind.COUNTER, 10, 5000, 5000), Dimension.COUNT, None,
         "10 after 5,000, and it only goes up"),
        (Doubt(DoubtKind.SHRINK, 100, 1000, 0.5, relative=True), Dimension.DURATION, "d",
         "100 of 1,000 objects are left, and no more than 50 % may go at once"),
    ],
)  # fmt: skip
def test_a_doubt_says_what_is_not_believed_and_why(
    doubt: Doubt, dimension: Dimension, unit: str | None, words: str
) -> None:
    assert doubt_words(doubt, dimension, unit) == words


ENDLESS = Doubt(DoubtKind.IMPOSSIBLE, float("inf"))


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (Doubt(DoubtKind.RANGE, 130, 50, 100), Doubt(DoubtKind.RANGE, 146, 50, 100), True),
        (Doubt(DoubtKind.RANGE, 130, 50, 100), Doubt(DoubtKind.RANGE, 147, 50, 100), False),
        (Doubt(DoubtKind.RANGE, 130, 50, 100), Doubt(DoubtKind.STEP, 130, 50, 10), False),
        # the last one that was believed is the measure, and the limit where there is none
        (Doubt(DoubtKind.RANGE, 130, None, 100), Doubt(DoubtKind.RANGE, 136, None, 100), True),
        (Doubt(DoubtKind.RANGE, 130, None, 100), Doubt(DoubtKind.RANGE, 137, None, 100), False),
        (Doubt(DoubtKind.SHRINK, 100, 1000), Doubt(DoubtKind.SHRINK, 3, 500), False),
        (Doubt(DoubtKind.RANGE, 130, 130, 100), Doubt(DoubtKind.RANGE, 130, 130, 100), True),
        (Doubt(DoubtKind.RANGE, 0.9, 0.5, 0.8), Doubt(DoubtKind.RANGE, 1.2, 0.5, 0.8), False),
        (Doubt(DoubtKind.STEP, 51, 50, 10), Doubt(DoubtKind.STEP, 49.9, 50, 10), False),
        # what is no finite number says one thing only
        (ENDLESS, Doubt(DoubtKind.IMPOSSIBLE, float("nan")), True),
        (ENDLESS, Doubt(DoubtKind.IMPOSSIBLE, 1.3, 0.9, 1), True),
    ],
)
def test_two_numbers_say_the_same_where_they_are_roughly_as_far_out_for_one_cause(
    one: Doubt, other: Doubt, said: bool
) -> None:
    assert alike(one, other, Plausible()) is said


def test_a_quarantine_tells_the_newest_number_and_follows_an_edit_of_the_limits() -> None:
    (first,) = after([130], Plausible(high=100))
    assert first is not None
    newer = Doubt(DoubtKind.RANGE, 131, 50, 100)

    again = go_on(first, newer, BEGAN + FIVE, Plausible(high=100))
    declared = go_on(first, newer, BEGAN + FIVE, DECLARED)

    assert again is not None
    assert declared is not None
    assert (again.doubt, again.needed, again.earliest) == (newer, 3, BEGAN + timedelta(hours=1))
    assert first.earliest == again.earliest
    assert (declared.needed, declared.earliest) == (3, None)
    undeclared = go_on(declared, newer, BEGAN + 2 * FIVE, Plausible(high=100, confirm=5))
    assert undeclared is not None
    assert undeclared.needed == 5


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"needed": None}, "no run and no person can confirm this"),
        ({"accepted_by": "Ada"}, "accepted by Ada: told once the next run says the same"),
        ({"earliest": None}, "believed after 2 more runs saying the same, or when a person accepts it"),
        ({"earliest": BEGAN + FIVE, "agreed": 2},
         "believed after 1 more run saying the same, or when a person accepts it"),
        ({"earliest": BEGAN + 2 * FIVE, "agreed": 9},
         "believed after 1 more run saying the same, not before 10:10, or when a person accepts it"),
    ],
)  # fmt: skip
def test_a_quarantine_says_what_would_end_it(changes: dict[str, object], words: str) -> None:
    seen = Quarantine(Doubt(DoubtKind.RANGE, 130, 50, 100), BEGAN, BEGAN, BEGAN, 1, 3)

    assert release_words(replace(seen, **changes), "UTC", BEGAN + FIVE) == words  # type: ignore[arg-type]


def test_a_quarantine_says_since_when_and_what_would_end_it() -> None:
    first, second = after([130, 130], Plausible(high=100))
    assert first is not None
    assert second is not None
    now = BEGAN + FIVE
    assert quarantine_words(second, Dimension.COUNT, None, "UTC", now) == (
        "not believed since 10:00: 130, at most 100 is plausible; believed after 2 more runs "
        "saying the same, not before 11:00, or when a person accepts it"
    )
