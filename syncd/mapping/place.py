"""Where what a catalogue holds is written, for who has something to say about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from syncd.mapping.document import Document
from syncd.mapping.fault import Location, path_text
from syncd.mapping.spelling import keys_at


class SubjectKind(StrEnum):
    """What is written in mapping files and can be spoken of. A roll-up is a key result."""

    PERIOD = "period"
    TEAM = "team"
    OBJECTIVE = "objective"
    KEY_RESULT = "kr"
    INDICATOR = "indicator"
    EXTERNAL = "external"


class Subject(NamedTuple):
    """One thing of one period: ``kr:2026-Q1/dcim-o1-kr1``. `name` is its id or name (of a period
    its id again); only named indicators are subjects.
    """

    kind: SubjectKind
    period: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.period}/{self.name}"


@dataclass(frozen=True)
class Place:
    """Where something is written: `file` as faults name it, `line` from 1, `path` in the file
    (``objectives[0].key_results[2]``), and `keys`, the lines of the keys directly in it.
    """

    file: str
    line: int
    path: str
    keys: Mapping[str, int] = field(default_factory=dict)

    def line_of(self, key: str) -> int:
        """The line of the key; where the author left it out, of the thing itself."""
        return self.keys.get(key, self.line)


def place_at(document: Document, where: Location) -> Place:
    """The place of what is written at the location."""
    keys = {key: document.line((*where, key)) for key in keys_at(document, where)}
    return Place(document.name, document.line(where), path_text(where), keys)
