"""The authors' reference is true: its files load, its targets are targets, nothing is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from syncd.mapping.shape import (
    FILES,
    DuplicateShape,
    JointShape,
    KeyResultShape,
    ObjectiveShape,
    TargetShape,
)
from syncd.registry import measures
from tests.unit.mapping.stand_in_measures import load_files, load_folder

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "mapping.md").read_text()
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
OF_TARGETS = PAGE.split("## Targets")[1].split("\n## ")[0]
TARGETS = re.findall(r"^\| `(\{.*?\})` \|", OF_TARGETS, re.MULTILINE)
INDICATORS = [
    "{measure: jira.ratio, jql: project = A, passing: status = Done}",
    "{measure: jira.count, jql: project = A}",
    "{measure: jira.duration, jql: project = A, from: created, to: resolved, mean: true}",
    "{measure: prometheus.query, query: sum(cost), unit: USD/host/h}",
    "{measure: jira.milestones, issues: {site: A-1, operational: A-2}}",
    "{measure: jira.rate, jql: project = A, at: created, per: w, window: 4 w}",
]


def test_the_examples_are_one_right_mapping(tmp_path: Path) -> None:
    for i, example in enumerate(EXAMPLES):
        text = example.replace("{jira: jira}", "{jira: jira-dc}")
        (tmp_path / f"{i}.yaml").write_text(text)

    loaded = load_folder(tmp_path)

    assert [str(fault) for fault in loaded.faults] == []
    assert loaded.catalogue is not None
    assert sorted(loaded.catalogue.key_results) == [
        "dcim-o1-kr1",
        "dcim-o1-kr2",
        "hiring",
        "obs-o2-kr1",
        "obs-o2-kr2",
        "ops-o1-kr1",
        "plat-o4-kr1",
        "plat-o6-kr1",
    ]
    assert list(loaded.catalogue.key_results)[-1] == "hiring"


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_of_the_table_fits_some_indicator(target: str, tmp_path: Path) -> None:
    def loads(indicator: str) -> bool:
        text = (
            "team: ops\nobjectives:\n  - id: o\n    title: T\n    key_results:\n      - id: k\n"
            f"        title: T\n        indicator: {indicator}\n        target: {target}\n"
        )
        return load_files(tmp_path, None, ops=text).catalogue is not None

    assert any(loads(indicator) for indicator in INDICATORS)


def test_the_table_of_targets_has_every_goal() -> None:
    beside = {"from", "stretch", "held_for", "empty"}
    for name, field in TargetShape.model_fields.items():
        key = field.alias or name
        where = PAGE if key in beside else " ".join(TARGETS)
        assert re.search(rf"\b{key}\b", where), key


def test_every_key_and_measure_is_described() -> None:
    shapes: list[type[BaseModel]] = [
        *FILES.values(),
        ObjectiveShape,
        JointShape,
        KeyResultShape,
        DuplicateShape,
    ]
    keys = [it.alias or name for shape in shapes for name, it in shape.model_fields.items()]
    options = [
        field.alias or name
        for measure in measures().values()
        for name, field in measure.model_fields.items()
    ]
    for word in (*keys, *options):
        assert re.search(rf"`(\+ )?{word}\b|^{word}:", PAGE, re.MULTILINE), word
    for name in measures():
        assert f"| `{name}` |" in PAGE
