"""Several periods at once: a folder for each, and nothing shared between them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from syncd.mapping import Subject, SubjectKind, base_of, digest_of, settled
from tests.unit.mapping.mutations import GOOD
from tests.unit.mapping.stand_in_measures import load_folder

TEAM = """\
team: ops
objectives:
  - id: ops-o1
    title: T
    key_results:
      - {id: ops-o1-kr1, title: T, indicator: hired, owner: "${lead}"}
indicators:
  hired: {measure: jira.count, jql: "project = HIRE AND created >= ${period_start}"}
"""


def lay_out(folder: Path, **periods: str) -> Path:
    """A folder for each period (name = what stands behind `period:`), alike otherwise."""
    for name, period in periods.items():
        place = folder / name
        place.mkdir()
        (place / "organisation.yaml").write_text(
            f"organisation: A\nperiod: {period}\ntimezone: UTC\n"
        )
        (place / "ops.yaml").write_text(TEAM)
        (place / "variables.yaml").write_text(f"variables: {{lead: Lead of {name}}}\n")
    return folder


def told(folder: Path, variables: dict[str, str] | None = None) -> list[str]:
    return [str(fault) for fault in load_folder(folder, variables).faults]


def test_each_folder_is_a_period_by_itself_and_they_come_in_order_of_their_start(
    tmp_path: Path,
) -> None:
    loaded = load_folder(lay_out(tmp_path, next="2026-Q2", this="2026-Q1", whole="2026"))

    assert loaded.faults == ()
    assert [it.period for it in loaded.catalogues] == ["2026", "2026-Q1", "2026-Q2"]
    key_results = [it.key_results["ops-o1-kr1"] for it in loaded.catalogues]
    assert [it.key for it in key_results] == [
        "2026/ops-o1-kr1", "2026-Q1/ops-o1-kr1", "2026-Q2/ops-o1-kr1"
    ]  # fmt: skip
    assert [it.owner for it in key_results] == [
        ("Lead of whole",), ("Lead of this",), ("Lead of next",)
    ]  # fmt: skip
    assert [key_results[2].start.month, key_results[2].due.month] == [4, 6]
    # one name, and three things that are measured
    definitions = [
        it.indicators[key_result.indicator].definition["jql"]
        for it, key_result in zip(loaded.catalogues, key_results, strict=True)
    ]
    assert definitions[2] == "project = HIRE AND created >= 2026-04-01"


def test_places_know_their_period(tmp_path: Path) -> None:
    loaded = load_folder(lay_out(tmp_path, this="2026-Q1", next="2026-Q2"))
    for period, file in (("2026-Q1", "this/ops.yaml"), ("2026-Q2", "next/ops.yaml")):
        subject = Subject(SubjectKind.KEY_RESULT, period, "ops-o1-kr1")
        assert (loaded.places[subject].file, loaded.places[subject].line) == (file, 6)
        assert str(subject) == f"kr:{period}/ops-o1-kr1"


def test_one_catalogue_of_several_cannot_be_asked_for(tmp_path: Path) -> None:
    loaded = load_folder(lay_out(tmp_path, this="2026-Q1", next="2026-Q2"))
    with pytest.raises(LookupError, match="several periods"):
        _ = loaded.catalogue


def test_a_folder_of_one_period_is_that_period(tmp_path: Path) -> None:
    catalogue = load_folder(lay_out(tmp_path, this="2026-Q1")).catalogue
    assert catalogue is not None
    assert catalogue.period == "2026-Q1"


def test_a_fault_in_one_period_refuses_all(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, this="2026-Q1", next="2026-Q2")
    (folder / "next" / "ops.yaml").write_text(TEAM.replace("indicator: hired", "indicator: hird"))

    loaded = load_folder(folder)

    assert (loaded.catalogues, loaded.places) == ((), {})
    assert [fault.file for fault in loaded.faults] == ["next/ops.yaml"]


def test_faults_of_all_periods_are_told_at_once(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, this="2026-Q1", next="2026-Q2")
    for name in ("this", "next"):
        path = folder / name / "ops.yaml"
        path.write_text(path.read_text().replace("title: T\n", "titel: T\n"))
    assert [fault.file for fault in load_folder(folder).faults] == [
        "next/ops.yaml", "this/ops.yaml"
    ]  # fmt: skip


def test_the_same_period_in_two_folders_is_refused(tmp_path: Path) -> None:
    assert told(lay_out(tmp_path, a="2026-Q1", b="2026-Q1")) == [
        (
            'b/organisation.yaml:2 period: got "2026-Q1" a second time (first at '
            "a/organisation.yaml:2); expected a folder of its own for each period; fix: correct "
            "the period, or move the files to the folder of the first"
        )
    ]


def test_a_folder_of_files_without_an_organisation_is_told(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, this="2026-Q1", next="2026-Q2")
    (folder / "next" / "organisation.yaml").unlink()
    assert told(folder) == [
        (
            "next: got no organisation file; expected one file that begins with organisation:; fix: "
            "organisation.yaml with organisation, period and timezone"
        )
    ]


def test_files_beside_the_folders_of_periods_are_told(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, this="2026-Q1")
    shutil.copy(folder / "this" / "organisation.yaml", folder)
    assert told(folder) == [
        (
            f"{folder.name}: got mapping files beside this/, which is a period by itself; expected "
            f"the files of one period, or a folder for each; fix: move the files that stand in "
            f"{folder.name}/ into a folder of their own, or this/ elsewhere"
        )
    ]


def test_folders_without_mapping_files_are_passed_over(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, this="2026-Q1")
    (folder / "charts").mkdir()
    (folder / "charts" / "page.html").write_text("<p>")
    (folder / "schema.json").write_text("{}")
    assert told(folder) == []
    shutil.copytree(folder / "charts", folder / "this" / "charts")
    assert told(folder / "this") == []


def test_a_variable_of_the_installation_need_only_be_declared_in_one_period(
    tmp_path: Path,
) -> None:
    folder = lay_out(tmp_path, this="2026-Q1", next="2026-Q2")
    (folder / "next" / "variables.yaml").write_text("variables: {lead: A, site: B}\n")
    assert told(folder, {"site": "C"}) == []
    assert told(folder, {"lead": "D", "sitte": "C"}) == [
        (
            'settings variables.sitte: got "sitte", which no file declares; expected the name of a '
            "variable in variables.yaml; fix: site"
        )
    ]


def test_each_digest_is_that_of_the_period_alone(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, this="2026-Q1", next="2026-Q2")
    before = {it.period: it.digest for it in load_folder(folder).catalogues}
    path = folder / "next" / "ops.yaml"
    path.write_text(f"{path.read_text()}# edited\n")
    after = {it.period: it.digest for it in load_folder(folder).catalogues}
    assert before["2026-Q1"] == after["2026-Q1"]
    assert before["2026-Q2"] != after["2026-Q2"]


def test_names_of_files_start_where_one_is_told(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, this="2026-Q1")
    assert base_of(folder) == base_of(folder / "this") == folder.resolve()
    assert (base_of(folder) / "this" / "ops.yaml").exists()


# ------------------------------------------------------------------------------------- the digest


def edit(path: str) -> Callable[[Path], object]:
    return lambda folder: (folder / path).write_text("team: ops\n")


@pytest.mark.parametrize(
    "change",
    [
        edit("next/ops.yaml"),
        edit("next/new.yaml"),
        lambda folder: (folder / "next" / "ops.yaml").rename(folder / "next" / "net.yaml"),
        lambda folder: (folder / "next").rename(folder / "later"),
        lambda folder: shutil.rmtree(folder / "next"),
    ],
    ids=["edited", "added", "renamed", "folder renamed", "folder removed"],
)
def test_the_digest_changes_with_any_file_of_any_period(
    change: Callable[[Path], object], tmp_path: Path
) -> None:
    folder = lay_out(tmp_path, this="2026-Q1", next="2026-Q2")
    before = digest_of(folder)
    assert digest_of(folder) == before
    change(folder)
    assert digest_of(folder) != before


def test_the_digest_does_not_change_with_what_is_no_mapping_file(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, this="2026-Q1")
    before = digest_of(folder)
    (folder / "this" / ".ops.yaml.swp").write_text("x")
    (folder / "this" / "README.md").write_text("x")
    assert digest_of(folder) == before


def test_the_digest_of_what_is_not_there_is_one(tmp_path: Path) -> None:
    assert digest_of(tmp_path / "nowhere") == digest_of(tmp_path / "nowhere")


def config_map(folder: Path, version: str, text: str) -> None:
    """Writes the files as Kubernetes does: real ones in a hidden folder, links to them through
    ``..data``, which is swapped at once.
    """
    hidden = folder / f"..{version}"
    shutil.copytree(GOOD, hidden / "q1-2026")
    net = hidden / "q1-2026" / "net.yaml"
    net.write_text(f"{net.read_text()}{text}")
    (folder / "..data_tmp").symlink_to(hidden.name)
    (folder / "..data_tmp").replace(folder / "..data")
    if not (folder / "q1-2026").exists():
        (folder / "q1-2026").symlink_to("..data/q1-2026")


def test_a_config_map_is_read_through_its_links_and_its_swap_is_seen(tmp_path: Path) -> None:
    config_map(tmp_path, "first", "")
    before, loaded = digest_of(tmp_path), load_folder(tmp_path)
    config_map(tmp_path, "second", "# edited\n")
    shutil.rmtree(tmp_path / "..first")

    assert loaded.faults == ()
    assert {place.file.partition("/")[0] for place in loaded.places.values()} == {"q1-2026"}
    assert digest_of(tmp_path) != before
    assert load_folder(tmp_path).faults == ()
    assert len(load_folder(tmp_path).catalogues) == 1


def test_a_config_map_that_holds_the_files_themselves_is_one_period(tmp_path: Path) -> None:
    hidden = tmp_path / "..first"
    shutil.copytree(GOOD, hidden)
    (tmp_path / "..data").symlink_to(hidden.name)
    for path in hidden.glob("*.yaml"):
        (tmp_path / path.name).symlink_to(f"..data/{path.name}")
    before = digest_of(tmp_path)

    assert load_folder(tmp_path).faults == ()
    (hidden / "net.yaml").write_text("team: net\nobjectives: []\n")
    assert digest_of(tmp_path) != before


# -------------------------------------------------------------------------- files that change


def test_files_that_change_while_they_are_read_are_read_again(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, this="2026-Q1")
    readings: list[list[str]] = []

    def read() -> list[str]:
        readings.append(told(folder))
        if len(readings) == 1:
            edit("this/ops.yaml")(folder)  # a team without objectives
        return readings[-1]

    found, digest = settled(folder, read)

    assert len(readings) == 2
    assert found is readings[1]
    assert [fault.split(": ")[1] for fault in found] == [
        "got no objectives; expected the team's objectives; fix"
    ]
    assert digest == digest_of(folder)


def test_files_that_never_rest_are_taken_as_they_are_and_looked_at_again(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, this="2026-Q1")
    readings: list[int] = []

    def read() -> int:
        readings.append(len(readings))
        (folder / "this" / "ops.yaml").write_text(f"{TEAM}# {len(readings)}\n")
        return readings[-1]

    found, digest = settled(folder, read)

    assert (found, readings) == (2, [0, 1, 2])
    assert digest != digest_of(folder)


def test_files_at_rest_are_read_once(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, this="2026-Q1")
    readings: list[int] = []
    assert settled(folder, lambda: readings.append(1)) == (None, digest_of(folder))
    assert readings == [1]
