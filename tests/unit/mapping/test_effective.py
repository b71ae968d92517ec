"""What is in force for a key result, and where each value comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from syncd.mapping import Loaded, Origin, Value, load
from syncd.mapping.effective import effective
from syncd.mapping.shape import DuplicateShape, KeyResultShape
from syncd.model import KeyResult
from tests.unit.mapping.mutations import GOOD
from tests.unit.mapping.stand_in_measures import (
    DEFAULT_SOURCES,
    MEASURES,
    ORGANISATION,
    SOURCES,
    load_files,
    load_folder,
)

HERE = Path(__file__).parent
QUARTER = HERE.parents[2] / "mappings" / "q1-2026"
FOLDERS = (GOOD, HERE / "hard_rows", QUARTER)
EVERY = [
    (folder, name)
    for folder in FOLDERS
    for found in load_folder(folder).catalogues
    for name in found.key_results
]


@pytest.fixture(scope="module")
def loaded() -> Mapping[Path, Loaded]:
    return {folder: load_folder(folder) for folder in FOLDERS}


def in_force(found: Loaded, name: str) -> dict[str, Value]:
    (written,) = found.written.values()
    values = effective(written, name)
    by_key = {value.key: value for value in values}
    assert len(by_key) == len(values)
    return by_key


def of_files(folder: Path, name: str, /, variables: Any = None, **files: str) -> dict[str, Value]:
    found = load_files(folder, variables, **files)
    assert found.faults == ()
    return in_force(found, name)


@pytest.mark.parametrize(("folder", "name"), EVERY, ids=lambda it: getattr(it, "name", it))
def test_each_value_stands_at_the_line_it_is_said_to_come_from(
    folder: Path, name: str, loaded: Mapping[Path, Loaded]
) -> None:
    for value in in_force(loaded[folder], name).values():
        if value.origin.file is None:
            continue
        line = (
            (folder.parent / value.origin.file)
            .read_text()
            .splitlines()[(value.origin.line or 0) - 1]
        )
        words = {value.key.split(".")[-1].partition("[")[0]}
        if value.key in ("start", "due"):
            words.add("period")
        if value.key.startswith("time_off"):
            words = {"holidays", value.value["title"]}
        assert any(word in line for word in words), (value, line)


@pytest.mark.parametrize(("folder", "name"), EVERY, ids=lambda it: getattr(it, "name", it))
def test_every_key_has_a_value_and_it_is_the_one_in_force(
    folder: Path, name: str, loaded: Mapping[Path, Loaded]
) -> None:
    values = in_force(loaded[folder], name)
    catalogue = loaded[folder].catalogue
    assert catalogue is not None
    kr: KeyResult = catalogue.key_results[name]
    keys = {it.alias or key for key, it in KeyResultShape.model_fields.items()}
    keys -= {"evidence", "abandoned", "carried"}
    if not kr.team:
        keys.discard("weight")
    if kr.duplicate_of is not None:
        keys |= set(DuplicateShape.model_fields)
    indicator = catalogue.indicators[kr.indicator]
    if "stale_after" in indicator.definition and "stale_after" not in values:
        keys.discard("stale_after")
    assert keys <= {key.partition(".")[0] for key in values}

    assert values["title"].value == kr.title
    assert values["start"].value <= values["due"].value
    assert bool(values["page"].value) is kr.page
    assert values["judgement.on_track"].value == kr.judgement.on_track_ratio
    assert values["judgement.hysteresis"].value == kr.judgement.hysteresis_ratio
    assert [values[f"time_off[{i}]"].value["title"] for i in range(len(kr.time_off))] == [
        it.title for it in kr.time_off
    ]
    if indicator.source is not None:
        assert values["indicator.source"].value == indicator.source
        assert values["indicator.evidence"].value == indicator.evidence


def test_the_nearest_of_key_result_team_and_organisation_says_it() -> None:
    found = load_folder(GOOD)
    own, of_team = in_force(found, "dcim-o1-kr3"), in_force(found, "dcim-o1-kr1")
    rollup = in_force(found, "hiring")
    assert own["judgement.on_track"] == Value(
        "judgement.on_track", 0.95, Origin("key result", "good/dcim.yaml", 54, {})
    )
    assert (own["judgement.hold"].value, own["judgement.hold"].origin.who) == ("30 min", "team")
    assert of_team["judgement.on_track"].origin.who == "organisation"
    assert rollup["judgement.hold"].origin.who == "organisation"
    assert f"{of_team['judgement.early'].origin}" == "shipped default"
    assert (own["stale_after"].value, own["stale_after"].origin.who) == ("1 d", "key result")
    assert of_team["stale_after"].value == "three intervals, at least 1 h"


def test_days_come_from_the_key_result_or_from_the_period() -> None:
    found = load_folder(GOOD)
    own, default = in_force(found, "dcim-o1-kr2"), in_force(found, "hiring")
    assert (own["start"].value, own["start"].origin.who) == ("2026-01-15", "key result")
    assert (default["due"].value, f"{default['due'].origin}") == (
        "2026-03-31",
        "period of the organisation, good/organisation.yaml:2",
    )
    assert own["timezone"].value == "Europe/London"


def test_sources_come_from_indicator_team_or_settings() -> None:
    found = load_folder(GOOD)
    source = {
        name: f"{in_force(found, name)['indicator.source'].origin}"
        for name in ("dcim-o1-kr3", "dcim-o1-kr2", "net-o1-kr1")
    }
    assert source == {
        "dcim-o1-kr3": "team, good/dcim.yaml:5",
        "dcim-o1-kr2": "settings, the default for netbox",
        "net-o1-kr1": "settings, the default for jira",
    }


def test_a_named_indicator_is_shown_with_its_own_lines() -> None:
    values = in_force(load_folder(GOOD), "ops-o1-kr1")
    assert values["indicator"].value == "hired"
    assert f"{values['indicator.jql'].origin}" == "hired, good/organisation.yaml:9"
    assert values["indicator.evidence"].value == "titles"
    assert values["indicator.unit"].value == "a bare number"


def test_what_a_measure_fills_in_is_shown(tmp_path: Path) -> None:
    ops = """\
