"""`syncd check`: what it prints, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command import syncd

ROOT = Path(__file__).parents[3]
GOOD = ROOT / "tests" / "unit" / "hygiene" / "good"
FINDING = (
    "q1/net.yaml:9 objectives[0].key_results[0]: net-o1-kr1 has no owner\n"
    "    fix: owner: a person or a role\n"
)


def check(folder: Path, *words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("SYNCD_")}
    asked = ("--mappings", str(folder), "check", *words)
    return syncd(*asked, environment=clean | {"COLUMNS": "80"}, folder=cwd)


@pytest.fixture
def ownerless(tmp_path: Path) -> Path:
    """The good mapping without one owner: one warning."""
    folder = Path(shutil.copytree(GOOD, tmp_path / "mappings" / "q1"))
    path = folder / "net.yaml"
    owned = "title: Pages in a week\n        owner: Networking lead\n"
    path.write_text(path.read_text().replace(owned, "title: Pages in a week\n"))
    return folder


def test_findings_are_told_by_rule_and_the_mapping_is_accepted(ownerless: Path) -> None:
    answer = check(ownerless)

    assert answer.returncode == 0
    assert answer.stdout.startswith("✔ 7 key results")
    assert "\n1 warning; what they mean: docs/reference/hygiene.md\n" in answer.stdout
    assert f"\nwarning no-owner A key result without an owner\n  {FINDING}" in answer.stdout


def test_nothing_is_said_where_there_is_nothing_to_say() -> None:
    answer = check(GOOD, "--strict")

    assert answer.returncode == 0
    assert len(answer.stdout.splitlines()) == 1


def test_strict_fails_on_a_warning_and_not_on_a_note(ownerless: Path) -> None:
    assert check(ownerless, "--strict").returncode == 1
    path = ownerless / "net.yaml"
    unused = "indicators:\n  links: {measure: netbox.count, endpoint: dcim.cables}\n"
    good = (GOOD / "net.yaml").read_text()
    path.write_text(good.replace("indicators:\n", unused, 1))

    noted = check(ownerless, "--strict")

    assert noted.returncode == 0
    assert "1 note;" in noted.stdout


def test_json_has_the_findings_beside_the_faults(ownerless: Path) -> None:
    answer = check(ownerless, "--json")

    assert answer.returncode == 0
    assert json.loads(answer.stdout) == {
        "accepted": True,
        "faults": [],
        "findings": [
            {
                "rule": "no-owner",
                "severity": "warning",
                "subject": "kr:2026-Q1/net-o1-kr1",
                "file": "q1/net.yaml",
                "line": 9,
                "path": "objectives[0].key_results[0]",
                "says": "net-o1-kr1 has no owner",
                "fix": "owner: a person or a role",
                "others": [],
            }
        ],
        "live": [],
        "closed": [],
    }


def test_addresses_in_sarif_lead_to_the_files_from_where_it_was_run(
    ownerless: Path, tmp_path: Path
) -> None:
    for cwd in (tmp_path, tmp_path / "mappings", ownerless):
        log = json.loads(check(ownerless, "--sarif", cwd=cwd).stdout)
        (result,) = log["runs"][0]["results"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert not uri.startswith("/")
        assert (cwd / uri).resolve() == ownerless / "net.yaml"


def test_faults_are_in_sarif_too_and_fail(ownerless: Path) -> None:
    path = ownerless / "net.yaml"
    path.write_text(path.read_text().replace("99 %", "lots"))

    answer = check(ownerless, "--sarif")

    assert answer.returncode == 1
    results = json.loads(answer.stdout)["runs"][0]["results"]
    assert [it["ruleId"] for it in results] == ["mapping-fault"]


def test_two_forms_of_one_answer_are_refused(ownerless: Path) -> None:
    answer = check(ownerless, "--sarif", "--json")

    assert answer.returncode == 2
    assert "--json and --sarif" in answer.stderr
