"""Two periods in one folder, from the files to what is told, in processes of their own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import command

SETTINGS = """\
sources: {jira: {kind: jira, url: "http://127.0.0.1:9", flavour: datacenter, token: {env: T_JIRA}}}
"""
TEAM = """\
team: ops
objectives:
  - id: ops-o1
    title: T
    key_results:
      - id: ops-o1-kr1
        title: Morale in TITLE
        indicator: {measure: manual, unit: percent, stale_after: 14 d}
        target: {at_least: 80 %}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "settings.yaml").write_text(SETTINGS)
    folder = tmp_path / "mappings"
    for name, period in (("spring", "2026-Q2"), ("winter", "2026-Q1")):
        place = folder / name
        place.mkdir(parents=True)
        (place / "organisation.yaml").write_text(
            f"organisation: A\nperiod: {period}\ntimezone: UTC\n"
        )
        (place / "ops.yaml").write_text(TEAM.replace("TITLE", name))
    return folder


def syncd(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    options = [
        *("--config", str(folder.parent / "settings.yaml"), "--mappings", str(folder)),
        *("--database-url", f"sqlite:///{folder.parent / 'syncd.db'}"),
    ]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder.parent), "T_JIRA": "t"}
    return command.syncd(*options, *words, environment=environment | {"COLUMNS": "200"})


def told(folder: Path) -> list[dict[str, Any]]:
    answer = syncd(folder, "once", "--json")
    assert answer.returncode == 0, answer.stderr
    return list(json.loads(answer.stdout))


def test_one_id_in_two_periods_is_two_key_results(folder: Path) -> None:
    assert sorted((it["id"], it["period"], it["title"]) for it in told(folder)) == [
        ("ops-o1-kr1", "2026-Q1", "Morale in winter"),
        ("ops-o1-kr1", "2026-Q2", "Morale in spring"),
    ]


def test_a_period_whose_folder_is_gone_is_told_no_more(folder: Path) -> None:
    told(folder)
    for path in (folder / "spring").iterdir():
        path.unlink()

    assert [it["period"] for it in told(folder)] == ["2026-Q1"]


def test_a_fault_in_one_period_leaves_both_as_they_were(folder: Path) -> None:
    told(folder)
    (folder / "winter" / "ops.yaml").write_text(TEAM.replace("TITLE", "January"))
    (folder / "spring" / "ops.yaml").write_text("team: ops\n")

    refused = syncd(folder, "once")

    assert refused.returncode == 1
    assert "spring/ops.yaml:1 objectives" in refused.stderr
    titles = [it["title"] for it in json.loads(syncd(folder, "status", "--json").stdout)]
    assert sorted(titles) == ["Morale in spring", "Morale in winter"]


def test_check_tells_each_period_and_what_it_leaves_open(folder: Path) -> None:
    answer = syncd(folder, "check")

    assert answer.returncode == 0, answer.stderr
    assert [line for line in answer.stdout.splitlines() if line.startswith("✔")] == [
        "✔ 1 key results and 1 indicators of 1 teams, 2026-Q1",
        "✔ 1 key results and 1 indicators of 1 teams, 2026-Q2",
    ]
    for name in ("winter", "spring"):
        assert f"{name}/ops.yaml:6 objectives[0].key_results[0]: ops-o1-kr1 has no owner" in (
            answer.stdout
        )
