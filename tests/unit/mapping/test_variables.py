"""``${name}``: replaced in values, after parsing, types kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.base import Json
from syncd.mapping import Loaded
from tests.unit.mapping.stand_in_measures import load_files

VARIABLES = """\
variables:
  who: [A, B]
  sites: [s1, s2]
  number: 12
  status: Done
"""


def loaded_with(
    folder: Path, definition: str, overrides: dict[str, Json] | None = None, *, more: str = ""
) -> Loaded:
    ops = f"""\
team: ops
{more}
indicators:
  one: {definition}
objectives: []
"""
    return load_files(folder, overrides, variables=VARIABLES, ops=ops)


def definition_of(loaded: Loaded) -> Any:
    assert loaded.faults == ()
    assert loaded.catalogue is not None
    return next(iter(loaded.catalogue.indicators.values())).definition


def test_a_whole_value_keeps_its_type(tmp_path: Path) -> None:
    text = '{measure: netbox.count, endpoint: dcim.devices, filter: {site: "${sites}"}}'
    assert definition_of(loaded_with(tmp_path, text))["filter"] == {"site": ["s1", "s2"]}


def test_a_whole_value_that_is_a_number_is_one(tmp_path: Path) -> None:
    text = '{measure: prometheus.picky, size: "${number}"}'
    assert definition_of(loaded_with(tmp_path, text))["size"] == 12


def test_inside_text_a_scalar_is_put_in(tmp_path: Path) -> None:
    text = "\n    measure: jira.count\n    jql: status = ${status} AND n > ${number}"
    assert definition_of(loaded_with(tmp_path, text))["jql"] == "status = Done AND n > 12"


def test_the_days_of_the_period_are_built_in(tmp_path: Path) -> None:
    text = '\n    measure: jira.count\n    jql: a >= "${period_start}" AND a <= "${period_end}"'
    jql = definition_of(loaded_with(tmp_path, text))["jql"]
    assert jql == 'a >= "2026-01-01" AND a <= "2026-03-31"'


def test_a_team_with_a_period_of_its_own_sees_its_days(tmp_path: Path) -> None:
    text = '\n    measure: jira.count\n    jql: a >= "${period_start}"'
    jql = definition_of(loaded_with(tmp_path, text, more="period: 2026-Q2"))["jql"]
    assert jql == 'a >= "2026-04-01"'


def test_two_dollars_stand_for_one(tmp_path: Path) -> None:
    text = "\n    measure: jira.count\n    jql: text ~ $${status}"
    assert definition_of(loaded_with(tmp_path, text))["jql"] == "text ~ ${status}"


def test_a_dollar_without_brace_is_itself(tmp_path: Path) -> None:
    text = '\n    measure: prometheus.query\n    query: |-\n      up{job=~"a.*$"}'
    assert definition_of(loaded_with(tmp_path, text))["query"] == 'up{job=~"a.*$"}'


def test_the_installation_overrides_a_value(tmp_path: Path) -> None:
    text = "\n    measure: jira.count\n    jql: status = ${status}"
    loaded = loaded_with(tmp_path, text, {"status": "Closed"})
    assert definition_of(loaded)["jql"] == "status = Closed"


def test_overriding_what_no_file_declares_is_a_fault(tmp_path: Path) -> None:
    loaded = loaded_with(tmp_path, "{measure: jira.count, jql: a = b}", {"statu": "Closed"})
    assert [str(fault) for fault in loaded.faults] == [
        (
            'settings variables.statu: got "statu", which no file declares; expected the name of a '
            "variable in variables.yaml; fix: status"
        )
    ]


def test_a_replaced_value_is_shown_with_the_variable_it_came_from(tmp_path: Path) -> None:
    loaded = loaded_with(tmp_path, '{measure: jira.count, jql: a = b, unit: "${sites}"}')
    assert [fault.got for fault in loaded.faults] == ["a list (from ${sites})"]


def test_of_very_many_variables_a_fault_names_those_most_like_it(tmp_path: Path) -> None:
    many = VARIABLES + "".join(f"  issue_of_stack_{number}: A\n" for number in range(200))
    ops = 'team: ops\nindicators:\n  one: {measure: jira.count, jql: "a = ${stauts}"}\n'

    loaded = load_files(tmp_path, variables=many, ops=f"{ops}objectives: []\n")

    (fault,) = loaded.faults
    assert "one of status," in str(fault)
    assert "more; fix: ${status}" in str(fault)
    assert len(str(fault)) < 400
