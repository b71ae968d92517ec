"""The demo, replayed through the real connectors: every promise of its story is held."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from syncd.demo.quarter.days import FIRST_DAY, ZONE, at
from syncd.demo.stage import Stage, moments, stage
from syncd.loading import load_mappings
from syncd.model import Assessment, Catalogue
from syncd.store.read import indicator_views, key_result_views
from tests.unit.demo.promises import DOWN, DRAGGED, END, MIDDLE, promises

FEW_DAYS = [date(2026, 2, day) for day in (14, 15, 16, 18, 19, 20)]


@dataclass
class Told:
    """What was told at the end of each day, which runs failed, and what was never read."""

    days: dict[date, dict[str, Assessment]] = field(default_factory=dict)
    failed: set[tuple[str, date]] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    catalogue: Catalogue | None = None


def replayed(last: date, on_days: Collection[date] | None = None) -> Told:
    told = Told()
    with stage() as on:
        told.catalogue = load_mappings(on.assembly.installation).catalogue
        for moment in moments(last, on_days=on_days):
            local = moment.astimezone(ZONE)
            failed = {report.source for report in on.advance(moment) if report.error_type}
            told.failed |= {(source, local.date()) for source in failed}
            if local.hour < 2 and moment > at(FIRST_DAY):
                told.days[local.date() - timedelta(days=1)] = assessments(on)
        with on.assembly.store.read() as connection:
            told.unread = [
                view.name or view.measure
                for view in indicator_views(connection)
                if view.reading is None
            ]
    return told


def assessments(on: Stage) -> dict[str, Assessment]:
    with on.assembly.store.read() as connection:
        views = key_result_views(connection)
    return {view.key_result.id: view.assessment for view in views if view.assessment is not None}


def holds(told: Told) -> None:
    """Every promise of the days that were replayed, and that nothing is without one."""
    catalogue = told.catalogue
    assert catalogue is not None
    last = max(told.days)
    assert {each.key_result for each in promises()} == set(catalogue.key_results)
    assert set(told.days[last]) == set(catalogue.key_results)
    assert told.unread == []
    broken = []
    for promise in promises():
        if promise.day not in told.days:
            continue
        is_ = told.days[promise.day][promise.key_result]
        value = -1.0 if is_.value is None else is_.value
        if is_.status != promise.status or value != pytest.approx(promise.value, rel=0.05):
            broken.append(f"{promise}: is {is_.status} at {is_.value}: {is_.reason}")
    assert not broken, "\n".join(broken)
    down = {(source, day) for source, days in DOWN.items() for day in days if day in told.days}
    assert told.failed == down
    for key, needed in DRAGGED.items():
        assert told.days[MIDDLE][key].because == needed


@pytest.fixture(scope="module")
def half() -> Told:
    return replayed(MIDDLE, FEW_DAYS)


@pytest.mark.timeout(1200)
def test_the_story_holds_until_the_20th_of_february(half: Told) -> None:
    holds(half)


@pytest.mark.timeout(1200)
def test_two_days_without_jira_leave_what_others_measure_alone(half: Told) -> None:
    told = half.days[date(2026, 2, 18)]
    stale = {key for key, each in told.items() if each.status == "stale"}

    assert len(stale) > 70
    assert all(told[key].error_type == "server_error" for key in stale)
    assert not stale & {"compute-o1-kr1", "compute-o1-kr2", "dcim-o1-kr1", "obs-o4-kr1"}


@pytest.mark.long
@pytest.mark.timeout(5400)
def test_the_story_holds_to_the_end_of_the_quarter() -> None:
    told = replayed(END)

    holds(told)
    assert len(told.days) == 90
    assert not any(each.status in ("no_data", "stale") for each in told.days[END].values())
