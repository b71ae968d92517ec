"""What a reading says of each milestone and checkpoint, and what it leaves open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncd.assess import expected_line, marks_of
from syncd.assess.marks import Mark
from syncd.assess.milestones import Tally, tally_of
from syncd.model import Evidence, Former, KeyResult, Status, Target, TargetType
from tests.unit.assess.cases import (
    DAY,
    DONE,
    DUE,
    MIDDLE,
    NO_BREACHES,
    START,
    assessed,
    checkpoints,
    end_of,
    key_result,
    milestones,
    reached,
    reading,
    seen,
)

THREE = milestones(site="2026-01-31", racks="2026-02-28", power="2026-02-28")
SITE, RACKS, POWER = THREE.milestones


def told_by(details: Any, value: float = 1 / 3, **changes: Any) -> Tally:
    return tally_of(THREE, reading(value, MIDDLE, details=details, **changes), value)


def test_what_is_overdue_is_not_coming_and_what_comes_first_comes_alone() -> None:
    tally = Tally(0, 3, THREE.milestones, named=True)

    assert (tally.overdue(SITE.at), tally.coming(SITE.at)) == ((SITE,), (RACKS, POWER))
    assert (tally.overdue(START), tally.coming(START)) == ((), (SITE,))
    assert (tally.overdue(DUE), tally.coming(DUE)) == (THREE.milestones, ())


@pytest.mark.parametrize(
    ("denominator", "total"), [(None, 3), (0.0, 3), (1.0, 1), (9.0, 9), (float("nan"), 3)]
)
def test_there_are_as_many_as_the_reading_has_counted(
    denominator: float | None, total: int
) -> None:
    assert told_by(None, 1.0, denominator=denominator) == Tally(total, total, (), named=False)


def test_what_a_reading_says_of_no_milestone_in_so_many_words_is_not_known() -> None:
    said = {"site": {"done": True}, "racks": {"done": "no"}, "power": "later", "x": {}}

    assert told_by({"milestones": said}) == Tally(1, 3, (), named=True)
    assert told_by({"milestones": said | {"power": {"done": False}}}).undone == (POWER,)
    for unnamed in (None, "x", {}, {"milestones": ["site"]}):
        assert told_by(unnamed) == Tally(1, 3, (RACKS, POWER), named=False)


def test_milestones_without_dates_are_all_expected_on_the_due_date() -> None:
    kr = key_result(Target(TargetType.MILESTONES))

    assert expected_line(kr, None, 1.0) == [(START, 0.0), (DUE, 0.0), (DUE, 1.0)]


# --------------------------------------------------------------------------------- marks


def marks(kr: KeyResult, evidence: Evidence, value: float | None = 0.5) -> tuple[Mark, ...]:
    return marks_of(kr, evidence, assessed(Status.ON_TRACK, value))


def test_a_checkpoint_is_reached_or_not_by_the_value_that_was_judged() -> None:
    kr = key_result(checkpoints=checkpoints(feb_15=0.8, jan_15=0.5))
    first, last = end_of("2026-01-15"), end_of("2026-02-15")

    assert marks(kr, seen(0.9, MIDDLE)) == (
        Mark(first, True, asked=0.5),
        Mark(last, False, asked=0.8),
    )
    assert [one.reached for one in marks(kr, seen(0.9, MIDDLE), None)] == [None, None]


def test_a_checkpoint_that_was_written_down_after_its_day_is_no_mark() -> None:
    kr = key_result(checkpoints=checkpoints(jan_15=0.5, feb_15=0.8))
    evidence = seen(0.9, MIDDLE, former=(Former(MIDDLE - DAY, key_result()),))

    assert [one.asked for one in marks(kr, evidence)] == [0.8]


def test_a_milestone_is_reached_or_not_where_the_reading_names_it() -> None:
    kr, done = key_result(THREE), reached(THREE, "racks", at=MIDDLE)
    unnamed = replace(done, reading=reading(1 / 3, MIDDLE))

    assert marks(kr, done) == (
        Mark(SITE.at, False, name="site"),
        Mark(RACKS.at, True, name="racks"),
        Mark(POWER.at, False, name="power"),
    )
    for unknown in (unnamed, Evidence(300.0), reached(THREE, at=MIDDLE), seen(None, MIDDLE)):
        told = {one.reached for one in marks(kr, unknown)}
        assert told == ({False} if unknown.reading and unknown.reading.objects else {None})


@pytest.mark.parametrize("target", [None, Target(TargetType.AT_LEAST), NO_BREACHES])
def test_without_a_way_to_a_goal_there_are_no_marks(target: Target | None) -> None:
    corners = checkpoints(feb_15=0.8)

    assert marks(key_result(target, checkpoints=corners), seen(0.5, MIDDLE)) == ()
    assert marks(key_result(DONE), seen(1.0, MIDDLE)) == ()


def test_a_mark_is_another_one_where_its_day_its_value_or_its_name_is() -> None:
    at = end_of("2026-02-15")

    assert Mark(at, None, asked=0.8).key == "2026-02-15T23:59:59.999999+00:00 0.8"
    assert Mark(at, True, name="racks").key == "2026-02-15T23:59:59.999999+00:00 racks"