team: ops
indicators:
  a: {measure: jira.keys, jql: a = b, key: key}
  b: {measure: jira.keys, jql: c = d, key: key}
objectives:
  - id: o
    title: T
    key_results:
      - {id: k, title: T, indicator: {measure: coverage, of: a, in: b}, target: {increase_to: 100 %}}
"""
    values = of_files(tmp_path, "k", ops=ops)
    assert values["indicator.shrink_limit"] == Value(
        "indicator.shrink_limit", "20 %", Origin("shipped default")
    )
    assert values["indicator.unit"].value == "ratio"
    assert values["target.from"].value == "the first reading"
    assert "indicator.source" not in values


def test_what_is_plausible_comes_from_the_indicator_its_file_or_syncd(tmp_path: Path) -> None:
    ops = """\
team: ops
defaults: {plausible: {shrink: 30 %}}
objectives:
  - id: o
    title: T
    key_results:
      - {id: k, title: T, indicator: {measure: jira.count, jql: a = b, plausible: {at_most: 9}}}
"""
    values = of_files(tmp_path, "k", ops=ops)
    said = {key: f"{it.value}, {it.origin}" for key, it in values.items() if "plausible" in key}
    assert said["indicator.plausible.at_most"].startswith("9, key result, ")
    assert said["indicator.plausible.shrink"].startswith("30 %, team, ")
    assert said["indicator.plausible.confirm"] == "3, over at least 1 h, shipped default"


def test_a_duplicate_shows_whose_words_hold() -> None:
    values = in_force(load_folder(GOOD), "net-o1-kr2")
    assert f"{values['owner'].origin}" == "key result, good/net.yaml:17"
    assert f"{values['target.increase_to'].origin}" == "dcim-o1-kr2, good/dcim.yaml:43"
    assert values["title"].value == "Assets tracked"
    assert values["needs"].value == ["dcim-o1-kr1", "external:recruiting"]
    assert (values["weight"].value, values["page"].value) == (1, False)
    assert (in_force(load_folder(GOOD), "net-o1-kr3")["owner"].value) is None


def test_time_off_comes_from_the_freeze_or_the_holidays() -> None:
    values = in_force(load_folder(GOOD), "net-o1-kr1")
    off = {it.value["title"]: f"{it.origin}" for key, it in values.items() if "time_off" in key}
    assert off == {
        "Year-end change freeze": "organisation, good/organisation.yaml:21",
        "Martin Luther King Jr. Day": "holidays of the organisation, good/organisation.yaml:19",
        "Power work": "organisation, good/organisation.yaml:22",
        "Move of the lab": "team, good/net.yaml:43",
        "Washington's Birthday": "holidays of the organisation, good/organisation.yaml:19",
    }


def test_freezes_of_one_title_are_told_apart_by_their_days(tmp_path: Path) -> None:
    ops = """\
