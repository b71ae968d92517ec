"""Every worked example of docs/reference/judgement.md, and of the docstrings, is true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from connectors.base import Dimension
from syncd.assess import (
    RollUps,
    World,
    assess,
    critical_path,
    expected,
    expected_line,
    expected_on,
    goal_of,
    is_met,
    is_number,
    progress,
    roll_up,
)
from syncd.assess.holding import hold
from syncd.assess.trend import trend_of
from syncd.model import (
    Adjustment,
    AdjustmentKind,
    Checkpoint,
    External,
    Former,
    KeyResult,
    Memory,
    Needed,
    Objective,
    Status,
    Target,
    TargetType,
    TimeOff,
)
from tests.unit.assess.cases import (
    DAY,
    DONE,
    INSTANT,
    MIDDLE,
    START,
    assessed,
    daily,
    end_of,
    judged_once,
    key_result,
    landing_on,
    milestones,
    moment,
    pause,
    reached,
    reading,
    seen,
    told_of,
)

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "judgement.md"
NONE = "\u2013"


def rows(*header: str) -> Iterator[tuple[str, ...]]:
    """Cells of the rows of the table with this header."""
    lines = iter(REFERENCE.read_text(encoding="utf-8").splitlines())
    wanted = f"| {' | '.join(header)} |"
    assert any(line == wanted for line in lines), f"no table with the header {wanted}"
    next(lines)
    for line in lines:
        if not line.startswith("|"):
            return
        yield tuple(cell.strip() for cell in line.strip("|").split("|"))


def number(cell: str) -> float | None:
    return None if cell == NONE else float(cell)


def target_of(kind: str, goal: str, start: str = NONE) -> Target:
    if kind == "guard":
        low, _, high = goal.partition("..")
        return Target(
            TargetType.GUARD,
            low=float(low) if low else None,
            high=float(high) if high else None,
        )
    if kind == "boolean":
        return Target(TargetType.BOOLEAN)
    return Target(TargetType(kind), goal=float(goal), start=number(start))


@pytest.mark.parametrize(
    ("kind", "start", "goal", "value", "wanted", "met"),
    list(rows("type", "s", "g", "v", "progress, unbounded", "met")),
)
def test_progress_is_as_in_the_reference(
    kind: str, start: str, goal: str, value: str, wanted: str, met: str
) -> None:
    target = target_of(kind, goal, start)
    v, s = number(value), number(start)

    assert progress(target, v, s) == (
        None if wanted == NONE else pytest.approx(float(wanted), abs=1e-12)
    )
    assert v is not None
    assert (is_number(v) and is_met(target, v, s, goal_of(target, s))) is (met == "yes")


def dated_milestones(dates: str) -> KeyResult:
    return key_result(milestones(**{f"m{n}": day for n, day in enumerate(dates.split(", "))}))


def with_checkpoints(kind: str, corners: str) -> KeyResult:
    pairs = [] if corners == NONE else [one.split(": ") for one in corners.split(", ")]
    return key_result(
        target_of(kind, "..0" if kind == "guard" else "1"),
        checkpoints=tuple(Checkpoint(end_of(on), float(value)) for on, value in pairs),
    )


@pytest.mark.parametrize(
    ("target", "start", "value", "goal", "wanted", "status"),
    list(rows("target", "s", "v", "goal", "progress", "status")),
)
def test_what_starts_from_a_past_period_is_as_in_the_reference(
    target: str, start: str, value: str, goal: str, wanted: str, status: str
) -> None:
    kinds = {
        "decrease_by 40 %, from: 2025-Q4": Target(TargetType.DECREASE, by=0.4, by_relative=True),
        "increase_to 100, from: 2025-Q4": Target(TargetType.INCREASE, goal=100.0),
    }
    kr = key_result(replace(kinds[target], start_from="fedcba9876543210", start_period="2025-Q4"))
    day = end_of("2026-02-14")
    baseline = None if start == NONE else reading(float(start), START)

    assessment = judged_once(kr, seen(float(value), day, baseline=baseline), day)

    assert (assessment.start, assessment.goal) == (number(start), number(goal))
    assert assessment.progress_unbounded == number(wanted)
    assert assessment.status is Status(status)


@pytest.mark.parametrize(
    ("done", "day", "wanted", "by_now", "status", "reason"),
    list(rows("done", "day", "progress", "expected", "status", "reason")),
)
def test_milestones_are_judged_as_in_the_reference(
    done: str, day: str, wanted: str, by_now: str, status: str, reason: str
) -> None:
    target = milestones(
        **{
            "site": "2026-01-31",
            "plan-and-bom": "2026-02-15",
            "racked": "2026-03-15",
            "operational": "2026-03-31",
        }
    )
    names = [] if done == NONE else done.split(", ")
    now = end_of(day)

    assessment = judged_once(key_result(target), reached(target, *names, at=now), now)

    assert (assessment.progress, assessment.expected) == (number(wanted), number(by_now))
    assert (assessment.status, assessment.reason) == (Status(status), reason)


@pytest.mark.parametrize(
    ("kind", "corners", "day", "wanted"), list(rows("type", "checkpoints", "day", "expected"))
)
def test_expected_progress_is_as_in_the_reference(
    kind: str, corners: str, day: str, wanted: str
) -> None:
    kr = dated_milestones(corners) if kind == "milestones" else with_checkpoints(kind, corners)
    assert kr.target is not None

    assert expected(kr, None, goal_of(kr.target, None), end_of(day)) == pytest.approx(
        float(wanted), abs=1e-4
    )


def spans(cell: str) -> list[tuple[datetime, datetime]]:
    pairs = [] if cell == NONE else [one.split("..") for one in cell.split(", ")]
    return [(moment(since), moment(until)) for since, until in pairs]


@pytest.mark.parametrize(
    ("off", "paused", "corners", "day", "wanted"),
    list(rows("time off", "paused", "checkpoints", "day", "expected")),
)
def test_time_that_does_not_count_is_as_in_the_reference(
    off: str, paused: str, corners: str, day: str, wanted: str
) -> None:
    kr = replace(
        with_checkpoints("at_least", corners),
        time_off=tuple(TimeOff("Freeze", *span) for span in spans(off)),
    )
    pauses = [pause(*span) for span in spans(paused)]

    line = expected_line(kr, None, 1.0, pauses)

    assert expected_on(line, end_of(day)) == pytest.approx(float(wanted), abs=1e-4)


def defined(text: str) -> KeyResult:
    """``increase 20 to 100 by 2026-05-15; 2026-03-01: 60``."""
    target, *corners = text.split("; ")
    wanted, _, due = target.partition(" by ")
    kind, *numbers = wanted.replace(" to ", " ").split(" ")
    known = with_checkpoints(kind, ", ".join(corners) or NONE)
    start = numbers[0] if len(numbers) == 2 else NONE
    kr = replace(known, target=target_of(kind, numbers[-1], start))
    return replace(kr, due=end_of(due)) if due else kr


@pytest.mark.parametrize(
    ("was", "last", "now", "day", "wanted"),
    list(rows("definition until", "its last day", "definition now", "day", "expected")),
)
def test_an_edited_line_is_as_in_the_reference(
    was: str, last: str, now: str, day: str, wanted: str
) -> None:
    kr = defined(now)
    former = Former(end_of(last) + INSTANT, defined(was))
    assert kr.target is not None

    line = expected_line(kr, kr.target.start, goal_of(kr.target, kr.target.start), (), [former])

    assert expected_on(line, end_of(day)) == pytest.approx(float(wanted), abs=1e-4)


@pytest.mark.parametrize(
    ("value", "wanted_by_now", "checkpoint", "need", "status"),
    list(rows("progress", "expected", "checkpoint passed", "needs", "status")),
)
def test_status_is_as_in_the_reference(
    value: str, wanted_by_now: str, checkpoint: str, need: str, status: str
) -> None:
    now = MIDDLE
    # A checkpoint of the next instant brings the line to the height that the row asks for.
    corners = [Checkpoint(now + INSTANT, float(wanted_by_now))]
    if checkpoint != NONE:
        corners.append(Checkpoint(now - DAY, float(checkpoint)))
    kr = key_result(checkpoints=tuple(corners), needs=() if need == NONE else ("other",))
    needs = {"other": Needed(None if need in (NONE, "unknown") else Status(need))}

    assessment, _ = assess(kr, seen(float(value), now), Memory(), needs, now)

    assert assessment.status is Status(status)


@pytest.mark.parametrize(
    ("told", "value", "wanted_by_now", "status"),
    list(rows("told", "progress", "expected", "status")),
)
def test_the_margin_of_a_threshold_is_as_in_the_reference(
    told: str, value: str, wanted_by_now: str, status: str
) -> None:
    kr = key_result(checkpoints=(Checkpoint(MIDDLE + INSTANT, float(wanted_by_now)),))
    memory = Memory(target=kr.target_fingerprint)
    before, _, gap = told.partition(", then ")
    for status_of_then in (before, gap):
        if status_of_then:
            memory = hold(Status(status_of_then), memory, kr, START)

    assessment, _ = assess(kr, seen(float(value), MIDDLE), memory, {}, MIDDLE)

    assert assessment.raw_status is Status(status)


@pytest.mark.parametrize(
    ("held_for", "done_since", "day", "needed", "progress", "status", "reason"),
    list(rows("held_for", "done since", "day", "needs", "progress", "status", "reason")),
)
def test_booleans_are_as_in_the_reference(
    held_for: str,
    done_since: str,
    day: str,
    needed: str,
    progress: str,
    status: str,
    reason: str,
) -> None:
    seconds = 0.0 if held_for == NONE else float(held_for.removesuffix(" d")) * 86_400
    kr = key_result(replace(DONE, held_for_seconds=seconds), needs=("net-o5-kr1",))
    now = end_of(day)
    memory = Memory()
    if done_since != NONE:
        begun = moment(done_since)
        _, memory = assess(kr, seen(1.0, begun, interval_seconds=30 * 86_400.0), memory, {}, begun)
    needs = told_of(**{"net-o5-kr1": Status.ON_TRACK if needed == NONE else Status(needed)})

    assessment, _ = assess(kr, seen(float(done_since != NONE), now), memory, needs, now)

    assert (assessment.progress, assessment.status) == (float(progress), Status(status))
    assert assessment.reason == reason


def values(cell: str) -> list[float]:
    return [float(one) for one in cell.split(", ")]


@pytest.mark.parametrize(
    ("readings", "slope", "lowest", "highest", "spread", "wander"),
    list(rows("readings", "slope", "lowest", "highest", "spread", "wander")),
)
def test_trends_are_as_in_the_reference(
    readings: str, slope: str, lowest: str, highest: str, spread: str, wander: str
) -> None:
    trend = trend_of([(float(day), value) for day, value in enumerate(values(readings))])

    assert trend is not None
    found = (trend.slope, trend.slope_low, trend.slope_high, trend.spread, trend.wander)
    wanted = [float(one) for one in (slope, lowest, highest, spread, wander)]
    assert found == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize(
    ("kind", "text", "readings", "low", "middle", "high", "reached_on", "chance"),
    list(rows("kind", "target", "readings", "low", "middle", "high", "reached on", "chance")),
)
def test_landings_are_as_in_the_reference(
    kind: str,
    text: str,
    readings: str,
    low: str,
    middle: str,
    high: str,
    reached_on: str,
    chance: str,
) -> None:
    now = end_of("2026-02-20")
    history = daily(values(readings), now)
    evidence = seen(history[-1][1], now, dimension=Dimension(kind), history=history)

    forecast = judged_once(defined(text), evidence, now).forecast

    assert forecast is not None
    landing = (forecast.low, forecast.middle, forecast.high)
    assert landing == pytest.approx([float(one) for one in (low, middle, high)], abs=1e-4)
    assert forecast.chance == pytest.approx(float(chance), abs=0.005)
    day = NONE if forecast.lands_at is None else forecast.lands_at.date().isoformat()
    assert day == reached_on


def rolled_up() -> RollUps:
    key_results, told = [], {}
    for row in rows("key result", "weight", "told", "progress at", "expected at"):
        name, weight, status, done, wanted = row
        key, _, original = name.partition(", a duplicate of ")
        kr = key_result(
            id=key,
            team=key.split("-")[0],
            objective=key.rsplit("-", 1)[0],
            weight=float(weight),
            duplicate_of=original or None,
        )
        key_results.append(kr)
        told[key] = assessed(Status(status), number(done), number(wanted))
    objectives = {
        "dcim-o1": Objective("dcim-o1", "Truth", "dcim", weight=2.0),
        "cops-o4": Objective("cops-o4", "Suppliers", "cops", joint_team="ce", joint_id="ce-o5"),
    }
    return roll_up(key_results, objectives, told)


@pytest.mark.parametrize(
    ("name", "wanted", "by_now", "pace", "unknown"),
    list(rows("roll-up", "progress", "expected", "pace", "unknown share")),
)
def test_roll_ups_are_as_in_the_reference(
    name: str, wanted: str, by_now: str, pace: str, unknown: str
) -> None:
    found = rolled_up()
    every = {**found.objectives, **found.teams, "the organisation": found.organisation}

    one = every[name]

    for value, cell in ((one.progress, wanted), (one.expected, by_now), (one.pace, pace)):
        assert value == (None if cell == NONE else pytest.approx(float(cell), abs=1e-4))
    assert one.unknown_share == pytest.approx(float(unknown), abs=1e-4)


def the_world() -> World:
    key_results, externals, told = {}, {}, {}
    states: dict[str, Status] = {}
    for key, needs, due, status, lands in rows("id", "needs", "due", "told", "lands"):
        by = None if due == NONE else end_of(due)
        state = None if status == NONE else Status(status)
        if key.startswith("external:"):
            name = key.removeprefix("external:")
            externals[name] = External(name, name, due=by)
            states |= {} if state is None else {key: state}
            continue
        assert by is not None
        assert state is not None
        wanted = () if needs == NONE else tuple(needs.split(", "))
        key_results[key] = key_result(id=key, due=by, needs=wanted)
        forecast = None if lands == NONE else landing_on(end_of(lands))
        told[key] = assessed(state, 0.5, forecast=forecast)
    return World(key_results, externals, told, states)


def test_the_critical_path_is_as_in_the_reference() -> None:
    path = critical_path("net-o4-kr3", the_world(), moment("2026-02-20 12:00"))

    wanted = list(rows("step", "landing", "basis", "slack in days", "unknown beside"))
    found = [
        (
            step.id,
            NONE if step.landing is None else step.landing.date().isoformat(),
            step.basis.value,
            NONE if step.slack_seconds is None else f"{step.slack_seconds / 86400:.0f}",
            ", ".join(step.unknown) or NONE,
        )
        for step in path
    ]
    assert found == wanted


def said(text: str) -> tuple[Adjustment, ...]:
    """``override on_track A..B, pause C..D``."""
    found = []
    for one in [] if text == NONE else text.split(", "):
        kind, *status, span = one.split(" ")
        found.append(
            pause(
                *spans(span)[0],
                id=one,
                kind=AdjustmentKind(kind),
                status=Status(status[0]) if status else None,
            )
        )
    return tuple(found)


@pytest.mark.parametrize(
    ("text", "told", "raw", "paused", "reason"),
    list(rows("said", "told", "raw", "paused", "reason")),
)
def test_what_people_say_is_as_in_the_reference(
    text: str, told: str, raw: str, paused: str, reason: str
) -> None:
    now = moment("2026-02-20 12:00")

    assessment = judged_once(key_result(), seen(0.4, now, adjustments=said(text)), now)

    assert (assessment.status, assessment.raw_status) == (Status(told), Status(raw))
    assert (assessment.paused is not None) is (paused == "yes")
    assert (assessment.overridden is not None) is ("Set to" in reason)
    assert assessment.reason == reason
