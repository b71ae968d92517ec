"""What the tests of this folder share."""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from syncd.cli.app import app
from syncd.clock import SystemClock
from syncd.demo.jira import JiraSandbox
from tests.unit.cli.test_explain_and_set import Answer

TOKEN = "jira-sandbox-token"
TODAY = SystemClock().now().date()
DAYS = timedelta(days=45)
ORGANISATION = f"""\
organisation: Test
period: {{id: now, from: {TODAY - DAYS}, to: {TODAY + DAYS}}}
timezone: UTC
external:
  room: {{title: A room for trainings, owner: Facilities}}
"""
TEAM = """\
team: ce
indicators:
  cka: {measure: jira.ratio, jql: project = CE AND labels = cka, passing: statusCategory = Done}
  pocs: {measure: jira.count, jql: project = CE AND issuetype = PoC}
objectives:
  - id: ce-o1
    title: A team that knows Kubernetes
    key_results:
      - id: ce-o1-kr1
        title: Team certified
        owner: CE lead
        indicator: cka
        target: {at_least: 100 %}
      - id: ce-o1-kr2
        title: Proofs of concept
        owner: CE lead
        indicator: pocs
        target: {at_least: 1}
      - id: ce-o1-kr3
        title: Work that waits for it
        owner: CE lead
        indicator:
          measure: jira.count
          jql: project = CE AND issuetype = PoC
        target: {at_least: 1}
        needs: [ce-o1-kr1]
"""
Json = Any


@dataclass
class Place:
    """A folder of mapping files, an edited one, a store, and a Jira that counts."""

    folder: Path
    jira: JiraSandbox

    def __call__(self, *words: str, mappings: str = "edited") -> Answer:
        environment: dict[str, str | None] = dict.fromkeys(
            name for name in os.environ if name.startswith("SYNCD_")
        )
        found = CliRunner().invoke(
            app,
            [
                *("--config", str(self.folder / "settings.yaml")),
                *("--mappings", str(self.folder / mappings)),
                *("--database-url", f"sqlite:///{self.database}"),
                *words,
            ],
            env={**environment, "T_JIRA": TOKEN, "COLUMNS": "200"},
        )
        return Answer(found.stdout, found.stderr, found.exit_code)

    @property
    def database(self) -> Path:
        return self.folder / "syncd.db"

    def write(self, name: str, team: str, organisation: str = ORGANISATION) -> None:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        (folder / "ce.yaml").write_text(team, encoding="utf-8")
        (folder / "organisation.yaml").write_text(organisation, encoding="utf-8")

    def edit(self, *pairs: tuple[str, str]) -> None:
        """The files in force with each first text replaced by the second."""
        team, organisation = TEAM, ORGANISATION
        for old, new in pairs:
            assert old in team + organisation
            team, organisation = team.replace(old, new), organisation.replace(old, new)
        self.write("edited", team, organisation)

    def plan(self, *words: str) -> Json:
        answer = self("plan", "--json", *words)
        assert answer.returncode in (0, 2), answer.stderr + answer.stdout
        return json.loads(answer.stdout)

    def told(self) -> dict[str, Json]:
        answer = self("status", "--json")
        return {one["id"]: one for one in json.loads(answer.stdout)}

    def rows(self) -> dict[str, list[Any]]:
        """Everything that the store holds."""
        connection = sqlite3.connect(self.database)
        try:
            names = connection.execute("select name from sqlite_master where type = 'table'")
            return {
                name: sorted(map(repr, connection.execute(f"select * from {name}")))  # noqa: S608
                for (name,) in names.fetchall()
            }
        finally:
            connection.close()


def measured(folder: Path, jira: JiraSandbox) -> Place:
    """An organisation of which everything has been measured once."""
    (folder / "settings.yaml").write_text(
        f'sources: {{jira: {{kind: jira, url: "{jira.url}", token: {{env: T_JIRA}}}}}}\n',
        encoding="utf-8",
    )
    found = Place(folder, jira)
    found.write("in-force", TEAM)
    first = found("once", "--json", mappings="in-force")
    assert first.returncode == 0, first.stderr
    return found


def movements(plan: Json) -> dict[str, Json]:
    return {one["key"]: one for one in plan["movements"]}
