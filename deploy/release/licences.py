"""The licences of all that runs with syncd, and what is made of a surprise among them.

The names come from the lock file of the container and the extras beside it, the licences from what
each package says of itself (`pip-licenses`).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "deploy" / "requirements.lock"
PAGE = ROOT / "docs" / "reference" / "licences.md"

EXTRAS = ("typst",)
"""What an extra that the container does not have brings (`syncd[pdf]`)."""

ALLOWED = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "PSF-2.0", "Unlicense"}
)
"""Licences that ask for no more than that their text goes along."""

EXCEPTIONS: Mapping[str, tuple[str, str]] = {
    "certifi": (
        "MPL-2.0",
        "A list of certificates, used as it is; a changed file of it would have to be published.",
    ),
    "orjson": (
        "MPL-2.0 AND (Apache-2.0 OR MIT)",
        "Used as it is; a changed file of it would have to be published.",
    ),
    "psycopg": ("LGPL-3.0-only", "Used as a library that anybody may replace, and unchanged."),
    "psycopg-binary": (
        "LGPL-3.0-only",
        "Used as a library that anybody may replace, and unchanged.",
    ),
}
"""Licences that ask for more, of these packages alone, and why that may be."""

SAID_ELSEWHERE: Mapping[str, tuple[str, str]] = {
    "feedgen": ("BSD-2-Clause OR LGPL-3.0-or-later", "its licence files: taken under either"),
    "promql-parser": ("MIT", "its licence file; its metadata say nothing"),
    "python-dateutil": ("Apache-2.0 OR BSD-3-Clause", "its licence file: taken under either"),
}
"""Where what the package says of itself is none of the names below, or says less than its files."""

NAMES: Mapping[str, str] = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Apache2": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""Names in classifiers and metadata that older packages have, as SPDX has them."""

_PIN = re.compile(r"^([\w.-]+)==[^\s;]+(?: ; (.+?))? \\$", re.MULTILINE)
_WORDS = re.compile(r"[\w.+-]+|[()]")


class Surprise(Exception):
    """A package under a licence that nobody has looked at; the message says what to do."""


@dataclass(frozen=True)
class Package:
    """A package that runs with syncd, and the expression of its licence (SPDX)."""

    name: str
    licence: str
    url: str = ""


def pinned(lock: str) -> list[str]:
    """The names in a lock file, normalised, without what only Windows gets."""
    return sorted(
        {_normal(name) for name, marker in _PIN.findall(lock) if "'win32'" not in (marker or "")}
    )


def packages() -> list[Package]:
    """All that runs with syncd, by name. Raises Surprise for one whose licence cannot be named, and
    for one that is not installed here.
    """
    answer = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--format=json", "--from=all", "--with-urls"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = {_normal(one["Name"]): one for one in json.loads(answer.stdout)}
    wanted = [*pinned(LOCK.read_text(encoding="utf-8")), *EXTRAS]
    if missing := [name for name in wanted if name not in found]:
        raise Surprise(f"{', '.join(missing)}: not installed here; fix: make venv")
    return sorted((_package(name, found[name]) for name in wanted), key=lambda one: one.name)


def _package(name: str, said: Mapping[str, str]) -> Package:
    if name in SAID_ELSEWHERE:
        return Package(name, SAID_ELSEWHERE[name][0], said["URL"])
    sources = ("License-Expression", "License-Classifier", "License-Metadata")
    words = next((said[one] for one in sources if said[one] != "UNKNOWN"), "UNKNOWN")
    return Package(name, NAMES.get(words, words), said["URL"])


def surprises(found: Iterable[Package]) -> list[str]:
    """A sentence for each package under a licence that is neither allowed nor an exception."""
    return [
        f"{one.name}: got {one.licence}; expected a licence of {', '.join(sorted(ALLOWED))}; "
        "fix: do without it, or say in EXCEPTIONS of deploy/release/licences.py why it may be"
        for one in found
        if not permitted(one.licence) and EXCEPTIONS.get(one.name, ("", ""))[0] != one.licence
    ]


def permitted(expression: str) -> bool:
    """Whether an SPDX expression can be met by allowed licences alone: all that AND joins, one of
    those that OR joins. A text that is no such expression is not.

    >>> permitted("MIT OR GPL-3.0-only"), permitted("MIT AND GPL-3.0-only")
    (True, False)
    """
    words = _WORDS.findall(expression)
    if "".join(words) != expression.replace(" ", ""):
        return False
    try:
        met = _any(words)
    except IndexError:
        return False
    return met and not words


def _any(words: list[str]) -> bool:
    met = _all(words)
    while words and words[0] == "OR":
        words.pop(0)
        met = _all(words) or met
    return met


def _all(words: list[str]) -> bool:
    met = _one(words)
    while words and words[0] == "AND":
        words.pop(0)
        met = _one(words) and met
    return met


def _one(words: list[str]) -> bool:
    word = words.pop(0)
    if word != "(":
        return word in ALLOWED
    met = _any(words)
    return words.pop(0) == ")" and met


def page(found: Sequence[Package]) -> str:
    """docs/reference/licences.md. Raises Surprise with every package that must be looked at."""
    if told := surprises(found):
        raise Surprise("; ".join(told))
    rows = [f"| {_linked(one)} | {one.licence} | {_remark(one.name)} |" for one in found]
    return "\n".join([_HEAD, *rows, ""])


def _linked(one: Package) -> str:
    return f"[{one.name}]({one.url})" if one.url.startswith("https://") else one.name


def _remark(name: str) -> str:
    if name in EXCEPTIONS:
        return EXCEPTIONS[name][1]
    return f"Said by {SAID_ELSEWHERE[name][1]}." if name in SAID_ELSEWHERE else ""


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


_HEAD = """\
# Licences of what runs with syncd

syncd itself is under Apache-2.0 (`LICENSE`). This is every package that it runs with on Linux,
those of its extras included, in the versions of the lock files. `make licences` writes the page; a
test fails when a package comes, or changes its licence, and nobody has looked. The licences' texts
go along with each package, in its `.dist-info` folder, in the container image too; `make sbom`
writes the same list for machines, in the form of CycloneDX.

| package | licence (SPDX) | |
|---|---|---|"""
