"""The workflows are valid, call the targets that everybody calls, and use nothing that may change."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import check_jsonschema
import pytest
from jsonschema.validators import validator_for  # type: ignore[import-untyped]
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
SCHEMAS = Path(check_jsonschema.__file__).parent / "builtin_schemas" / "vendor"


def read(path: Path) -> Any:
    """YAML 1.2, in which `on` is a word."""
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def faults(document: Any, schema: str) -> list[str]:
    """What the published schema says against a document."""
    found = json.loads((SCHEMAS / f"{schema}.json").read_text(encoding="utf-8"))
    validator = validator_for(found)(found)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def steps(path: Path) -> list[dict[str, Any]]:
    return [one for job in read(path)["jobs"].values() for one in job.get("steps", [])]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_is_as_its_published_schema_says(path: Path) -> None:
    document = read(path)

    assert faults(document, "github-workflows") == []
    # and the schema is not one that anything passes
    assert faults({**document, "jobs": {"a": {"runs_on": "x"}}}, "github-workflows") != []


def test_the_updates_are_as_their_published_schema_says() -> None:
    assert faults(read(GITHUB / "dependabot.yml"), "dependabot") == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_unless_a_job_says_why_it_writes(path: Path) -> None:
    document = read(path)

    assert document["permissions"] == {"contents": "read"}
    for job in document["jobs"].values():
        for name, level in job.get("permissions", {}).items():
            assert re.search(rf"^ +{name}: {level} # \w", path.read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_whatever_a_workflow_uses_of_others_is_pinned_by_its_commit(path: Path) -> None:
    used = re.findall(r"uses: (\S+)(.*)", path.read_text())

    assert used
    for what, remark in used:
        if not what.startswith("./"):
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", what), what
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", remark), what


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_a_workflow_makes_are_targets_and_nothing_from_outside_is_put_into_a_script(
    path: Path,
) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    scripts = [one["run"] for one in steps(path) if "run" in one]
    called = [re.search(r"^make (?:--silent )?([a-z-]+)", script) for script in scripts]

    assert {found[1] for found in called if found} <= targets
    assert any(called)
    assert not [script for script in scripts if "${{" in script]


def test_every_python_that_the_package_names_is_checked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))

    (job,) = read(GITHUB / "workflows" / "check.yml")["jobs"].values()

    assert job["strategy"]["matrix"]["python"] == named