team: ops
calendar:
  freezes:
    - {title: Freeze, from: 2026-01-01, to: 2026-01-04}
    - {title: Freeze, from: 2026-03-01, to: 2026-03-04}
objectives:
  - {id: o, title: T, key_results: [{id: k, title: T, indicator: {measure: jira.count, jql: a = b}}]}
"""
    values = of_files(tmp_path, "k", ops=ops)
    assert [values[f"time_off[{i}]"].origin.line for i in (0, 1)] == [4, 5]


def test_an_indicator_that_is_measured_twice_keeps_what_the_other_one_asks_for(
    tmp_path: Path,
) -> None:
    ops = """\
team: ops
indicators: {one: {measure: jira.count, jql: a = b, evidence: keys}}
defaults: {evidence: titles}
objectives:
  - {id: o, title: T, key_results: [{id: k, title: T, indicator: {measure: jira.count, jql: a = b}}]}
"""
    kept = of_files(tmp_path, "k", ops=ops)["indicator.evidence"]
    assert (kept.value, f"{kept.origin}") == ("keys", "another indicator that reads the same")


VARIABLES = "variables: {lead: A, site: [s1], unit: GPU}\n"
WITH_VARIABLES = """\
team: ops
objectives:
  - id: o
    title: T
    key_results:
      - id: k
        title: For $${lead} of ${unit}
        owner: ["${lead}", "${unit} lead"]
        indicator:
          measure: netbox.count
          endpoint: dcim.devices
          filter: {site: "${site}", created__gte: "${period_start}"}
"""


def test_variables_are_replaced_and_who_gives_them_is_said(tmp_path: Path) -> None:
    for name, text in (
        ("organisation", ORGANISATION), ("ops", WITH_VARIABLES), ("variables", VARIABLES)
    ):  # fmt: skip
        (tmp_path / f"{name}.yaml").write_text(text)
    found = load(
        tmp_path,
        measures=MEASURES,
        sources=SOURCES,
        default_sources=DEFAULT_SOURCES,
        variables={"lead": "B", "site": ["s2", "s3"]},
        said_by={"lead": "SYNCD_VAR_LEAD"},
    )
    values = in_force(found, "k")
    place = tmp_path.name
    assert (values["title"].value, values["title"].origin.variables) == (
        "For ${lead} of GPU",
        {"unit": f"{place}/variables.yaml:1"},
    )
    assert values["owner"].value == ["B", "GPU lead"]
    assert f"{values['owner'].origin}" == (
        f"key result, {place}/ops.yaml:8; ${{lead}}: SYNCD_VAR_LEAD; "
        f"${{unit}}: {place}/variables.yaml:1"
    )
    assert values["indicator.filter.site"].value == ["s2", "s3"]
    assert values["indicator.filter.site"].origin.variables == {"site": "settings"}
    assert values["indicator.filter.created__gte"].origin.variables == {"period_start": "period"}


def test_there_is_nothing_of_a_key_result_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        in_force(load_folder(GOOD), "nobody")
