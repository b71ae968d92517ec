"""The corpus of single mistakes: each case is one change to the good mapping.

``python -m tests.unit.mapping.mutations`` writes the mutated file of every case, and its
`expected.txt` where there is none yet; what it says there is for a person to read and judge.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.unit.mapping.cases import files, measures, quarter

HERE = Path(__file__).parent
GOOD = HERE / "good"
CORPUS = HERE / "faults"
FOLDER = "q1-2026"
"""What faults call the folder of the files."""


class Mutation(NamedTuple):
    """In the good `file`, `old` (which stands there once) becomes `new`."""

    name: str
    file: str
    old: str
    new: str

    @property
    def text(self) -> str:
        """The mutated file."""
        good = (GOOD / self.file).read_text()
        assert good.count(self.old) == 1, f"{self.name}: {good.count(self.old)} × {self.old!r}"
        return good.replace(self.old, self.new)


def lay_out(mutated: Path, folder: Path) -> Path:
    """The good mapping in a folder of its own, with the files of the case over it."""
    place = folder / FOLDER
    shutil.copytree(GOOD, place)
    for file in mutated.glob("*.yaml"):
        shutil.copy(file, place)
    return place


MUTATIONS = [Mutation(*it) for it in (*files.CASES, *measures.CASES, *quarter.CASES)]


def write() -> None:
    """Writes the corpus anew; expected texts that exist stay."""
    from tests.unit.mapping.stand_in_measures import load_folder

    for mutation in MUTATIONS:
        case = CORPUS / mutation.name
        case.mkdir(parents=True, exist_ok=True)
        (case / mutation.file).write_text(mutation.text)
        expected = case / "expected.txt"
        if not expected.exists():
            with tempfile.TemporaryDirectory() as scratch:
                loaded = load_folder(lay_out(case, Path(scratch)))
            expected.write_text("".join(f"{fault}\n" for fault in loaded.faults))


if __name__ == "__main__":
    write()
