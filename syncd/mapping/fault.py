"""What is wrong with a mapping file, in words for the person who wrote it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

Location = tuple[str | int, ...]
"""Keys and indexes from the top of a file to a value."""

EXCERPT_CHARACTERS = 80
"""How much of the author's text a fault quotes."""


@dataclass(frozen=True)
class Fault:
    """One mistake: where it stands, what stands there, what would be right, and how to write it.

    `line` counts from 1; 0 means that there is no line to show (a folder, a setting).
    `str()` gives ``file:line path: got ...; expected ...; fix: ...``.
    """

    file: str
    line: int
    path: str
    got: str
    expected: str
    fix: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        if self.path:
            where = f"{where} {self.path}"
        return f"{where}: got {self.got}; expected {self.expected}; fix: {self.fix}"


def path_text(where: Location) -> str:
    """The location as authors read it: ``objectives[0].key_results[2].target``."""
    text = ""
    for step in where:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            key = excerpt(step)
            text += f".{key}" if text else key
    return text


def excerpt(text: str) -> str:
    """The text on one line, at most `EXCERPT_CHARACTERS` long, ending in … where it was cut."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT_CHARACTERS else line[: EXCERPT_CHARACTERS - 1] + "…"


LISTED = 25
"""The most names that a fault counts up; a longer list is not read."""


def among(word: str, known: Iterable[str]) -> str:
    """The known words, sorted; of more than `LISTED` those most like this one, and how many more.

    >>> among("hosts", ["sites", "hosts_up", "racks"])
    'hosts_up, racks, sites'
    """
    every = sorted(known)
    if len(every) <= LISTED:
        return listed(every)
    close = difflib.get_close_matches(word, every, n=5, cutoff=0.0)
    return f"{', '.join(close)} and {len(every) - len(close)} more"


def listed(words: Iterable[str], *, last: str = ", ") -> str:
    """The words on one line, the last two joined by `last`; ``none`` for no words."""
    every = list(words)
    if len(every) < 2:
        return "".join(every) or "none"
    return ", ".join(every[:-1]) + last + every[-1]
