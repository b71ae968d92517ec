"""What is too much skew, too little room, too few requests left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Budget
from connectors.checkup import Finding, Level, version_fits
from syncd.doctor.judging import (
    Heard,
    Skew,
    budget_told,
    certificate_told,
    clock_told,
    room_told,
    schema_told,
    skew_of,
)

MIB = 1024 * 1024


def heard(ahead: float, *, asked: float = 1000.25, seconds: float = 0.0) -> Heard:
    """A telling of a clock that is ahead of ours, cut to whole seconds as `Date` is."""
    return Heard(asked, asked + seconds, float(int(asked + seconds / 2 + ahead)))


@given(
    ahead=st.floats(-1e6, 1e6),
    asked=st.lists(st.floats(1.7e9, 1.8e9), min_size=1, max_size=5),
    seconds=st.floats(0, 30),
)
def test_the_true_skew_is_never_excluded(ahead: float, asked: list[float], seconds: float) -> None:
    found = skew_of([heard(ahead, asked=one, seconds=seconds) for one in asked])

    assert found is not None
    assert found.low - 1e-3 <= ahead <= found.high + 1e-3


def test_every_telling_narrows_what_is_possible() -> None:
    # cut to whole seconds, the first says 0 to 1 s, the second 0.5 to 1.5 s
    found = skew_of([Heard(10.0, 10.0, 10.0), Heard(12.5, 12.5, 13.0)])

    assert found == Skew(0.5, 1.0)


def test_clocks_that_contradict_each_other_tell_nothing() -> None:
    found = clock_told([heard(0), heard(-60)], "the server")

    assert found.level is Level.UNKNOWN
    assert "contradict" in found.says


@pytest.mark.parametrize(
    ("ahead", "level"),
    [
        (0, Level.OK),
        (29, Level.OK),
        (-29, Level.OK),
        (32, Level.WARNING),
        (-32, Level.WARNING),
        (302, Level.PROBLEM),
        (-302, Level.PROBLEM),
    ],
)
def test_a_skew_is_judged_by_what_is_certain_of_it(ahead: float, level: Level) -> None:
    assert clock_told([heard(ahead)], "the server").level is level


def test_a_slow_answer_is_not_taken_for_a_skew() -> None:
    found = clock_told([heard(-40, seconds=30)], "the server")

    assert found.level is Level.OK
    assert "24.2 s to 55.2 s behind ours" in found.says


def test_a_server_without_a_date_tells_nothing() -> None:
    assert clock_told([], "the server").level is Level.UNKNOWN


@pytest.mark.parametrize(
    ("budget", "levels"),
    [
        (None, []),
        (Budget(0, 100), [Level.PROBLEM]),
        (Budget(9, 100), [Level.WARNING]),
        (Budget(10, 100), [Level.OK]),
        (Budget(3, None), [Level.OK]),
    ],
)
def test_little_is_left_below_a_tenth_of_the_limit(
    budget: Budget | None, levels: list[Level]
) -> None:
    assert [one.level for one in budget_told(budget)] == levels


@pytest.mark.parametrize(
    ("free", "taken", "level"),
    [
        (63 * MIB, 1, Level.PROBLEM),
        (100 * MIB, 101 * MIB, Level.WARNING),
        (100 * MIB, 100 * MIB, Level.OK),
    ],
)
def test_a_store_needs_room_for_a_copy_of_itself(free: int, taken: int, level: Level) -> None:
    assert room_told(free, taken, "/data").level is level


@pytest.mark.parametrize(
    ("schema", "level"),
    [
        ("0013", Level.OK),
        (None, Level.OK),
        ("0012", Level.WARNING),
        ("0014", Level.PROBLEM),
    ],
)
def test_a_schema_is_this_versions_or_says_which_way_to_go(
    schema: str | None, level: Level
) -> None:
    assert schema_told(schema, "0013", {"0012", "0013"}).level is level


@pytest.mark.parametrize(("days", "levels"), [(13.9, [Level.WARNING]), (14, [])])
def test_a_certificate_is_told_of_two_weeks_before_its_end(
    days: float, levels: list[Level]
) -> None:
    assert [one.level for one in certificate_told(days * 86_400)] == levels


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ("4.7.3", Level.OK),
        ("v4.0.0", Level.OK),
        ("3.7.8", Level.PROBLEM),
        ("4.10.0", Level.UNKNOWN),
        ("nightly", Level.UNKNOWN),
    ],
)
def test_a_version_may_be_too_old_or_newer_than_was_tested(told: str, level: Level) -> None:
    assert version_fits("NetBox", told, oldest=(4, 0), tested=(4, 7)).level is level


def test_what_is_wrong_always_says_how_to_mend_it() -> None:
    for level in (Level.WARNING, Level.PROBLEM):
        with pytest.raises(ValueError, match="without a fix"):
            Finding("store", level, "it is full")
