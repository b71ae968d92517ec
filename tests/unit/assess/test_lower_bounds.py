"""A percentile that falls on an object still open is a lower bound: it may fail an upper limit and
never satisfies one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.base import Dimension
from syncd.assess import assess
from syncd.model import Evidence, Memory, Reading, Status, Target, TargetType
from tests.unit.assess.cases import MIDDLE, key_result

LIMIT = Target(TargetType.AT_MOST, goal=7 * 86_400.0)
DAY = 86_400.0


def judged(target: Target, value: float, *, lower_bound: bool) -> Status:
    reading = Reading(
        indicator="0123456789abcdef",
        value=value,
        observed_at=MIDDLE,
        at=MIDDLE,
        recorded_at=MIDDLE,
        objects=3,
        lower_bound=lower_bound,
    )
    evidence = Evidence(interval_seconds=300, reading=reading, dimension=Dimension.DURATION)
    assessment, _ = assess(key_result(target), evidence, Memory(), {}, MIDDLE)
    return assessment.raw_status


def test_a_value_within_the_limit_satisfies_it() -> None:
    assert judged(LIMIT, 3 * DAY, lower_bound=False) is Status.ACHIEVED


@pytest.mark.parametrize(
    "target",
    [
        LIMIT,
        replace(LIMIT, goal=3 * DAY),
        Target(TargetType.GUARD, high=7 * DAY),
        Target(TargetType.GUARD, high=3 * DAY),
        Target(TargetType.DECREASE, goal=7 * DAY, start=9 * DAY),
        Target(TargetType.DECREASE, goal=1 * DAY, start=9 * DAY),
    ],
)
def test_a_lower_bound_within_the_limit_says_nothing(target: Target) -> None:
    assert judged(target, 3 * DAY, lower_bound=True) is Status.NO_DATA


@pytest.mark.parametrize("target", [LIMIT, Target(TargetType.GUARD, high=7 * DAY)])
def test_a_lower_bound_beyond_the_limit_fails_it(target: Target) -> None:
    assert judged(target, 30 * DAY, lower_bound=True) is Status.OFF_TRACK


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (Target(TargetType.GUARD, low=DAY), Status.ON_TRACK),
        (Target(TargetType.AT_LEAST, goal=DAY), Status.ACHIEVED),
        (Target(TargetType.INCREASE, goal=DAY, start=0.0), Status.ACHIEVED),
    ],
)
def test_what_is_to_be_large_is_so_even_at_the_least(target: Target, status: Status) -> None:
    assert judged(target, 3 * DAY, lower_bound=True) is status
