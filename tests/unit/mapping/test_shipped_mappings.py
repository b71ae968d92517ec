"""The organisation's own mappings: the catalogue's key results, through the shipped measures."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

from syncd.mapping.json_schema import json_schema
from syncd.mapping.tree import parse
from syncd.model import Catalogue, parts_of
from syncd.registry import measures
from tests.unit.mapping.mutations import CORPUS, GOOD
from tests.unit.mapping.shipped_rows import row, table
from tests.unit.mapping.stand_in_measures import MEASURES, load_folder

MAPPINGS = Path(__file__).parents[3] / "mappings"
QUARTER = MAPPINGS / "q1-2026"


def catalogue() -> Catalogue:
    loaded = load_folder(QUARTER)
    assert loaded.faults == ()
    assert loaded.catalogue is not None
    return loaded.catalogue


def test_the_key_results_are_those_that_were_agreed_on() -> None:
    found = catalogue()
    assert {key: row(found, it) for key, it in found.key_results.items()} == table()


def test_what_two_teams_share_is_written_once() -> None:
    found = catalogue()
    assert {key: it.duplicate_of for key, it in found.key_results.items() if it.duplicate_of} == {
        "proc-o2-kr4": "dcim-o2-kr1",
        "plat-o6-kr1": "cops-o3-kr1",
    }
    joint = [it for it in found.objectives.values() if it.joint_team]
    assert [(it.id, it.joint_team, it.joint_id, it.accountable) for it in joint] == [
        ("cops-o4", "ce", "ce-o5", ("Cluster ops lead",))
    ]


def test_the_balance_of_offices_and_what_has_drifted_are_only_shown() -> None:
    beside = {key: it.beside for key, it in catalogue().key_results.items() if it.beside}
    assert {key: [number.title for number in them] for key, them in beside.items()} == {
        "dcim-o1-kr2": ["Devices that have drifted"],
        "ops-o1-kr1": ["Share in London (wanted 50 %)"],
    }


def test_hiring_is_the_sum_of_five_teams_and_leaves_out_the_stretch_of_networking() -> None:
    found = catalogue()
    plan = found.indicators[found.key_results["hiring"].indicator].plan
    parts = {found.indicators[part].name: part for part in parts_of(plan)}
    assert set(parts) == {
        "hired_procurement", "hired_compute", "hired_networking", "hired_sre", "hired_inference"
    }  # fmt: skip
    assert parts["hired_networking"] != found.key_results["net-o5-kr1"].indicator
    assert parts["hired_compute"] != found.key_results["compute-o3-kr1"].indicator


def test_pages_are_few_and_have_somebody_to_wake() -> None:
    paging = {key: it.owner for key, it in catalogue().key_results.items() if it.page}
    assert set(paging) == {"dcim-o1-kr1", "dcim-o2-kr3", "inf-o3-kr1"}
    assert all(paging.values())


def test_every_variable_is_used() -> None:
    texts = [path.read_text() for path in QUARTER.glob("*.yaml")]
    declared = parse((QUARTER / "variables.yaml").read_text()).root
    assert declared is not None
    names = declared.plain["variables"]
    assert len(names) > 100
    assert [name for name in names if not any(f"${{{name}}}" in text for text in texts)] == []


def test_no_issue_is_two_variables() -> None:
    """Milestones that teams share are one issue under one name, so that they cannot drift apart."""
    declared = parse((QUARTER / "variables.yaml").read_text()).root
    assert declared is not None
    issues = [value for name, value in declared.plain["variables"].items() if "issue" in name]
    assert len(set(issues)) == len(issues) > 50


@pytest.mark.parametrize("path", sorted(QUARTER.glob("*.yaml")), ids=lambda path: path.name)
def test_every_file_tells_editors_its_schema(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=../schema.json"


def test_the_committed_schema_is_the_one_that_syncd_prints() -> None:
    committed = json.loads((MAPPINGS / "schema.json").read_text())
    assert committed == json_schema(measures()), "syncd schema > mappings/schema.json"


def problems(schema: dict[str, object], text: str) -> list[str]:
    root = parse(text).root
    assert root is not None
    validator = jsonschema.Draft202012Validator(schema)
    return [error.message for error in validator.iter_errors(root.plain)]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema(MEASURES))


@pytest.mark.parametrize(
    "path", [*sorted(QUARTER.glob("*.yaml")), *sorted(GOOD.glob("*.yaml"))],
    ids=lambda path: f"{path.parent.name}-{path.name}",
)  # fmt: skip
def test_the_schema_accepts_what_the_loader_accepts(path: Path) -> None:
    assert problems(json_schema(MEASURES), path.read_text()) == []


@pytest.mark.parametrize(
    ("case", "file"),
    [("unknown-key", "ops"), ("target-beside-a-duplicate", "net"), ("joint-without-an-id", "net"), ("unknown-measure", "dcim"),
     ("missing-title", "ops"), ("yes-for-true", "dcim"), ("two-goals", "dcim"),
     ("prose", "dcim"), ("day-the-other-way", "dcim"), ("bad-period", "organisation"),
     ("unknown-option", "dcim"), ("share-without-space", "dcim"), ("weight-zero", "dcim")],
)  # fmt: skip
def test_the_schema_refuses_what_an_editor_can_see(case: str, file: str) -> None:
    assert problems(json_schema(MEASURES), (CORPUS / case / f"{file}.yaml").read_text()) != []
