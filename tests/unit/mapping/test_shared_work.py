"""What two teams share: duplicates, joint objectives, and where all of it is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from syncd.mapping import Loaded, Place, Subject, SubjectKind
from syncd.model import Catalogue, KeyResult, Objective, dependants_in_order
from tests.unit.mapping.mutations import GOOD, lay_out
from tests.unit.mapping.stand_in_measures import load_folder

OWN = ("id", "title", "owner", "team", "objective", "objective_title", "note", "page", "weight")


def good() -> Loaded:
    return load_folder(GOOD)


def catalogue_of(loaded: Loaded) -> Catalogue:
    assert loaded.catalogue is not None, [str(fault) for fault in loaded.faults]
    return loaded.catalogue


def edited(folder: Path, old: str, new: str) -> Catalogue:
    place = lay_out(folder / "nothing", folder)
    net = place / "net.yaml"
    assert old in net.read_text()
    net.write_text(net.read_text().replace(old, new))
    return catalogue_of(load_folder(place))


def what_it_took(duplicate: KeyResult, original: KeyResult) -> KeyResult:
    """The duplicate with the original's own words where a duplicate has its own."""
    own = {name: getattr(original, name) for name in OWN}
    return replace(duplicate, duplicate_of=None, **own)


def test_a_duplicate_takes_all_but_its_own_words_from_the_other() -> None:
    key_results = catalogue_of(good()).key_results
    duplicate, original = key_results["net-o1-kr2"], key_results["dcim-o1-kr2"]

    assert duplicate.duplicate_of == "dcim-o1-kr2"
    assert what_it_took(duplicate, original) == original
    assert duplicate.needs == ("dcim-o1-kr1", "external:recruiting")
    assert (duplicate.team, duplicate.objective) == ("net", "net-o1")
    assert (duplicate.owner, duplicate.note) == (("Head of networking",), "DCIM does the work.")
    assert (duplicate.title, duplicate.weight) == ("Assets tracked", 1.0)


def test_a_duplicate_without_an_owner_has_none_and_weighs_as_any_other() -> None:
    key_results = catalogue_of(good()).key_results
    duplicate = key_results["net-o1-kr3"]
    assert key_results["dcim-o1-kr3"].owner
    assert (duplicate.owner, duplicate.note, duplicate.weight) == ((), None, 1.0)


def test_a_duplicate_may_have_a_title_of_its_own(tmp_path: Path) -> None:
    catalogue = edited(
        tmp_path, "of: dcim-o1-kr3\n", "of: dcim-o1-kr3\n        title: Quick vendors\n"
    )
    assert catalogue.key_results["net-o1-kr3"].title == "Quick vendors"


def test_a_duplicate_may_stand_before_what_it_repeats(tmp_path: Path) -> None:
    catalogue = edited(tmp_path, "of: dcim-o1-kr3", "of: ops-o1-kr1")
    assert catalogue.key_results["net-o1-kr3"].title == "Engineers hired"


def test_key_results_stay_in_the_order_of_the_files(tmp_path: Path) -> None:
    order = list(catalogue_of(good()).key_results)
    assert order[:-1] == sorted(order[:-1])  # roll-ups stand at the end
    assert order.index("net-o1-kr2") < order.index("ops-o1-kr1")


def test_what_a_duplicate_inherits_can_be_put_in_order() -> None:
    order = dependants_in_order(catalogue_of(good()).key_results)
    assert order.index("dcim-o1-kr1") < order.index("net-o1-kr2") < order.index("net-o1-kr1")


def test_a_key_result_in_place_of_an_indicator_is_followed_through_its_duplicate(
    tmp_path: Path,
) -> None:
    place = lay_out(tmp_path / "nothing", tmp_path)
    net = place / "net.yaml"
    text = net.read_text().replace(
        "indicator: {measure: jira.count, jql: project = LEGAL}", "indicator: net-o1-kr3"
    )
    net.write_text(text)

    faults = load_folder(place).faults

    assert [fault.expected for fault in faults] == [
        "the name of an indicator (onboarding is the one it reads)"
    ]


def test_a_joint_objective_names_the_other_team_and_who_answers() -> None:
    objectives = catalogue_of(good()).objectives
    assert objectives["net-o1"] == Objective(
        id="net-o1",
        title="Suppliers of one quality",
        team="net",
        weight=2.0,
        joint_team="plat",
        joint_id="plat-o2",
        accountable=("Head of networking",),
    )
    assert objectives["ops-o1"] == Objective("ops-o1", "Quieter, cheaper, staffed", "ops")
    assert list(objectives) == ["dcim-o1", "net-o1", "ops-o1", "plat-o1"]


def test_nobody_needs_to_answer_for_a_joint_objective_yet(tmp_path: Path) -> None:
    catalogue = edited(tmp_path, "    accountable: Head of networking\n", "")
    assert catalogue.objectives["net-o1"].accountable == ()


def test_the_period_of_a_catalogue_is_that_of_its_key_results() -> None:
    catalogue = catalogue_of(good())
    assert catalogue.period == "2026-Q1"
    assert {it.period for it in catalogue.key_results.values()} == {"2026-Q1"}
    # days begin in Los Angeles, where clocks go forward on 8 March
    assert catalogue.starts == datetime(2026, 1, 1, 8, tzinfo=UTC)
    assert catalogue.ends == datetime(2026, 4, 1, 6, 59, 59, 999_999, tzinfo=UTC)


def place(kind: SubjectKind, name: str) -> Place:
    return good().places[Subject(kind, "2026-Q1", name)]


def test_everything_has_a_place_with_the_lines_of_its_keys() -> None:
    of_kr = place(SubjectKind.KEY_RESULT, "net-o1-kr2")
    assert (of_kr.file, of_kr.line) == ("good/net.yaml", 16)
    assert of_kr.path == "objectives[0].key_results[1]"
    assert of_kr.line_of("duplicate_of") == 19
    assert of_kr.line_of("target") == 16  # not written: the key result itself
    assert place(SubjectKind.OBJECTIVE, "net-o1").line_of("joint_with") == 7
    assert place(SubjectKind.INDICATOR, "hired").path == "indicators.hired"
    assert place(SubjectKind.EXTERNAL, "gnmi-access").line == 7
    assert place(SubjectKind.TEAM, "net").line_of("title") == 2
    assert place(SubjectKind.PERIOD, "2026-Q1").line_of("period") == 2


def test_every_key_result_objective_and_external_has_a_place() -> None:
    loaded = good()
    catalogue = catalogue_of(loaded)
    names = {
        SubjectKind.KEY_RESULT: set(catalogue.key_results),
        SubjectKind.OBJECTIVE: set(catalogue.objectives),
        SubjectKind.EXTERNAL: set(catalogue.externals),
        SubjectKind.TEAM: set(catalogue.teams),
    }
    for kind, wanted in names.items():
        assert {it.name for it in loaded.places if it.kind is kind} == wanted


def test_a_mapping_with_faults_has_no_places(tmp_path: Path) -> None:
    (tmp_path / "ops.yaml").write_text("team: ops\nobjectives: 3\n")
    assert load_folder(tmp_path).places == {}
