"""Each rule finds its one fault in a mapping that is clean otherwise, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from syncd.hygiene import RULES, examine
from syncd.model import Catalogue, Ending
from tests.unit.hygiene.examined import GOOD, HERE, examined, sound


@dataclass(frozen=True)
class Mutation:
    """One edit of one file of the good mapping, and all that is found then."""

    rule: str
    what: str
    file: str
    old: str
    new: str
    found: tuple[str, ...]


def mutations() -> Sequence[Mutation]:
    rows = YAML(typ="safe").load((HERE / "mutations.yaml").read_text(encoding="utf-8"))
    return [Mutation(**{**row, "found": tuple(row["found"])}) for row in rows]


MUTATIONS = mutations()


def mutated(folder: Path, mutation: Mutation) -> Path:
    copy = Path(shutil.copytree(GOOD, folder / "q1"))
    path = copy / f"{mutation.file}.yaml"
    text = path.read_text()
    assert text.count(mutation.old) == 1
    path.write_text(text.replace(mutation.old, mutation.new))
    return copy


def test_a_mapping_that_leaves_nothing_open_has_no_findings() -> None:
    assert examined(GOOD) == ()


ACROSS_PERIODS = "carried-nowhere"
"""The rule that needs the files of two periods."""


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda it: f"{it.rule}: {it.what}")
def test_one_edit_is_found_where_it_stands(mutation: Mutation, tmp_path: Path) -> None:
    findings = examined(mutated(tmp_path, mutation))

    assert tuple(str(finding) for finding in findings) == mutation.found
    assert findings[0].rule == mutation.rule


def test_every_rule_is_tried() -> None:
    tried = {mutation.rule for mutation in MUTATIONS} | {ACROSS_PERIODS}
    assert tried == {rule.id for rule in RULES}


def test_what_is_carried_must_be_in_the_later_period_where_that_is_loaded(tmp_path: Path) -> None:
    loaded = sound(GOOD)
    assert loaded.catalogue is not None
    ending = Ending(datetime(2026, 2, 1, tzinfo=UTC), "The site is late", "2026-Q2")
    krs = dict(loaded.catalogue.key_results)
    krs["net-o2-kr1"] = replace(krs["net-o2-kr1"], ending=ending)
    ours = replace(loaded.catalogue, key_results=krs)
    later = replace(loaded.catalogue, period="2026-Q2")
    without = {key: it for key, it in krs.items() if key != "net-o2-kr1"}

    def found(*others: Catalogue) -> list[str]:
        every = examine(ours, loaded.places, [ours, *others])
        return [f"{it.says}; fix: {it.fix}" for it in every if it.rule == ACROSS_PERIODS]

    assert found() == []
    assert found(later) == []
    assert found(replace(later, key_results=without)) == [
        (
            "net-o2-kr1 is carried into 2026-Q2, whose files have no key result of this id; fix: write "
            "net-o2-kr1 in the files of 2026-Q2, or say that it is abandoned"
        )
    ]


def test_what_is_carried_nowhere_is_found_where_it_says_so(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(GOOD, tmp_path / "q1"))
    path = copy / "net.yaml"
    carried = "carried: {into: 2026-Q2, from: 2026-03-02, reason: The site is late.}"
    path.write_text(
        path.read_text().replace(
            "        due: 2026-03-31", f"        due: 2026-03-31\n        {carried}"
        )
    )
    loaded = sound(copy)
    assert loaded.catalogue is not None
    later = replace(loaded.catalogue, period="2026-Q2", key_results={})

    found = examine(loaded.catalogue, loaded.places, [loaded.catalogue, later])

    assert [str(it.spot) for it in found if it.rule == ACROSS_PERIODS] == [
        "q1/net.yaml:31 objectives[1].key_results[0].carried"
    ]


@pytest.mark.parametrize(
    "mutation",
    [it for it in MUTATIONS if ".key_results[" in it.found[0] and it.rule != "unused-indicator"],
    ids=lambda it: f"{it.rule}: {it.what}",
)
def test_nothing_is_asked_of_what_was_given_up(mutation: Mutation, tmp_path: Path) -> None:
    loaded = sound(mutated(tmp_path, mutation))
    assert loaded.catalogue is not None
    ending = Ending(datetime(2026, 2, 1, tzinfo=UTC), "The site was sold")
    ended = {key: replace(it, ending=ending) for key, it in loaded.catalogue.key_results.items()}

    findings = examine(replace(loaded.catalogue, key_results=ended), loaded.places)

    assert not any(finding.rule == mutation.rule for finding in findings)


def test_who_needs_a_duplicate_waits_for_the_result_itself(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(GOOD, tmp_path / "q1"))
    path = copy / "net.yaml"
    text = path.read_text()
    path.write_text(
        text.replace("needs: [dcim-o1-kr1]", "needs: [net-o4-kr1]")
        + "  - id: net-o4\n    title: Suppliers behave\n    key_results:\n"
        "      - {id: net-o4-kr1, owner: Networking lead, duplicate_of: dcim-o2-kr1}\n"
    )

    (found,) = [it for it in examined(copy) if it.rule == "no-checkpoints"]

    assert found.says == (
        "dcim-o2-kr1 has neither checkpoints nor a milestone before its due day, and net-o2-kr1 "
        "waits for it"
    )


@pytest.mark.parametrize(
    ("rule", "of", "about"),
    [
        ("shared-indicator", "kr:2026-Q1/dcim-o2-kr1", "kr:2026-Q1/net-o2-kr1"),
        ("late-dependency", "kr:2026-Q1/net-o2-kr1", "kr:2026-Q1/dcim-o1-kr1"),
        ("same-title", "kr:2026-Q1/net-o2-kr1", "kr:2026-Q1/dcim-o1-kr1"),
        ("declared-duplicate", "kr:2026-Q1/net-o4-kr1", "kr:2026-Q1/dcim-o2-kr1"),
    ],
)
def test_what_is_about_two_leads_to_the_other_one(
    rule: str, of: str, about: str, tmp_path: Path
) -> None:
    mutation = next(it for it in MUTATIONS if it.rule == rule)

    (found,) = examined(mutated(tmp_path, mutation))

    assert (str(found.subject), [str(it) for it, _ in found.others]) == (of, [about])


def test_what_else_a_finding_is_about_comes_with_its_place(tmp_path: Path) -> None:
    mutation = next(it for it in MUTATIONS if it.rule == "milestone-with-two-dates")

    (found,) = examined(mutated(tmp_path, mutation))

    assert str(found.subject) == "kr:2026-Q1/dcim-o1-kr2"
    assert [(str(it), str(spot)) for it, spot in found.others] == [
        ("kr:2026-Q1/net-o1-kr2", "q1/net.yaml:15 objectives[0].key_results[1]")
    ]


def test_a_finding_as_a_document_says_all_that_it_says_in_words(tmp_path: Path) -> None:
    mutation = next(it for it in MUTATIONS if it.rule == "milestone-with-two-dates")

    (found,) = examined(mutated(tmp_path, mutation))

    assert found.document() == {
        "rule": "milestone-with-two-dates",
        "severity": "error",
        "subject": "kr:2026-Q1/dcim-o1-kr2",
        "file": "q1/dcim.yaml",
        "line": found.spot.line,
        "path": found.spot.path,
        "says": found.says,
        "fix": "agree on one date, and write it in each of them",
        "others": [
            {
                "subject": "kr:2026-Q1/net-o1-kr2",
                "file": "q1/net.yaml",
                "line": 15,
                "path": "objectives[0].key_results[1]",
            }
        ],
    }
