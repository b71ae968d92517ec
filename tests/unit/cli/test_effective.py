"""`syncd check --effective KR`: the process, what it prints and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.command import syncd

ROOT = Path(__file__).parents[3]
SMALL = ROOT / "tests" / "mappings" / "small"


def check(
    folder: Path, *words: str, more: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("SYNCD_")}
    asked = ("--mappings", str(folder), "check", *words)
    return syncd(*asked, environment={**clean, **(more or {})})


def document(answer: subprocess.CompletedProcess[str]) -> Any:
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_each_value_is_a_line_with_where_it_comes_from() -> None:
    answer = check(SMALL, "--effective", "ce-o1-kr1")

    assert answer.returncode == 0
    head, _, _, *lines = answer.stdout.splitlines()
    assert head.startswith("2026-Q1/ce-o1-kr1  small/ce.yaml:")
    told = {line.split()[0]: line for line in lines}
    assert "100 %" in told["target.at_least"]
    assert "key result, small/ce.yaml:" in told["owner"]
    assert "${ce_lead}: small/variables.yaml:" in told["owner"]
    assert told["page"].split() == ["page", "false", "shipped", "default"]


def test_a_variable_of_the_environment_is_named_in_json() -> None:
    (found,) = document(
        check(SMALL, "--effective", "ce-o1-kr1", "--json", more={"SYNCD_VAR_CE_LEAD": "Ada"})
    )
    (owner,) = [it for it in found["values"] if it["key"] == "owner"]
    assert (found["id"], found["period"]) == ("ce-o1-kr1", "2026-Q1")
    assert owner["value"] == "Ada"
    assert owner["from"]["variables"] == {"ce_lead": "SYNCD_VAR_CE_LEAD"}


def test_of_several_periods_each_is_printed_unless_one_is_named(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "q1")
    shutil.copytree(SMALL, tmp_path / "q2")
    organisation = tmp_path / "q2" / "organisation.yaml"
    again = "{id: again, from: 2026-01-01, to: 2026-04-30}"
    organisation.write_text(organisation.read_text().replace("2026-Q1", again))

    both = document(check(tmp_path, "--effective", "ce-o1-kr1", "--json"))
    one = document(check(tmp_path, "--effective", "again/ce-o1-kr1", "--json"))

    assert [it["period"] for it in both] == ["2026-Q1", "again"]
    assert [it["period"] for it in one] == ["again"]


def test_an_unknown_key_result_names_the_nearest() -> None:
    answer = check(SMALL, "--effective", "ce-o1-kr11")
    assert answer.returncode == 2
    assert "did you mean ce-o1-kr1?" in answer.stderr


def test_faults_are_told_instead(tmp_path: Path) -> None:
    (tmp_path / "ops.yaml").write_text("team: ops\nobjectives: []\n")
    answer = check(tmp_path, "--effective", "ce-o1-kr1")
    assert answer.returncode == 1
    assert "no organisation file" in answer.stderr
    assert answer.stdout == ""
