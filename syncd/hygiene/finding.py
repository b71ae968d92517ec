"""What a rule is, what it finds, and where that stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from syncd.hygiene.written import Written
from syncd.mapping import Subject


class Severity(StrEnum):
    """How bad a finding is; the words are SARIF's."""

    ERROR = "error"
    """Two things that are said cannot both be so."""
    WARNING = "warning"
    """Something is left open that somebody will miss."""
    NOTE = "note"
    """Worth knowing; it may well be meant."""


@dataclass(frozen=True)
class Spot:
    """A line of a mapping file: `file` as faults name it, `line` from 1, `path` in the file down to
    the key, where there is one to show.
    """

    file: str
    line: int
    path: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.path}".rstrip()


@dataclass(frozen=True)
class Hit:
    """What a rule's function gives: `says` what is wrong with the subject, with its id in it;
    `fix` is what to write. `key` is the key of the subject that it is about, `others` are the
    subjects that it is about as well.
    """

    subject: Subject
    says: str
    fix: str
    key: str | None = None
    others: tuple[Subject, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One thing that hygiene looks for. `title` names it, `why` says what comes of it, `fix` how it
    is mended, both in sentences.
    """

    id: str
    severity: Severity
    title: str
    why: str
    fix: str
    find: Callable[[Written], Iterable[Hit]]


@dataclass(frozen=True)
class Finding:
    """One thing that a rule found, with its place. `others` are what it is about as well, with
    theirs. `str()` gives ``file:line path: what is wrong; fix: what to write``.
    """

    rule: str
    severity: Severity
    subject: Subject
    spot: Spot
    says: str
    fix: str
    others: tuple[tuple[Subject, Spot], ...] = ()

    def __str__(self) -> str:
        return f"{self.spot}: {self.says}; fix: {self.fix}"

    def document(self) -> dict[str, Any]:
        """The same for JSON. A subject is ``KIND:PERIOD/NAME``."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "subject": str(self.subject),
            **vars(self.spot),
            "says": self.says,
            "fix": self.fix,
            "others": [{"subject": str(it), **vars(spot)} for it, spot in self.others],
        }
