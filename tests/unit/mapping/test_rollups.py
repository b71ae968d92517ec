"""Results of no team, and numbers that stand beside a key result."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from syncd.mapping import SubjectKind
from syncd.model import Beside, Catalogue, Target, TargetType
from tests.unit.mapping.mutations import GOOD, lay_out
from tests.unit.mapping.stand_in_measures import ORGANISATION, load_files, load_folder


def good() -> Catalogue:
    loaded = load_folder(GOOD)
    assert loaded.catalogue is not None, [str(fault) for fault in loaded.faults]
    return loaded.catalogue


def test_a_rollup_is_a_key_result_of_no_team_at_the_end() -> None:
    key_results = good().key_results
    assert list(key_results)[-1] == "hiring"
    wanted = key_results["hiring"]
    assert (wanted.team, wanted.objective, wanted.objective_title) == ("", "", "")
    assert wanted.owner == ("Head of recruiting",)
    assert wanted.needs == ("external:recruiting",)
    assert wanted.target == Target(TargetType.AT_LEAST, goal=16.0, stretch=18.0)
    assert good().indicators[wanted.indicator].name == "hired"


def test_a_rollup_lives_by_what_the_organisation_says() -> None:
    wanted = good().key_results["hiring"]
    assert (wanted.timezone, wanted.period) == ("America/Los_Angeles", "2026-Q1")
    assert wanted.judgement.hold_seconds == 3600
    assert wanted.start == datetime(2026, 1, 1, 8, tzinfo=UTC)


def test_a_rollup_has_a_place_as_a_key_result() -> None:
    loaded = load_folder(GOOD)
    found = {subject.name: it for subject, it in loaded.places.items()
             if subject.kind is SubjectKind.KEY_RESULT}  # fmt: skip
    assert (found["hiring"].path, found["hiring"].line) == ("rollups[0]", 12)


def test_key_results_may_need_a_rollup(tmp_path: Path) -> None:
    place = lay_out(tmp_path / "nothing", tmp_path)
    net = place / "net.yaml"
    net.write_text(net.read_text().replace("needs: [net-o1-kr2]", "needs: [hiring]"))

    catalogue = load_folder(place).catalogue

    assert catalogue is not None
    assert catalogue.key_results["net-o1-kr1"].needs == ("hiring",)


def test_a_circle_through_a_rollup_is_told(tmp_path: Path) -> None:
    rollups = (
        "rollups:\n  - {id: all, title: T, needs: [one], "
        "indicator: {measure: jira.count, jql: a = b}}\n"
    )
    ops = """\
team: ops
objectives:
  - id: o
    title: T
    key_results:
      - {id: one, title: T, needs: [all], indicator: {measure: jira.count, jql: a = b}}
"""
    faults = load_files(tmp_path, None, organisation=ORGANISATION + rollups, ops=ops).faults
    assert [fault.got for fault in faults] == ["a circle: all -> one -> all"]


def test_numbers_beside_a_key_result_are_measured_and_keep_their_order() -> None:
    catalogue = good()
    lab, people = catalogue.key_results["net-o1-kr4"].beside
    assert (lab.title, people.title) == ("Cables of the lab", "People")
    assert catalogue.indicators[people.indicator].name == "hired"
    assert catalogue.indicators[lab.indicator].definition["filter"] == {"site": "lab"}
    assert lab.indicator != catalogue.key_results["net-o1-kr4"].indicator


def test_evidence_of_the_key_result_is_not_that_of_what_stands_beside(tmp_path: Path) -> None:
    ops = """\
team: ops
objectives:
  - id: o
    title: T
    key_results:
      - id: one
        title: T
        evidence: titles
        indicator: {measure: jira.count, jql: a = b}
        beside: [{title: B, indicator: {measure: jira.count, jql: c = d}}]
"""
    catalogue = load_files(tmp_path, None, ops=ops).catalogue
    assert catalogue is not None
    wanted = catalogue.key_results["one"]
    assert catalogue.indicators[wanted.indicator].evidence == "titles"
    assert wanted.beside == (Beside("B", wanted.beside[0].indicator),)
    assert catalogue.indicators[wanted.beside[0].indicator].evidence == "keys"
