"""Every single mistake of the corpus is told in exactly one line, the expected one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.mapping.mutations import CORPUS, GOOD, MUTATIONS, Mutation, lay_out
from tests.unit.mapping.stand_in_measures import load_folder

RUAMEL_WORDS = ("while parsing", "while scanning", "could not find", "found character", "block end")


def test_the_good_mapping_has_no_fault() -> None:
    assert load_folder(GOOD).faults == ()


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mistake_is_told_in_the_expected_words(mutation: Mutation, tmp_path: Path) -> None:
    case = CORPUS / mutation.name

    loaded = load_folder(lay_out(case, tmp_path))

    assert (case / mutation.file).read_text() == mutation.text, "python -m ...mutations"
    assert "".join(f"{fault}\n" for fault in loaded.faults) == (case / "expected.txt").read_text()
    assert loaded.catalogue is None
    assert len(loaded.faults) == 1
    assert not any(words in str(loaded.faults[0]) for words in RUAMEL_WORDS)


def test_the_corpus_holds_nothing_else() -> None:
    assert sorted(path.name for path in CORPUS.iterdir()) == sorted(it.name for it in MUTATIONS)


def test_all_mistakes_that_leave_the_files_readable_are_told_in_one_go(tmp_path: Path) -> None:
    names = [
        "unknown-key", "number-for-owner", "guard-unknown-limit", "period-of-what-is-composed",
        "wrong-unit-of-ones-own", "unknown-measure", "unknown-need", "duration-without-unit",
        "checkpoints-falling", "no-such-day", "hold-without-space",
    ]  # fmt: skip
    mutations = [it for it in MUTATIONS if it.name in names and it.name != "number-for-owner"]
    place = lay_out(tmp_path / "nothing", tmp_path)
    for it in mutations:
        path = place / it.file
        path.write_text(path.read_text().replace(it.old, it.new))

    loaded = load_folder(place)

    expected = [(CORPUS / it.name / "expected.txt").read_text().strip() for it in mutations]
    assert sorted(str(fault) for fault in loaded.faults) == sorted(expected)
