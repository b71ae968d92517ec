"""Service level agreements: what the service desk says of a request, and what is judged of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import Json, Outcome
from connectors.jira.durations import Agreement
from connectors.jira.entries import Malformed
from connectors.jira.needs import Needs
from connectors.jira.sla import Cycle, by_name, cycles_of

START = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
NOW = START + timedelta(hours=5)
PASS, FAIL, PENDING = Outcome.PASS, Outcome.FAIL, Outcome.PENDING
Told = list[tuple[float, float | None, Outcome, float | None]]
"""Hours from the start, until when, what holds, and its number."""


def hour(number: float) -> datetime:
    return START + timedelta(hours=number)


def millis(number: float) -> dict[str, int]:
    return {"epochMillis": round(hour(number).timestamp() * 1000)}


def cycle(
    start: float = 0,
    stop: float | None = None,
    breach: float | None = None,
    *,
    breached: bool = False,
    elapsed: float = 60.0,
) -> Cycle:
    return Cycle(
        hour(start),
        None if stop is None else hour(stop),
        None if breach is None else hour(breach),
        breached,
        elapsed,
    )


def told(goal: bool, *cycles: Cycle, now: datetime = NOW) -> Told:
    row = {
        "id": "1",
        "key": "X-1",
        "url": None,
        "fields": {"summary": "A disk"},
        "slas": {"repair": cycles},
    }
    timeline = Agreement("Repair", goal).judge(row, now)
    assert timeline.label == "X-1"
    return [
        (
            (one.valid_from - START) / timedelta(hours=1),
            None if one.valid_to is None else (one.valid_to - START) / timedelta(hours=1),
            one.outcome,
            one.number,
        )
        for one in timeline.verdicts
    ]


# ------------------------------------------------------------------------------ what is said


def given(**more: Json) -> dict[str, Json]:
    return {"startTime": millis(1), "elapsedTime": {"millis": 90_000}, **more}


def test_the_cycles_are_told_by_their_start_with_their_seconds() -> None:
    over = given(startTime=millis(0), stopTime=millis(0.5), breachTime=millis(4), breached=False)
    on = given(breachTime=millis(9), stopTime=millis(3))

    assert cycles_of({"completedCycles": [over], "ongoingCycle": on}) == (
        Cycle(hour(0), hour(0.5), hour(4), False, 90.0),
        Cycle(hour(1), None, hour(9), False, 90.0),
    )
    assert cycles_of({"completedCycles": [given(stopTime=millis(2))], "ongoingCycle": over}) == (
        Cycle(hour(0), None, hour(4), False, 90.0),
        Cycle(hour(1), hour(2), None, False, 90.0),
    )


@pytest.mark.parametrize("nothing", [{}, {"completedCycles": None, "ongoingCycle": None}])
def test_an_agreement_may_have_no_cycle(nothing: dict[str, Json]) -> None:
    assert cycles_of(nothing) == ()


@pytest.mark.parametrize(
    ("more", "breach"),
    [
        ({}, 9),
        ({"paused": False}, 9),
        ({"paused": True}, None),
        ({"paused": True, "breached": True}, 9),
    ],
)
def test_a_paused_cycle_knows_no_breach_to_come(
    more: dict[str, Json], breach: float | None
) -> None:
    (found,) = cycles_of({"ongoingCycle": given(breachTime=millis(9), **more)})

    assert found.breach == (None if breach is None else hour(breach))
    assert found.breached is (more.get("breached") is True)


def test_no_time_has_elapsed_before_none_has() -> None:
    (found,) = cycles_of({"ongoingCycle": given(elapsedTime={"millis": -5})})

    assert found.elapsed == 0.0


WITHOUT_START = "a cycle came without startTime or, being complete, stopTime"
WITHOUT_TIME = "a cycle came without elapsedTime.millis"


@pytest.mark.parametrize(
    ("agreement", "says"),
    [
        ({"completedCycles": {"a": 1}}, "expected completedCycles as a list"),
        ({"completedCycles": ["x"]}, "expected a cycle as an object"),
        ({"ongoingCycle": "x"}, "expected a cycle as an object"),
        ({"completedCycles": [given()]}, WITHOUT_START),
        ({"ongoingCycle": given(startTime=None)}, WITHOUT_START),
        ({"ongoingCycle": given(startTime=7)}, WITHOUT_START),
        ({"ongoingCycle": given(elapsedTime=None)}, WITHOUT_TIME),
        ({"ongoingCycle": given(elapsedTime={"millis": True})}, WITHOUT_TIME),
        ({"ongoingCycle": given(elapsedTime={"millis": "90"})}, WITHOUT_TIME),
    ],
)
def test_cycles_of_another_shape_are_refused(agreement: dict[str, Json], says: str) -> None:
    with pytest.raises(Malformed) as refused:
        cycles_of(agreement)

    assert str(refused.value) == says


def test_agreements_are_found_whatever_the_case_of_their_name() -> None:
    found = by_name([{"name": "Time to FIX", "ongoingCycle": given()}, {"name": "Other"}])

    assert {name: len(cycles) for name, cycles in found.items()} == {"time to fix": 1, "other": 0}


@pytest.mark.parametrize("nameless", [{}, {"name": None}, "x"])
def test_an_agreement_without_a_name_is_refused(nameless: Any) -> None:
    with pytest.raises(Malformed, match=r"^an agreement came without its name$"):
        by_name([nameless])


# ---------------------------------------------------------------------------- what is judged


@pytest.mark.parametrize(
    ("cycle", "expected"),
    [
        # it goes on
        (cycle(breach=8), [(0, 8, PENDING, None), (8, None, FAIL, None)]),
        (cycle(breach=2, breached=True), [(0, 2, PENDING, None), (2, None, FAIL, None)]),
        (cycle(), [(0, None, PENDING, None)]),
        (cycle(breached=True), [(0, 5, PENDING, None), (5, None, FAIL, None)]),
        (cycle(breach=-1, breached=True), [(0, None, FAIL, None)]),
        (cycle(breach=0, breached=True), [(0, None, FAIL, None)]),
        # it is over
        (cycle(stop=3, breach=8), [(0, 3, PENDING, None), (3, None, PASS, 60.0)]),
        (cycle(stop=3, breach=1), [(0, 3, PENDING, None), (3, None, PASS, 60.0)]),
        (
            cycle(stop=3, breach=1, breached=True),
            [(0, 1, PENDING, None), (1, 3, FAIL, None), (3, None, FAIL, 60.0)],
        ),
        (cycle(stop=3, breach=3, breached=True), [(0, 3, PENDING, None), (3, None, FAIL, 60.0)]),
        (cycle(stop=3, breach=9, breached=True), [(0, 3, PENDING, None), (3, None, FAIL, 60.0)]),
        (cycle(stop=3, breached=True), [(0, 3, PENDING, None), (3, None, FAIL, 60.0)]),
        (cycle(stop=0), [(0, None, PASS, 60.0)]),
    ],
)
def test_a_cycle_is_held_to_its_goal(cycle: Cycle, expected: Told) -> None:
    assert told(True, cycle) == expected


def test_what_fails_before_it_stops_says_for_want_of_what() -> None:
    row = {
        "id": "1",
        "key": "X-1",
        "url": None,
        "fields": {},
        "slas": {"repair": (cycle(breach=8),)},
    }

    _, late = Agreement("Repair", goal=True).judge(row, NOW).verdicts

    assert late.missing == ("no Repair yet",)


@pytest.mark.parametrize(
    ("cycle", "expected"),
    [
        (cycle(stop=3), [(0, 3, PENDING, 0.0), (3, None, PASS, 60.0)]),
        (cycle(stop=0), [(0, None, PASS, 60.0)]),
        (cycle(), [(0, 5, PENDING, 0.0), (5, None, PENDING, 60.0)]),
        (cycle(start=5), [(5, None, PENDING, 60.0)]),
        (cycle(start=7), [(7, None, PENDING, 60.0)]),
    ],
)
def test_without_a_goal_its_time_is_told(cycle: Cycle, expected: Told) -> None:
    assert told(False, cycle) == expected


def test_the_first_complete_cycle_counts_before_one_that_goes_on() -> None:
    first, second = cycle(start=1, stop=2, elapsed=1.0), cycle(start=3, stop=4, elapsed=2.0)

    assert told(False, cycle(), first, second) == [(1, 2, PENDING, 0.0), (2, None, PASS, 1.0)]
    assert told(False, cycle(start=3), cycle(start=4)) == told(False, cycle(start=3))


def test_a_request_under_no_such_agreement_is_not_judged() -> None:
    judge = Agreement("Other", goal=True)
    row = {"id": "1", "key": "X-1", "url": None, "fields": {}, "slas": {"repair": (cycle(),)}}

    assert told(True) == []
    assert judge.judge(row, NOW).verdicts == ()
    assert judge.judge({**row, "slas": None}, NOW).verdicts == ()


def test_a_judge_says_what_it_must_read() -> None:
    assert Agreement("Repair", goal=True).needs == Needs(slas=frozenset({"Repair"}))
    assert Agreement("Repair", goal=True).fields == frozenset()
    assert Agreement("Repair", goal=True).valued == frozenset()
    assert Agreement("Repair", goal=True, titles=True).fields == {"summary"}
