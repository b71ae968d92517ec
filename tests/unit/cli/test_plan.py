"""`syncd plan` before it is applied, and `syncd once` after: on a sandbox Jira and a real store."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from syncd.cli.app import app
from syncd.clock import ManualClock, SystemClock
from syncd.demo.jira import JiraSandbox
from syncd.demo.jira.quarter import quarter_seed
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
DONE = "  done: {measure: jira.ratio, jql: project = CE, passing: statusCategory = Done}\n"
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


@pytest.fixture(scope="module")
def jira() -> Iterator[JiraSandbox]:
    clock = ManualClock(datetime(2026, 2, 15, 12, tzinfo=UTC))
    with JiraSandbox(quarter_seed(), clock.now, token=TOKEN, flavour="datacenter") as sandbox:
        yield sandbox


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


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, jira: JiraSandbox) -> Place:
    """One for all plans, which is possible because they change nothing."""
    return measured(tmp_path_factory.mktemp("place"), jira)


@pytest.fixture
def own_place(tmp_path: Path, jira: JiraSandbox) -> Place:
    """One to apply plans to."""
    return measured(tmp_path, jira)


def movements(plan: Json) -> dict[str, Json]:
    return {one["key"]: one for one in plan["movements"]}


def fields(plan: Json, key: str) -> dict[str, tuple[Json, Json]]:
    (found,) = [one for one in plan["differences"] if one["key"] == key]
    return {one["name"]: (one["before"], one["after"]) for one in found["fields"]}


class TestDifferences:
    def test_the_files_in_force_are_no_change(self, place: Place) -> None:
        place.edit()

        plan = place.plan()

        assert (plan["changes"], plan["differences"], plan["movements"]) == (False, [], [])
        assert place("plan").stdout == "No changes: the mapping files say what is in force.\n"

    def test_an_indicator_under_another_name_is_no_change(self, place: Place) -> None:
        place.edit(("cka: {", "certified: {"), ("indicator: cka", "indicator: certified"))

        assert place.plan()["changes"] is False

    def test_an_inline_indicator_that_gets_a_name_is_no_change(self, place: Place) -> None:
        place.edit(
            (
                "indicator:\n          measure: jira.count\n          jql: project = CE AND issuetype = PoC",
                "indicator: pocs",
            )
        )

        assert place.plan()["changes"] is False

    def test_every_field_is_told_as_it_was_and_as_it_would_be(self, place: Place) -> None:
        place.edit(
            ("title: Team certified", "title: The team is certified"),
            ("owner: CE lead\n        indicator: cka", "indicator: cka"),
            ("needs: [ce-o1-kr1]", "needs: [external:room]"),
            ("title: A team that", "weight: 2\n    title: A team that"),
            ("owner: Facilities", "owner: Ops"),
        )

        plan = place.plan("--offline")

        assert fields(plan, "ce-o1-kr1") == {
            "title": ("Team certified", "The team is certified"),
            "owner": ("CE lead", "nobody"),
        }
        assert fields(plan, "ce-o1-kr3") == {"needs": ("ce-o1-kr1", "external:room")}
        assert fields(plan, "ce-o1") == {"weight": ("1", "2")}
        assert fields(plan, "room") == {"owner": ("Facilities", "Ops")}

    def test_a_changed_indicator_is_told_key_by_key(self, place: Place) -> None:
        place.edit(("jql: project = CE AND labels = cka, passing", "jql: project = CE, passing"))

        plan = place.plan("--offline")

        assert fields(plan, "cka") == {
            "jql": ("project = CE AND labels = cka", "project = CE"),
        }
        assert [one["kind"] for one in plan["differences"]] == ["indicator"]

    def test_a_removed_key_result_is_told_with_what_it_was(self, place: Place) -> None:
        place.edit((TEAM[TEAM.index("      - id: ce-o1-kr3") :], ""))

        plan = place.plan()

        (gone,) = plan["differences"]
        assert (gone["key"], gone["how"]) == ("ce-o1-kr3", "removed")
        moved = movements(plan)["ce-o1-kr3"]
        assert moved["before"]["value"] is not None
        assert moved["after"] is None

    def test_a_change_that_many_have_alike_is_told_once(self, place: Place) -> None:
        many = "".join(
            f"""\
      - id: ce-o1-kr{number}
        title: Another {number}
        indicator: pocs
        target: {{at_least: 1}}
