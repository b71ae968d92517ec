"""What a plan moves and costs, that it leaves the store alone, how it ends, and that it comes true."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from syncd.demo.jira import JiraSandbox
from tests.unit.cli.plan.world import TEAM, Json, Place, measured, movements

DONE = "  done: {measure: jira.ratio, jql: project = CE, passing: statusCategory = Done}\n"


@pytest.fixture
def own_place(tmp_path: Path, jira: JiraSandbox) -> Place:
    """One to apply plans to."""
    return measured(tmp_path, jira)


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
