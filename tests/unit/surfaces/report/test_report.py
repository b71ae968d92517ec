"""What stands in a report: the first sentences, what changed and why, causes, and doubts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.model import Status
from syncd.surfaces.report import NoSuchTeam, Report, build, gather
from syncd.surfaces.report.document import Change, Line
from syncd.surfaces.report.headline import headline_of
from tests.unit.surfaces.report.conftest import Make
from tests.unit.surfaces.report.world import (
    BEGINS,
    DOWN_SINCE,
    KEY_RESULTS,
    NOW,
    Organisation,
    mapping_files,
)


def lines(report: Report) -> dict[str, Line]:
    return {
        line.key: line
        for team in report.teams
        for objective in team.objectives
        for line in objective.lines
    }


def keys(changes: Sequence[Change]) -> list[str]:
    return [change.key for change in changes]


class TestHeadline:
    def test_says_aloud_how_it_stands_and_counts_no_roll_up(self, report: Report) -> None:
        assert report.headline[0] == (
            "With 56 % of 2026-Q1 gone, of 11 key results 2 are on track or achieved, 4 are behind "
            "and 5 cannot be told (4 without fresh data, 1 without a target)."
        )

    def test_names_the_cause_that_drags_most(self, report: Report) -> None:
        assert report.headline[1] == (
            "What matters most: NetBox model completeness (DCIM and networking tooling) is at risk "
            "and drags 2 other key results with it."
        )

    def test_counts_what_changed(self, report: Report) -> None:
        assert (
            report.headline[2] == "Since 13 Feb, 1 got worse, 1 got better and 5 went out of sight."
        )

    def test_of_a_team_is_the_teams_own(self, make: Make) -> None:
        report = make(team="proc")

        assert report.headline[0] == (
            "With 56 % of 2026-Q1 gone, how it stands with any of the 2 key results of Procurement "
            "cannot be told."
        )
        assert [team.key for team in report.teams] == ["proc"]
        assert report.roll_ups == []

    def test_says_when_the_quarter_is_over(self, make: Make) -> None:
        assert make(now=NOW + timedelta(days=60)).headline[0].startswith("2026-Q1 is over: of 11")

    @pytest.mark.parametrize(
        ("last", "words"),
        [
            (Status.MISSED, "of 2 key results 1 is achieved and 1 is missed or behind."),
            (Status.ON_TRACK, "of 2 key results 2 are on track or achieved."),
        ],
    )
    def test_calls_nothing_achieved_that_is_not_decided_when_the_time_is_over(
        self, organisation: Organisation, last: Status, words: str
    ) -> None:
        with organisation.store.read() as connection:
            material = gather(connection, now=NOW, since=NOW - timedelta(weeks=1))
        views = []
        for view, status in zip(material.views, (Status.ACHIEVED, last), strict=False):
            assert view.assessment is not None
            views.append(replace(view, assessment=replace(view.assessment, status=status)))

        (first, *_) = headline_of(
            views, build(material).changes, [], elapsed=1.0, period="2026-Q1", scope=None
        )

        assert first == f"2026-Q1 is over: {words}"

    def test_an_empty_store_has_a_report_that_claims_nothing(self, tmp_path: Path) -> None:
        empty = Organisation(f"sqlite:///{tmp_path / 'empty.db'}")
        with empty.store.read() as connection:
            report = build(gather(connection, now=NOW, since=NOW - timedelta(weeks=1)))
        empty.store.close()

        assert report.headline[0] == "So far, there is no key result to judge."
        assert [report.teams, report.risks, report.groups] == [[], [], []]


class TestWhatChanged:
    def test_tells_worse_better_and_lost_apart_each_with_its_reason(self, report: Report) -> None:
        changes = report.changes

        assert keys(changes.worse) == ["dcim-o2-kr3"]
        assert changes.worse[0].why.startswith("Breached on 15 Feb")
        assert keys(changes.better) == ["ops-o1-kr1"]
        assert keys(changes.lost) == [
            "net-o2-kr3",
            "net-o5-kr1",
            "proc-o2-kr2",
            "proc-o5-kr1",
            "hiring",
        ]
        assert "Jira failed to answer" in changes.lost[1].why

    def test_a_key_result_that_is_new_since_then_was_not_told(self, make: Make) -> None:
        changes = make(since=BEGINS + timedelta(days=35)).changes

        (new,) = [change for change in changes.other if change.key == "proc-o2-kr2"]
        assert new.before is None

    def test_a_value_that_moved_under_the_same_status_is_told_in_its_own_words(
        self, report: Report
    ) -> None:
        moves = {move.key: move for move in report.changes.moves}

        assert set(moves) == {"net-o2-kr2", "dcim-o1-kr1"}
        moved = moves["dcim-o1-kr1"]
        assert (moved.before, moved.after, moved.by) == ("58 %", "62 %", "+4 points")

    def test_the_largest_move_stands_first(self, report: Report) -> None:
        assert report.changes.moves[0].key == "net-o2-kr2"

    def test_tells_of_sources_mappings_and_checkpoints_the_newest_first(
        self, report: Report
    ) -> None:
        titles = [notice.title for notice in report.changes.notices]

        assert titles == [
            "Mapping refused",
            "NetBox model completeness: note of 20 Feb",
            "Jira does not answer as it should",
            "NetBox model completeness: checkpoint of 15 Feb missed",
        ]

    def test_what_happened_before_is_not_told(self, make: Make) -> None:
        changes = make(since=NOW - timedelta(hours=12)).changes

        assert changes.nothing is False
        assert keys(changes.worse) == keys(changes.better) == keys(changes.lost) == []
        assert changes.since.endswith("00:00")
        assert [notice.title for notice in changes.notices][:1] == ["Mapping refused"]
        assert "Jira does not answer as it should" not in str(changes.notices)

    def test_what_the_mapping_names_no_longer_is_gone(self, tmp_path: Path) -> None:
        small = Organisation(f"sqlite:///{tmp_path / 'small.db'}")
        small.put(mapping_files(KEY_RESULTS))
        small.measure()
        small.clock.advance(days=1)
        small.measure()
        small.put(mapping_files([kr for kr in KEY_RESULTS if kr.id != "proc-o2-kr2"]))
        now = small.clock.now()
        with small.store.read() as connection:
            report = build(gather(connection, now=now, since=now - timedelta(hours=1)))
        small.store.close()

        (gone,) = report.changes.other
        assert (gone.key, gone.after) == ("proc-o2-kr2", None)
        assert gone.before is not None


class TestCauses:
    def test_a_cause_stands_once_with_all_that_it_drags_and_the_way_there(
        self, report: Report
    ) -> None:
        first = report.risks[0]

        assert first.key == "dcim-o1-kr1"
        assert [(one.key, one.through) for one in first.drags] == [
            ("net-o2-kr1", ""),
            ("net-o2-kr2", "Configs generated from NetBox"),
        ]

    def test_the_cause_is_told_to_the_team_that_is_dragged(self, make: Make) -> None:
        (risk,) = make(team="net").risks

        assert risk.key == "dcim-o1-kr1"
        assert risk.team == "DCIM and networking tooling"

    def test_a_stale_key_result_is_no_risk_and_no_success(self, report: Report) -> None:
        at_risk = {risk.key for risk in report.risks} | {
            one.key for risk in report.risks for one in risk.drags
        }

        assert not at_risk & {"net-o2-kr3", "net-o5-kr1", "proc-o2-kr2", "hiring"}

    def test_a_dependency_outside_is_told_with_what_a_person_said_of_it(
        self, report: Report
    ) -> None:
        outside = {one.key: one for one in report.dependencies.listed if one.outside}

        cabling = outside["ict-cabling"]
        assert cabling.state == "Slipped since 11 Feb, says Ada: the | vendor is late."
        assert cabling.blocks == ["Cabling validated (Networking)"]
        recruiting = outside["recruiting"]
        assert recruiting.state == "Nobody has said how it stands."
        assert (recruiting.sign.name, recruiting.owner) == ("no_data", "nobody")

    def test_who_waits_through_others_waits_too(self, report: Report) -> None:
        (found,) = [one for one in report.dependencies.listed if one.key == "dcim-o1-kr1"]

        assert found.blocks == [
            "Configs generated from NetBox (Networking)",
            "ZTP success (Networking)",
        ]

    def test_a_due_date_that_hangs_on_something_late_is_led_down_to_it(
        self, report: Report
    ) -> None:
        (path,) = report.dependencies.paths

        assert (path.key, path.due) == ("net-o2-kr2", "31 Mar")
        assert [(step.key, step.words) for step in path.steps] == [
            ("net-o2-kr1", "lands on 6 Apr at this pace, 5 d too late"),
            ("dcim-o1-kr1", "lands on 30 Apr at this pace, 29 d too late"),
        ]


class TestTeams:
    def test_the_unknown_is_outside_the_mean_and_said_beside_it(self, report: Report) -> None:
        groups = {group.title: group for group in report.groups}

        assert groups["Networking"].unknown == "67 % unknown"
        assert groups["Procurement"].done == "unknown"
        assert groups["Procurement"].unknown == "100 % unknown"
        assert groups["Procurement"].bar.done is None

    def test_progress_that_cannot_be_told_today_is_said_to_be_the_last_known(
        self, report: Report
    ) -> None:
        assert lines(report)["proc-o2-kr2"].done == "84 % last known"
        assert lines(report)["dcim-o1-kr1"].done == "62 %"
        assert lines(report)["ops-o1-kr2"].done == "unknown"

    def test_who_owns_nothing_is_nobody(self, report: Report) -> None:
        assert lines(report)["dcim-o2-kr3"].nobody
        assert not lines(report)["dcim-o1-kr1"].nobody

    def test_a_team_that_is_not_there_is_refused_with_those_that_are(self, make: Make) -> None:
        with pytest.raises(NoSuchTeam) as refused:
            make(team="dcmi")

        assert refused.value.known == ["dcim", "net", "ops", "proc"]


def test_a_roll_up_is_told_by_its_parts_and_their_goals(report: Report) -> None:
    (hiring,) = report.roll_ups

    assert (hiring.value, hiring.target, hiring.stretch) == ("4", "at least 6", "7")
    assert [(part.team, part.value, part.wanted) for part in hiring.parts] == [
        ("Networking", "1", "at least 2"),
        ("Procurement", "3", "at least 4"),
    ]


def test_each_day_of_the_quarter_so_far_has_a_column(report: Report) -> None:
    course = report.course

    assert course is not None
    assert course.days == 90
    assert len(course.columns) == 51
    assert course.columns[0] is None
    last = course.columns[-1]
    assert last is not None
    names = [sign.name for sign in course.signs]
    assert dict(zip(names, last.counts, strict=True))["stale"] == 4
    assert sum(last.counts) == 11


class TestData:
    def test_a_source_that_fails_is_an_alarm_since_it_fails(self, report: Report) -> None:
        assert report.alarms[0] == (
            "Jira cannot be read (all queries fail since 18 Feb, 09:00); what needs it grows stale."
        )
        assert DOWN_SINCE.hour == 17

    def test_refused_mapping_files_are_an_alarm(self, report: Report) -> None:
        assert report.alarms[1].startswith("The newest mapping files were refused (1 fault, 12:00)")
        assert report.data.refused == ("dcim.yaml:3 team: got <nothing>",)

    def test_every_doubt_is_told_with_its_cause(self, report: Report) -> None:
        doubts = {key: doubt for doubt in report.data.doubts for key in doubt.keys}

        assert set(doubts) == {
            "net-o2-kr3",
            "net-o5-kr1",
            "ops-o1-kr2",
            "proc-o2-kr2",
            "proc-o5-kr1",
            "hiring",
        }
        assert doubts["proc-o2-kr2"] is doubts["hiring"]  # alike, and told once
        assert doubts["ops-o1-kr2"].what == "cannot be read; the last value still counts"

    def test_while_nothing_is_judged_the_report_says_since_when(self, make: Make) -> None:
        later = make(now=NOW + timedelta(hours=3))

        assert later.alarms[0] == (
            "Nothing has been judged since 11:59: all that follows is as it was then."
        )
        assert make().data.judged_last == ""


def test_a_declared_duplicate_stands_with_both_teams_and_counts_once(
    organisation: Organisation,
) -> None:
    with organisation.store.read() as connection:
        material = gather(connection, now=NOW, since=NOW - timedelta(weeks=1))
    (original,) = [one for one in material.views if one.key_result.id == "dcim-o1-kr1"]
    twin = replace(
        original.key_result,
        id="proc-o2-kr4",
        team="proc",
        objective="proc-o2",
        duplicate_of="dcim-o1-kr1",
    )
    more = replace(material, views=[*material.views, replace(original, key_result=twin)])

    report = build(more)

    assert {"dcim-o1-kr1", "proc-o2-kr4"} <= set(lines(report))
    assert report.headline[0].startswith("With 56 % of 2026-Q1 gone, of 11 key results")
    assert report.whole.of == 11
    assert build(more, team="proc").whole.of == 3


def test_the_same_material_gives_the_same_report(organisation: Organisation) -> None:
    with organisation.store.read() as connection:
        material = gather(connection, now=NOW, since=NOW - timedelta(weeks=1))

    assert build(material) == build(replace(material))


def test_every_status_is_in_the_legend(report: Report) -> None:
    assert [sign.name for sign in report.legend] == [status.value for status in Status]


class TestWhatPeopleSaid:
    def test_corrections_in_force_are_told_with_who_why_and_until_when(
        self, report: Report
    ) -> None:
        found = {one.key: one for one in report.corrections}

        assert set(found) == {"ops-o1-kr3", "ops-o1-kr1", "dcim-o1-kr1"}
        override = found["ops-o1-kr3"]
        assert override.what == "set to on track until 1 Mar"
        assert (override.by, override.reason) == ("Grace", "the vendor | fixed it <today>")
        assert found["ops-o1-kr1"].what == "paused until 25 Feb"
        assert found["dcim-o1-kr1"].what == "note of 20 Feb"

    def test_what_is_over_is_in_force_no_more(self, make: Make) -> None:
        later = make(now=NOW + timedelta(days=30), since=NOW + timedelta(days=20))

        assert later.corrections == []

    def test_a_status_that_was_set_by_hand_says_so_beside_it(self, report: Report) -> None:
        (mark,) = lines(report)["ops-o1-kr3"].marks

        assert mark == "Set to on track until 1 Mar by Grace: the vendor | fixed it <today>"


class TestWhatTheFilesSay:
    def test_findings_are_grouped_by_what_they_are_and_how_they_are_mended(
        self, report: Report
    ) -> None:
        assert [(one.title, one.says) for one in report.hygiene] == [
            ("A key result without an owner", ["dcim-o2-kr3 | has no owner"]),
            ("A dependency outside without a plan", ["ict-cabling has no plan"]),
        ]

    def test_a_team_is_told_of_what_is_about_its_own(self, make: Make) -> None:
        assert [one.title for one in make(team="dcim").hygiene] == ["A key result without an owner"]
        assert [one.title for one in make(team="net").hygiene] == [
            "A dependency outside without a plan"
        ]

    def test_a_joint_objective_stands_with_both_teams_and_counts_once(self, report: Report) -> None:
        ops, proc = (team for team in report.teams if team.key in ("ops", "proc"))

        (theirs,) = [one for one in ops.objectives if one.key == "ops-o7"]
        (own,) = [one for one in proc.objectives if one.key == "proc-o5"]
        assert [line.key for line in theirs.lines] == [line.key for line in own.lines]
        assert theirs.joint == "joint with Procurement; Procurement lead answers for it"
        assert own.joint == "joint with Ops | organisation; Procurement lead answers for it"
        assert report.whole.of == 11

    def test_a_number_beside_is_shown_and_not_judged(self, report: Report) -> None:
        assert list(lines(report)["proc-o5-kr1"].beside) == ["Operator pages: 40"]