"""
            for number in range(4, 8)
        )
        place.write("edited", TEAM + many, ORGANISATION + "judgement: {hold: 2 h}\n")

        told = place("plan", "--offline").stdout

        # of those that have it alike once, and of each of the four new ones its own
        assert told.count("hold: 0 s → 2 h") == 1
        assert "3 key results alike" in told
        assert told.count("hold: 2 h") == 4

    def test_faults_are_all_told_and_nothing_else(self, place: Place) -> None:
        place.edit(("at_least: 100 %", "at_least: lots"), ("jira.count, jql", "jira.cuont, jql"))

        answer = place("plan")

        assert answer.returncode == 1
        assert answer.stdout == ""
        assert answer.stderr.count("ce.yaml:") == 2
        faults = json.loads(place("plan", "--json").stdout)["faults"]
        assert [fault["file"] for fault in faults] == ["edited/ce.yaml", "edited/ce.yaml"]

    def test_files_for_several_periods_are_planned_together(
        self, place: Place, tmp_path: Path
    ) -> None:
        elsewhere = Place(tmp_path, place.jira)
        (tmp_path / "settings.yaml").write_text(
            (place.folder / "settings.yaml").read_text("utf-8"), "utf-8"
        )
        (tmp_path / "edited").mkdir()
        elsewhere.write("edited/now", TEAM)
        later = ORGANISATION.replace("id: now", "id: later")
        later = later.replace(f"to: {TODAY + DAYS}", f"to: {TODAY + 3 * DAYS}")
        later = later.replace(f"from: {TODAY - DAYS}", f"from: {TODAY + 2 * DAYS}")
        elsewhere.write("edited/later", TEAM, later)

        answer = elsewhere("plan", "--offline", "--json")

        assert answer.returncode == 0, answer.stderr
        added = {one["key"] for one in json.loads(answer.stdout)["differences"]}
        assert {"now/ce-o1-kr1", "later/ce-o1-kr1"} <= added


class TestMovements:
    def test_a_changed_target_moves_the_status_of_the_stored_number(self, place: Place) -> None:
        place.edit(("at_least: 100 %", "at_least: 60 %"))
        asked = place.jira.requests

        moved = movements(place.plan())["ce-o1-kr1"]

        assert moved["before"]["status"] == "off_track"
        assert moved["after"]["status"] == "on_track"
        assert moved["after"]["value"] == moved["before"]["value"]
        assert moved["after"]["progress"] > moved["before"]["progress"]
        assert moved["after"]["reason"] != moved["before"]["reason"]
        assert place.jira.requests == asked

    def test_a_changed_query_moves_the_number_and_who_waits_for_it(self, place: Place) -> None:
        place.edit(("jql: project = CE AND labels = cka, passing", "jql: project = CE, passing"))

        moved = movements(place.plan())

        assert moved["ce-o1-kr1"]["after"]["value"] != moved["ce-o1-kr1"]["before"]["value"]
        assert moved["ce-o1-kr1"]["after"]["status"] == "off_track"
        assert set(moved) == {"ce-o1-kr1"}

    def test_offline_a_new_number_is_not_known_and_not_made_up(self, place: Place) -> None:
        place.edit(("jql: project = CE AND labels = cka, passing", "jql: project = CE, passing"))
        asked = place.jira.requests

        plan = place.plan("--offline")

        moved = movements(plan)["ce-o1-kr1"]
        assert plan["unread"] == {"cka": "not measured"}
        assert moved["unread"] == "not measured"
        assert moved["after"]["value"] == moved["before"]["value"]
        assert place.jira.requests == asked

    def test_a_status_that_must_hold_first_is_told_with_its_time(self, place: Place) -> None:
        place.edit(
            ("at_least: 100 %", "at_least: 60 %"),
            ("timezone: UTC", "timezone: UTC\njudgement: {hold: 2 h}"),
        )

        moved = movements(place.plan())["ce-o1-kr1"]

        assert (moved["after"]["status"], moved["after"]["raw_status"]) == ("off_track", "on_track")
        assert moved["later"]
        told = place("plan").stdout
        assert f"told as ● on track from {moved['later']} on" in told

    def test_what_is_new_is_measured_and_judged(self, place: Place) -> None:
        place.write(
            "edited",
            TEAM
            + """\
      - id: ce-o1-kr4
        title: Everything that is done
        indicator: {measure: jira.ratio, jql: project = CE, passing: statusCategory = Done}
        target: {at_least: 20 %}
