"""What is known is averaged, what is not is shown beside it, and nothing counts twice."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.assess import RollUps, roll_up
from syncd.model import ENDED, UNKNOWN, Assessment, KeyResult, Objective, Status
from tests.unit.assess.cases import assessed, key_result

Told = dict[str, Assessment]


def of(key: str, **changes: Any) -> KeyResult:
    """A key result of the team and the objective that its id names."""
    known: dict[str, Any] = {
        "id": key,
        "team": key.split("-")[0],
        "objective": key.rsplit("-", 1)[0],
    }
    return key_result(**(known | changes))


def rolled(told: Told, *objectives: Objective, **changes: dict[str, Any]) -> RollUps:
    key_results = [of(key, **changes.get(key.replace("-", "_"), {})) for key in told]
    return roll_up(key_results, {one.id: one for one in objectives}, told)


GOOD, BAD = (assessed(Status.ON_TRACK, ratio) for ratio in (0.9, 0.3))


def test_a_mean_is_weighted() -> None:
    found = rolled({"a-o1-kr1": GOOD, "a-o1-kr2": BAD}, a_o1_kr1={"weight": 3.0})

    assert found.objectives["a-o1"].progress == pytest.approx(0.75)
    assert found.organisation.progress == pytest.approx(0.75)


@pytest.mark.parametrize("status", sorted(UNKNOWN))
def test_what_is_unknown_is_in_no_mean_and_its_weight_stands_beside(status: Status) -> None:
    found = rolled({"a-o1-kr1": GOOD, "a-o1-kr2": assessed(status, 0.0)})

    one = found.objectives["a-o1"]
    assert (one.progress, one.unknown_share, one.counted) == (0.9, 0.5, 0.5)
    assert one.counts == {Status.ON_TRACK: 1, status: 1}


def test_an_override_does_not_make_old_data_known() -> None:
    overridden = assessed(Status.ON_TRACK, 1.0, raw_status=Status.STALE)

    one = rolled({"a-o1-kr1": GOOD, "a-o1-kr2": overridden}).organisation

    assert (one.progress, one.unknown_share) == (0.9, 0.5)
    assert one.counts == {Status.ON_TRACK: 2}


def test_an_override_that_says_unknown_is_unknown() -> None:
    overridden = assessed(Status.NO_DATA, 1.0, raw_status=Status.ON_TRACK)

    assert rolled({"a-o1-kr1": overridden}).organisation.progress is None


def test_what_was_never_assessed_is_unknown() -> None:
    found = roll_up([of("a-o1-kr1"), of("a-o1-kr2")], {}, {"a-o1-kr1": GOOD})

    one = found.teams["a"]
    assert (one.progress, one.unknown_share) == (0.9, 0.5)
    assert one.counts == {Status.ON_TRACK: 1, Status.NO_DATA: 1}


def test_where_nothing_is_known_there_is_no_progress() -> None:
    one = rolled({"a-o1-kr1": assessed(Status.STALE, 0.5)}).organisation

    assert (one.progress, one.expected, one.pace) == (None, None, None)
    assert (one.unknown_share, one.counted) == (1.0, 0.0)


@pytest.mark.parametrize("status", sorted(ENDED))
def test_what_has_ended_has_no_weight_and_is_still_counted_among_the_statuses(
    status: Status,
) -> None:
    found = rolled({"a-o1-kr1": GOOD, "a-o1-kr2": assessed(status, 0.0, None)})

    for one in (found.objectives["a-o1"], found.teams["a"], found.organisation):
        assert (one.progress, one.unknown_share, one.counted) == (0.9, 0.0, 1.0)
        assert one.counts == {Status.ON_TRACK: 1, status: 1}


def test_a_team_of_which_all_has_ended_weighs_nothing() -> None:
    found = rolled({"a-o1-kr1": GOOD, "b-o1-kr1": assessed(Status.ABANDONED, 0.0, None)})

    assert (found.teams["b"].progress, found.teams["b"].unknown_share) == (None, 0.0)
    assert (found.organisation.progress, found.organisation.counted) == (0.9, 1.0)


def test_the_organisations_own_numbers_count_nowhere() -> None:
    hiring = key_result(id="hiring", team="", objective="")
    found = roll_up([of("a-o1-kr1"), hiring], {}, {"a-o1-kr1": GOOD, "hiring": BAD})

    assert set(found.teams) == {"a"}
    assert set(found.objectives) == {"a-o1"}
    assert found.organisation.counts == {Status.ON_TRACK: 1}


def test_an_objective_counts_by_its_weight_and_by_the_part_that_is_known() -> None:
    told = {
        "a-o1-kr1": GOOD,
        "a-o1-kr2": assessed(Status.NO_DATA, None, None),
        "a-o2-kr1": BAD,
    }

    team = rolled(told, Objective("a-o1", "One", "a", weight=3.0)).teams["a"]

    # 1.5 of 3 is known at 0.9, and 1 at 0.3
    assert team.progress == pytest.approx((1.5 * 0.9 + 0.3) / 2.5)
    assert team.unknown_share == pytest.approx(1.5 / 4)
    assert team.counted == pytest.approx(2.5)


def test_what_weighs_nothing_counts_nothing() -> None:
    light = rolled({"a-o1-kr1": GOOD, "b-o1-kr1": BAD}, a_o1_kr1={"weight": 0.0})
    idle = rolled({"a-o1-kr1": GOOD, "b-o1-kr1": BAD}, Objective("a-o1", "One", "a", weight=0.0))

    for found in (light, idle):
        assert found.teams["a"].progress is None
        assert found.organisation.progress == 0.3


def test_teams_weigh_the_same_however_much_they_declare() -> None:
    told = {"a-o1-kr1": GOOD, "a-o1-kr2": GOOD, "a-o2-kr1": GOOD, "b-o1-kr1": BAD}

    found = rolled(told, Objective("a-o1", "One", "a", weight=5.0))

    assert found.organisation.progress == pytest.approx(0.6)
    assert found.organisation.counted == pytest.approx(2.0)


def test_a_duplicate_shows_in_its_team_and_not_in_the_organisation() -> None:
    found = rolled(
        {"a-o1-kr1": GOOD, "b-o1-kr1": GOOD, "b-o2-kr1": BAD},
        b_o1_kr1={"duplicate_of": "a-o1-kr1"},
    )

    assert found.teams["b"].progress == pytest.approx(0.6)
    assert found.organisation.progress == pytest.approx(0.6)
    assert found.organisation.counts == {Status.ON_TRACK: 2}


def test_a_duplicate_of_something_that_is_not_here_counts_itself() -> None:
    found = rolled({"b-o1-kr1": GOOD}, b_o1_kr1={"duplicate_of": "a-o1-kr1"})

    assert found.organisation.progress == 0.9


def test_a_joint_objective_counts_in_both_teams_and_once_in_the_organisation() -> None:
    joint = Objective("a-o1", "Together", "a", joint_team="b", joint_id="b-o9")
    told = {"a-o1-kr1": GOOD, "a-o2-kr1": GOOD, "b-o1-kr1": BAD}

    found = rolled(told, joint)

    assert found.teams["a"].progress == pytest.approx(0.9)
    assert found.teams["b"].progress == pytest.approx(0.6)
    assert set(found.objectives) == {"a-o1", "a-o2", "b-o1"}
    # once for the team that declares it
    assert found.organisation.progress == pytest.approx(0.6)
    assert found.organisation.counts == {Status.ON_TRACK: 3}


def test_a_missing_expectation_leaves_no_pace() -> None:
    one = rolled({"a-o1-kr1": GOOD, "a-o1-kr2": assessed(Status.ON_TRACK, 0.5, None)}).organisation

    assert one.progress == pytest.approx(0.7)
    assert (one.expected, one.pace) == (None, None)


# ------------------------------------------------------------------- whatever the numbers

ratios = st.floats(0.0, 1.0)
weights = st.floats(0.1, 10.0)
one_told = st.builds(assessed, st.sampled_from(Status), st.none() | ratios, ratios)
places = st.tuples(st.sampled_from("abc"), st.integers(1, 2), st.integers(1, 3))


@st.composite
def organisations(draw: st.DrawFn) -> tuple[list[KeyResult], dict[str, Objective], Told]:
    keys = sorted(
        f"{team}-o{objective}-kr{number}"
        for team, objective, number in draw(st.sets(places, min_size=1, max_size=9))
    )
    key_results = [of(key, weight=draw(weights)) for key in keys]
    objectives = {
        kr.objective: Objective(
            kr.objective,
            "One",
            kr.team,
            weight=draw(weights),
            joint_team=draw(st.sampled_from([None, None, "d"])),
        )
        for kr in key_results
    }
    told = {key: draw(one_told) for key in keys if draw(st.sampled_from([True, True, False]))}
    return key_results, objectives, told


@given(organisations())
def test_a_mean_lies_between_its_parts_and_the_unknown_share_between_0_and_1(
    whole: tuple[list[KeyResult], dict[str, Objective], Told],
) -> None:
    key_results, objectives, told = whole

    found = roll_up(key_results, objectives, told)

    every = [*found.objectives.values(), *found.teams.values(), found.organisation]
    each = [one.progress for one in told.values() if one.progress is not None]
    for one in every:
        assert 0.0 <= one.unknown_share <= 1.0
        assert (one.progress is None) == (one.counted == 0.0)
        assert one.progress is None or min(each) <= one.progress <= max(each)
    for team, one in found.teams.items():
        parts = [
            found.objectives[key].progress
            for key, objective in objectives.items()
            if team in (objective.team, objective.joint_team)
        ]
        known = [part for part in parts if part is not None]
        if one.progress is not None:
            assert min(known) - 1e-9 <= one.progress <= max(known) + 1e-9
    assert sum(found.organisation.counts.values()) == len(key_results)


@given(organisations(), st.data())
def test_a_duplicate_changes_no_number_of_the_organisation(
    whole: tuple[list[KeyResult], dict[str, Objective], Told], data: st.DataObject
) -> None:
    key_results, objectives, told = whole
    original = data.draw(st.sampled_from(key_results))
    key = data.draw(st.sampled_from(["a-o1-kr9", "b-o2-kr9", "e-o1-kr9"]))
    copy = of(key, duplicate_of=original.id, weight=data.draw(weights))
    with_it = told | ({key: told[original.id]} if original.id in told else {})

    found = roll_up([*key_results, copy], objectives, with_it)

    assert found.organisation == roll_up(key_results, objectives, told).organisation


@given(organisations(), ratios)
def test_the_last_known_progress_of_what_is_unknown_says_nothing(
    whole: tuple[list[KeyResult], dict[str, Objective], Told], other: float
) -> None:
    key_results, objectives, told = whole
    moved = {
        key: replace(one, progress=other) if one.status in UNKNOWN | ENDED else one
        for key, one in told.items()
    }

    assert roll_up(key_results, objectives, moved) == roll_up(key_results, objectives, told)


@given(organisations(), st.floats(0.5, 2.0))
def test_only_the_proportion_of_weights_matters(
    whole: tuple[list[KeyResult], dict[str, Objective], Told], factor: float
) -> None:
    key_results, objectives, told = whole
    heavier = [replace(kr, weight=kr.weight * factor) for kr in key_results]

    before = roll_up(key_results, objectives, told).organisation
    after = roll_up(heavier, objectives, told).organisation

    assert (before.progress is None) == (after.progress is None)
    if before.progress is not None and after.progress is not None:
        assert math.isclose(before.progress, after.progress, abs_tol=1e-9)
    assert math.isclose(before.unknown_share, after.unknown_share, abs_tol=1e-9)
