"""What `syncd plan` says of edited files: what differs."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.cli.plan.world import DAYS, ORGANISATION, TEAM, TODAY, Json, Place, movements


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
