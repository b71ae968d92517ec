"""A forecast is made anew when something that it is made from differs, and not else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Dimension
from syncd.assess import assess
from syncd.model import Assessment, Evidence, KeyResult, Memory, Target, TargetType, TimeOff
from tests.unit.assess.cases import DAY, DUE, HOUR, START, daily, key_result, pause, seen

Draw = Callable[[st.SearchStrategy[Any]], Any]
Case = tuple[KeyResult, Evidence]
NOW = START + 45 * DAY
numbers = count()


def read(values: list[float], dimension: Dimension = Dimension.OTHER) -> Evidence:
    return replace(
        seen(values[-1], NOW),
        dimension=dimension,
        history=daily(values, NOW - HOUR),
        interval_seconds=86_400.0,
    )


def judged(kr: KeyResult, evidence: Evidence, later: int = 0) -> Assessment:
    return assess(kr, evidence, Memory(), {}, NOW + later * HOUR)[0]


def nameless(kr: KeyResult) -> KeyResult:
    """The same under an id that nothing was ever made for."""
    return replace(kr, id=f"nobody-o1-kr{next(numbers)}")


goals = st.sampled_from([5.0, 30.0, 100.0])
targets = st.one_of(
    st.builds(Target, st.sampled_from([TargetType.AT_LEAST, TargetType.AT_MOST]), goal=goals),
    st.builds(Target, st.just(TargetType.INCREASE), goal=goals, start=st.sampled_from([0.0, 1.0])),
)
wandering = st.lists(st.floats(0, 100), min_size=6, max_size=14)
values = (
    wandering
    | wandering.map(sorted)
    | st.lists(st.integers(0, 9).map(float), min_size=7, max_size=9)
)


def with_another_target(case: Case, draw: Draw) -> Case:
    return replace(case[0], target=draw(targets)), case[1]


def with_another_due_date(case: Case, draw: Draw) -> Case:
    return replace(case[0], due=DUE + draw(st.integers(-20, 20)) * DAY), case[1]


def with_another_start(case: Case, draw: Draw) -> Case:
    return replace(case[0], start=START + draw(st.integers(-9, 9)) * DAY), case[1]


def with_time_off(case: Case, draw: Draw) -> Case:
    since = START + draw(st.integers(0, 80)) * DAY
    return replace(case[0], time_off=(TimeOff("off", since, since + 5 * DAY),)), case[1]


def with_a_pause(case: Case, draw: Draw) -> Case:
    since = START + draw(st.integers(0, 60)) * DAY
    return case[0], replace(case[1], adjustments=(pause(since, since + 4 * DAY),))


def with_other_days(case: Case, draw: Draw) -> Case:
    return case[0], replace(case[1], history=daily(draw(values), NOW - HOUR))


def with_another_last_day(case: Case, draw: Draw) -> Case:
    *earlier, (at, _) = case[1].history
    return case[0], replace(case[1], history=(*earlier, (at, draw(st.floats(0, 100)))))


def with_another_value(case: Case, draw: Draw) -> Case:
    found = case[1].reading
    assert found is not None
    return case[0], replace(case[1], reading=replace(found, value=draw(st.floats(0, 100))))


def with_another_whole(case: Case, draw: Draw) -> Case:
    found = case[1].reading
    assert found is not None
    whole = draw(st.sampled_from([None, 10.0, 400.0]))
    return case[0], replace(case[1], reading=replace(found, denominator=whole))


def read_an_hour_earlier(case: Case, draw: Draw) -> Case:
    found = case[1].reading
    assert found is not None
    return case[0], replace(case[1], reading=replace(found, at=found.at - HOUR))


def of_another_kind(case: Case, draw: Draw) -> Case:
    return case[0], replace(case[1], dimension=draw(st.sampled_from(list(Dimension))))


def as_it_is(case: Case, draw: Draw) -> Case:
    return case


CHANGES: tuple[Callable[[Case, Draw], Case], ...] = (
    with_another_target,
    with_another_due_date,
    with_another_start,
    with_time_off,
    with_a_pause,
    with_other_days,
    with_another_last_day,
    with_another_value,
    with_another_whole,
    read_an_hour_earlier,
    of_another_kind,
    as_it_is,
)


@pytest.mark.parametrize("change", CHANGES)
@given(st.data())
def test_a_forecast_is_what_it_would_be_if_it_had_never_been_made(
    change: Callable[[Case, Draw], Case], data: st.DataObject
) -> None:
    kinds = st.sampled_from([Dimension.COUNT, Dimension.RATIO, Dimension.OTHER])
    case = nameless(key_result(data.draw(targets))), read(data.draw(values), data.draw(kinds))
    other = change(case, data.draw)

    for kr, evidence in (case, other, case):
        later = data.draw(st.sampled_from([0, 1]))
        found, anew = judged(kr, evidence, later), judged(nameless(kr), evidence, later)

        assert (found.forecast, found.no_forecast) == (anew.forecast, anew.no_forecast)


def test_what_is_the_same_is_the_same_forecast() -> None:
    kr = nameless(key_result(Target(TargetType.AT_LEAST, goal=100.0)))
    evidence = read([10.0 + day * day for day in range(28)])

    first, again = judged(kr, evidence), judged(kr, replace(evidence, history=evidence.history), 1)

    assert first.forecast is not None
    assert again.forecast is first.forecast


def test_how_far_ahead_is_looked_is_told_by_the_length_of_the_period() -> None:
    long = nameless(key_result(Target(TargetType.AT_LEAST, goal=232.0)))
    short = replace(long, start=START + 40 * DAY)
    evidence = read([10.0 + day for day in range(28)])

    seen = [judged(kr, evidence).forecast for kr in (long, short, long)]

    assert [one is not None and one.lands_at is not None for one in seen] == [True, False, True]
