"""Key results that end before their due day."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncd.mapping import Loaded
from syncd.model import Ending
from tests.unit.mapping.mutations import GOOD
from tests.unit.mapping.stand_in_measures import ORGANISATION, load_files, load_folder


def loaded(folder: Path, ending: str, organisation: str = ORGANISATION) -> Loaded:
    ops = f"""\
team: ops
timezone: Europe/London
objectives:
  - id: o
    title: T
    key_results:
      - id: k
        title: T
        start: 2026-02-01
        indicator: {{measure: jira.count, jql: a = b}}
        {ending}
"""
    return load_files(folder, None, organisation=organisation, ops=ops)


def ending_of(folder: Path, ending: str, organisation: str = ORGANISATION) -> Ending | None:
    catalogue = loaded(folder, ending, organisation).catalogue
    assert catalogue is not None
    return catalogue.key_results["k"].ending


def test_endings_begin_with_their_day_in_the_timezone() -> None:
    catalogue = load_folder(GOOD).catalogue
    assert catalogue is not None
    key_results = catalogue.key_results
    assert key_results["net-o1-kr5"].ending == Ending(datetime(2026, 2, 16, 8, tzinfo=UTC), "Sold.")
    assert key_results["net-o1-kr6"].ending == Ending(
        datetime(2026, 3, 2, 8, tzinfo=UTC), "The site is late.", "2026-Q2"
    )
    assert key_results["net-o1-kr1"].ending is None


@pytest.mark.parametrize(("day", "fits"), [
    ("2026-01-31", False), ("2026-02-01", True), ("2026-03-31", True), ("2026-04-01", False),
])  # fmt: skip
def test_a_key_result_ends_between_its_first_and_its_due_day(
    day: str, fits: bool, tmp_path: Path
) -> None:
    found = loaded(tmp_path, f"abandoned: {{from: {day}, reason: R}}")
    assert [fault.path for fault in found.faults] == (
        [] if fits else ["objectives[0].key_results[0].abandoned.from"]
    )


@pytest.mark.parametrize("into", ["2026-Q2", "2026", "2026-03-15/2026-06-30", "spring"])
def test_it_may_be_carried_into_any_later_period(into: str, tmp_path: Path) -> None:
    found = ending_of(tmp_path, f"carried: {{into: {into}, from: 2026-03-01, reason: R}}")
    assert found is not None
    assert found.into == into


def test_a_period_with_an_id_of_its_own_is_its_own(tmp_path: Path) -> None:
    spring = ORGANISATION.replace("2026-Q1", "{id: spring, from: 2026-02-01, to: 2026-05-15}")
    faults = loaded(tmp_path, "carried: {into: spring, from: 2026-03-01, reason: R}", spring).faults
    assert [(fault.got, fault.fix) for fault in faults] == [
        ('"spring", its own period', "into: 2026-Q2")
    ]


@pytest.mark.parametrize("into", ["2025", "2025-Q4", "2026-02-01/2026-03-31"])
def test_it_is_not_carried_into_a_period_that_is_over_by_then(into: str, tmp_path: Path) -> None:
    faults = loaded(tmp_path, f"carried: {{into: {into}, from: 2026-03-01, reason: R}}").faults
    assert [(fault.expected, fault.fix) for fault in faults] == [
        ("a later period", "into: 2026-Q2")
    ]