""",
        )

        plan = place.plan()

        new = movements(plan)["ce-o1-kr4"]
        assert new["before"] is None
        assert new["after"]["value"] > 0.2
        assert new["after"]["status"] == "achieved"
        told = place("plan").stdout
        assert "+ key result ce-o1-kr4 Everything that is done" in told
        assert "would be" in told

    def test_a_query_that_the_source_refuses_is_told_and_ends_with_1(self, place: Place) -> None:
        place.edit(("project = CE AND labels = cka", "project = NOWHERE AND labels = cka"))

        answer = place("plan")

        assert answer.returncode == 1
        assert "cka has no number yet" in answer.stdout
        assert "NOWHERE" in answer.stdout


class TestCost:
    def test_known_queries_cost_what_is_recorded_and_new_ones_what_was_measured(
        self, place: Place
    ) -> None:
        place.edit(("jql: project = CE AND labels = cka, passing", "jql: project = CE, passing"))

        (cost,) = place.plan()["requests"]

        assert cost["source"] == "jira"
        assert (cost["scopes_before"], cost["scopes_after"]) == (2, 2)
        assert cost["first_requests"] >= 1
        assert cost["unknown"] == 0
        # a turn of 5 minutes is 288 a day, and takes whole requests
        assert cost["before_per_day"] % 288 == cost["after_per_day"] % 288 == 0

    def test_one_query_less_costs_less(self, place: Place) -> None:
        place.edit(
            ("indicator: cka", "indicator: pocs"),
            ("target: {at_least: 100 %}", "target: {at_least: 1}"),
            (TEAM[TEAM.index("  cka:") : TEAM.index("  pocs:")], ""),
        )

        (cost,) = place.plan()["requests"]

        assert (cost["scopes_before"], cost["scopes_after"]) == (2, 1)
        assert cost["after_per_day"] < cost["before_per_day"]
        assert cost["first_requests"] == 0

    def test_offline_the_cost_of_what_is_new_is_not_known(self, place: Place) -> None:
        place.edit(("jql: project = CE AND labels = cka, passing", "jql: project = CE, passing"))

        (cost,) = place.plan("--offline")["requests"]

        assert cost["unknown"] == 1


class TestTheStore:
    def test_nothing_of_it_changes(self, place: Place) -> None:
        place.edit(
            ("jql: project = CE AND labels = cka, passing", "jql: project = CE, passing"),
            (TEAM[TEAM.index("      - id: ce-o1-kr3") :], ""),
        )
        before = place.rows()

        assert place.plan()["changes"] is True

        assert place.rows() == before

    def test_without_one_everything_is_new_and_none_is_made(
        self, place: Place, tmp_path: Path
    ) -> None:
        place.edit()
        elsewhere = Place(tmp_path, place.jira)
        for name in ("settings.yaml",):
            (tmp_path / name).write_text((place.folder / name).read_text("utf-8"), "utf-8")
        elsewhere.write("edited", TEAM)

        plan = elsewhere.plan()

        assert {one["how"] for one in plan["differences"]} == {"added"}
        assert set(movements(plan)) == {"ce-o1-kr1", "ce-o1-kr2", "ce-o1-kr3"}
        assert not elsewhere.database.exists()

    def test_one_of_another_version_is_left_alone(self, place: Place, tmp_path: Path) -> None:
        elsewhere = Place(tmp_path, place.jira)
        (tmp_path / "settings.yaml").write_text(
            (place.folder / "settings.yaml").read_text("utf-8"), "utf-8"
        )
        elsewhere.write("edited", TEAM)
        sqlite3.connect(elsewhere.database).execute(
            "create table alembic_version (version_num text)"
        )

        answer = elsewhere("plan")

        assert answer.returncode == 1
        assert "has the schema of another version" in answer.stderr
        assert set(elsewhere.rows()) == {"alembic_version"}


class TestExitCode:
    @pytest.mark.parametrize(
        ("words", "without", "with_changes"), [((), 0, 0), (("--exit-code",), 0, 2)]
    )
    def test_tells_changes_only_to_who_asks_for_it(
        self, place: Place, words: tuple[str, ...], without: int, with_changes: int
    ) -> None:
        place.edit()
        assert place("plan", "--offline", *words).returncode == without
        place.edit(("at_least: 100 %", "at_least: 80 %"))
        assert place("plan", "--offline", *words).returncode == with_changes

    def test_an_error_is_never_taken_for_changes(self, place: Place) -> None:
        place.edit(("at_least: 100 %", "at_least: lots"))

        assert place("plan", "--exit-code").returncode == 1
        assert place("--database-url", "mysql://x", "plan", "--exit-code").returncode == 1


@pytest.mark.parametrize(
    "edits",
    [
        [("at_least: 100 %", "at_least: 80 %")],
        [("jql: project = CE AND labels = cka, passing", "jql: project = CE, passing")],
        [(TEAM[TEAM.index("      - id: ce-o1-kr3") :], "")],
        [
            ("needs: [ce-o1-kr1]", "needs: [ce-o1-kr2]"),
            ("title: Proofs of concept", "title: Proofs"),
            ("indicator: cka", "indicator: {measure: combine, minimum: [cka, done]}"),
            (
                "  pocs:",
                DONE + "  pocs:",
            ),
        ],
    ],
    ids=["target", "query", "removed", "composed"],
)
def test_what_is_planned_is_what_is_told_once_it_is_applied(
    own_place: Place, edits: list[tuple[str, str]]
) -> None:
    own_place.edit(*edits)
    before = own_place.told()
    planned = {
        key: one["after"] and {name: one["after"][name] for name in ("status", "value", "progress")}
        for key, one in movements(own_place.plan()).items()
    }

    assert own_place("once", "--json").returncode == 0

    after = own_place.told()
    expected: dict[str, Json] = {}
    for key in before | after:
        told = after.get(key)
        expected[key] = told and {name: told[name] for name in ("status", "value", "progress")}
    unmoved = {key: value for key, value in expected.items() if key not in planned}
    assert {key: expected[key] for key in planned} == planned
    for key, value in unmoved.items():
        assert value == {name: before[key][name] for name in ("status", "value", "progress")}
