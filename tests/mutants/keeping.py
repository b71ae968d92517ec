"""What came of each mutant, kept in a file, so that a run can go on where another was stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

EXPLAINED = Path(__file__).with_name("explained.yaml")
"""Mutants that no test can or need notice, each with the reason."""


@dataclass(frozen=True)
class Came:
    """What came of a mutant: `killed`, `late` (it never ended, and was) or `lived`.

    `source` and `tests` are digests of what was run: a mutant of another text is another one, and
    one that lived is tried again when the tests are others.
    """

    id: str
    line: int
    outcome: str
    by: str
    source: str
    tests: str

    @property
    def lived(self) -> bool:
        """Whether no test noticed."""
        return self.outcome == "lived"


class Kept:
    """The file, one line for each mutant; a later line of the same one is in force."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, Came] = {}
        if path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                one = Came(**json.loads(line))
                self._found[one.id] = one

    def of(self, name: str, source: str, tests: str) -> Came | None:
        """What is still true of a mutant."""
        one = self._found.get(name)
        if one is None or one.source != source or (one.lived and one.tests != tests):
            return None
        return one

    def put(self, one: Came) -> None:
        """Keeps it at once: the next run goes on behind it."""
        self._found[one.id] = one
        self._path.parent.mkdir(exist_ok=True)
        with self._path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(asdict(one)) + "\n")


def explained() -> Mapping[str, str]:
    """The reason of each explained mutant, by its id."""
    found: dict[str, str] = {}
    for one in yaml.safe_load(EXPLAINED.read_text(encoding="utf-8")) or ():
        found |= dict.fromkeys(one["mutants"], one["because"])
    return found


def digest(paths: Iterable[Path]) -> str:
    """Of all files, also those in folders."""
    made = hashlib.sha256()
    for path in paths:
        every = sorted(path.rglob("*")) if path.is_dir() else [path]
        for one in every:
            if one.is_file() and "__pycache__" not in one.parts:
                made.update(one.read_bytes())
    return made.hexdigest()[:16]
