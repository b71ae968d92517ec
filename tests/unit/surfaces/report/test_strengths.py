"""What a report says goes well: nothing that is unknown, late at this pace, or counted twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.model import Assessment, Forecast, Status
from syncd.surfaces.report import gather
from syncd.surfaces.report.document import Report
from syncd.surfaces.report.going_well import Strengths
from syncd.surfaces.report.material import Material
from syncd.surfaces.report.strengths import strengths_of
from tests.unit.surfaces.report.world import NOW, Organisation

ON_TRACK, ACHIEVED = Status.ON_TRACK, Status.ACHIEVED
CB3 = ("net-o2-kr1", "net-o2-kr2", "net-o2-kr3")


@pytest.fixture
def material(organisation: Organisation) -> Material:
    with organisation.store.read() as connection:
        return gather(connection, now=NOW, since=NOW - timedelta(weeks=1))


def likely(told: Assessment, chance: float | None) -> Forecast | None:
    if chance is None:
        return None
    made = Forecast(
        low=0.9, middle=1.0, high=1.0, chance=chance, lands_at=NOW, readings=9, since=NOW
    )
    return made if told.forecast is None else replace(told.forecast, chance=chance)


def strengths(
    material: Material, said: Mapping[str, tuple[Status, float | None]], **changes: object
) -> Strengths:
    """What goes well if of these key results this is told, with this chance, and nothing of others."""
    views = []
    for view in material.views:
        told = view.assessment
        assert told is not None
        status, chance = said.get(view.key_result.id, (Status.STALE, None))
        told = replace(told, status=status, raw_status=status, forecast=likely(told, chance))
        views.append(replace(view, assessment=replace(told, **changes)))  # type: ignore[arg-type]
    return strengths_of(replace(material, views=views), views)


def test_what_is_reached_is_told_with_what_shows_it(report: Report) -> None:
    (reached,) = report.strengths.reached

    assert (reached.key, reached.when) == ("ops-o1-kr1", "14 Feb, 21:00")
    assert reached.why.startswith("1 on 20 Feb; the goal is at most 1")


def test_an_objective_goes_well_when_all_of_it_is_on_course(material: Material) -> None:
    (whole,) = strengths(material, dict.fromkeys(CB3, (ON_TRACK, 0.6))).whole

    assert (whole.key, whole.team) == ("net-o2", "Networking")
    assert [(share.sign.name, share.count) for share in whole.shares] == [("on_track", 3)]


@pytest.mark.parametrize(
    "weak",
    [
        (Status.AT_RISK, 0.6),
        (Status.STALE, None),
        (Status.NO_TARGET, None),
        (ON_TRACK, 0.4),
    ],
)
def test_one_that_is_behind_unknown_or_late_at_this_pace_takes_it_from_the_whole(
    material: Material, weak: tuple[Status, float | None]
) -> None:
    told = {**dict.fromkeys(CB3, (ON_TRACK, 0.6)), "net-o2-kr2": weak}

    assert strengths(material, told).whole == []


def test_what_was_given_up_says_nothing_of_the_rest(material: Material) -> None:
    told = {**dict.fromkeys(CB3, (ACHIEVED, None)), "net-o2-kr2": (Status.ABANDONED, None)}

    (whole,) = strengths(material, told).whole

    assert [(share.sign.name, share.count) for share in whole.shares] == [("achieved", 2)]


def test_the_likeliest_to_be_there_in_time_stands_first_and_the_others_are_left_out(
    material: Material,
) -> None:
    told = {
        "net-o2-kr1": (ON_TRACK, 0.8),
        "net-o2-kr2": (ON_TRACK, 0.95),
        "hiring": (ON_TRACK, 0.79),
    }

    assert [one.key for one in strengths(material, told).safe] == ["net-o2-kr2", "net-o2-kr1"]


def test_what_is_on_track_by_hand_alone_is_no_strength(material: Material) -> None:
    told = {"net-o2-kr1": (ON_TRACK, 0.9)}

    assert strengths(material, told, raw_status=Status.OFF_TRACK).safe == []


def test_nothing_known_is_said_to_be_nothing(material: Material) -> None:
    assert strengths(material, {}).nothing


def test_what_is_too_much_to_list_is_counted(
    material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncd.surfaces.report.strengths.LISTED", 2)

    found = strengths(material, dict.fromkeys(CB3, (ACHIEVED, None)))

    assert (len(found.reached), found.reached_left) == (2, 1)
