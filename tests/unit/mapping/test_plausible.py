"""What authors declare of an indicator's numbers, so that one that cannot be is not believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.model import Indicator, Plausible
from tests.unit.mapping.stand_in_measures import load_files

SHARE = "measure: jira.ratio, jql: project = A, passing: status = Done"
SPAN = "measure: jira.duration, jql: project = A, from: created, to: resolved, mean: true"
COST = "measure: prometheus.query, query: sum(cost), unit: USD/host/h"
COUNT = "measure: jira.count, jql: project = A"


def read(folder: Path, *indicators: str, defaults: str = "") -> list[Indicator]:
    results = "".join(
        f"      - {{id: k{n}, title: T, indicator: {{{one}}}}}\n"
        for n, one in enumerate(indicators)
    )
    team = f"team: ops\n{defaults}objectives:\n  - id: o\n    title: T\n    key_results:\n{results}"
    loaded = load_files(folder, None, ops=team)
    assert loaded.faults == ()
    assert loaded.catalogue is not None
    return list(loaded.catalogue.indicators.values())


@pytest.mark.parametrize(
    ("indicator", "wanted"),
    [
        (f"{SHARE}, plausible: {{at_least: 10 %, step: 20 pp}}", Plausible(low=0.1, step=0.2)),
        (f"{SHARE}, plausible: {{step: 20 %}}", Plausible(step=0.2, step_relative=True)),
        (f"{SPAN}, plausible: {{at_most: 3 w, step: 2 d}}", Plausible(high=1814400, step=172800)),
        (
            f"{COST}, plausible: {{at_most: 0.05 USD/host/h, step: 20 %}}",
            Plausible(high=0.05, step=0.2, step_relative=True),
        ),
        (f"{COUNT}, plausible: {{counter: true, confirm: 5}}", Plausible(counter=True, confirm=5)),
        (f"{COUNT}, plausible: {{shrink: 12.5 %}}", Plausible(shrink_ratio=0.125)),
        (COUNT, Plausible()),
    ],
)
def test_quantities_are_those_of_the_indicator(
    tmp_path: Path, indicator: str, wanted: Plausible
) -> None:
    (found,) = read(tmp_path, indicator)
    assert found.plausible == wanted


def test_an_indicator_that_says_nothing_takes_what_its_file_says(tmp_path: Path) -> None:
    defaults = "defaults: {plausible: {shrink: 30 %, confirm: 5}}\n"
    one, other, cost = read(
        tmp_path, COUNT, f"{SHARE}, plausible: {{shrink: 100 %}}", COST, defaults=defaults
    )
    assert one.plausible == Plausible(shrink_ratio=0.3, confirm=5)
    assert other.plausible == Plausible(shrink_ratio=1.0, confirm=5)
    assert cost.plausible == Plausible(confirm=5)  # it has no objects that could go


def test_what_is_plausible_is_no_part_of_what_is_measured(tmp_path: Path) -> None:
    (bare,) = read(tmp_path, COUNT)
    (held,) = read(tmp_path, f"{COUNT}, plausible: {{at_most: 10}}")
    assert held.fingerprint == bare.fingerprint


def test_a_number_that_is_declared_twice_is_held_to_both(tmp_path: Path) -> None:
    (found,) = read(
        tmp_path,
        f"{COUNT}, plausible: {{at_least: 1, at_most: 50, step: 10, confirm: 2}}",
        f"{COUNT}, plausible: {{at_least: 3, at_most: 90, step: 20 %, shrink: 40 %, confirm: 4}}",
    )
    assert found.plausible == Plausible(low=3, high=50, step=10, shrink_ratio=0.4, confirm=4)


def test_a_number_that_a_person_gives_is_not_doubted(tmp_path: Path) -> None:
    indicator = "measure: manual, unit: percent, stale_after: 14 d, plausible: {at_most: 50 %}"
    team = f"""\
team: ops
objectives:
  - id: o
    title: T
    key_results: [{{id: k, title: T, indicator: {{{indicator}}}}}]
"""
    (fault,) = load_files(tmp_path, None, ops=team).faults
    assert "got plausible beside manual; expected no plausible" in str(fault)


def test_a_coverage_is_told_where_its_shrinking_is_declared(tmp_path: Path) -> None:
    team = """\
team: ops
indicators:
  a: {measure: jira.keys, jql: a = b, key: key}
  b: {measure: jira.keys, jql: c = d, key: key}
  c: {measure: coverage, of: a, in: b, plausible: {shrink: 30 %}}
objectives: []
"""
    faults = [str(fault) for fault in load_files(tmp_path, None, ops=team).faults]
    assert any("fix: shrink_limit on the coverage, or shrink on its sides" in it for it in faults)
