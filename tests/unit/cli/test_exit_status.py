"""Every exit status that the reference tells happens."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from syncd.demo.prometheus import PrometheusSandbox
from tests import command

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "exit-status.md"
SECONDS = 120.0

ORGANISATION = "organisation: Infrastructure\nperiod: 2026-Q4\ntimezone: UTC\n"
TEAM = """\
team: dcim
objectives:
  - id: dcim-o1
    title: NetBox is the source of truth
    key_results:
      - id: dcim-o1-kr1
        title: {title}
        indicator: {{measure: prometheus.query, query: up, unit: ratio}}
        target: {{at_least: {goal}}}
"""
# port 9 is the discard service's, and nobody is there
SETTINGS = """\
sources:
  prometheus: {kind: prometheus, url: "http://127.0.0.1:9", limits: {attempts: 1}, default: true}
  fine: {kind: prometheus, url: "FINE"}
every: {default: 1 s}
notifications:
  nobody_home: {url: {env: NOBODY_HOME}}
"""


class Row(NamedTuple):
    status: int
    words: str


def rows() -> list[Row]:
    found = re.findall(r"^\| (\d) \| .*\| `syncd (.*)` \|$", REFERENCE.read_text(), re.MULTILINE)
    assert len(found) == REFERENCE.read_text().count("` |\n"), "a row has another form"
    return [Row(int(status), words) for status, words in found]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Mapping files as they are in force, with a fault, and edited; a store in which a source that is
    down was asked once, beside one that answers.
    """
    folder = tmp_path_factory.mktemp("workplace")
    for name, title, goal in (
        ("mappings", "Modelled", "100 %"),
        ("faulty", "Modelled", "lots"),
        ("edited", "Modelled in whole", "100 %"),
    ):
        (folder / name).mkdir()
        (folder / name / "organisation.yaml").write_text(ORGANISATION)
        (folder / name / "dcim.yaml").write_text(TEAM.format(title=title, goal=goal))
    with PrometheusSandbox({"series": []}, lambda: datetime.now(UTC)) as fine:
        (folder / "settings.yaml").write_text(SETTINGS.replace("FINE", fine.url))
        ended(folder, "once")
        yield folder


def ended(folder: Path, words: str) -> int:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("SYNCD_")}
    environment = clean | {
        "SYNCD_CONFIG": str(folder / "settings.yaml"),
        "SYNCD_MAPPINGS": str(folder / "mappings"),
        "SYNCD_DATABASE_URL": f"sqlite:///{folder / 'syncd.db'}",
        "NOBODY_HOME": "json://127.0.0.1:9",
    }
    placed = [
        str(folder / word) if word in ("faulty", "edited", "nowhere.yaml") else word
        for word in shlex.split(words)
    ]
    answer = command.syncd(*placed, environment=environment, seconds=SECONDS)
    assert "Traceback" not in answer.stderr
    return answer.returncode


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.words)
def test_what_the_reference_tells_happens(workplace: Path, row: Row) -> None:
    assert ended(workplace, row.words) == row.status


def test_a_source_that_is_left_alone_for_a_while_is_a_failure_too(workplace: Path) -> None:
    assert [ended(workplace, "once") for _ in range(5)] == [1] * 5
