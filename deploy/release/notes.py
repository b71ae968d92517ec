"""What the changelog says of a version."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"
UNRELEASED = "Unreleased"

_TAG = re.compile(r"v(\d+\.\d+\.\d+(?:-(?:a|b|rc)\d+)?)")
_HEADING = re.compile(r"^## (\S+)(?: - (\d{4}-\d{2}-\d{2}))?$", re.MULTILINE)


class Unfit(Exception):
    """A tag or a changelog of which no release can be made."""


def version_of(tag: str) -> str:
    """The version that a tag names: `v1.2.3`, or `v1.2.3-rc1`. Raises Unfit.

    >>> version_of("v1.2.3-rc1")
    '1.2.3-rc1'
    """
    found = _TAG.fullmatch(tag)
    if found is None:
        raise Unfit(f"got the tag {tag!r}; expected v1.2.3 or v1.2.3-rc1")
    return found[1]


def versions(changelog: str) -> list[str]:
    """The versions that have a section, the newest first; without what is unreleased."""
    return [found[1] for found in _HEADING.finditer(changelog) if found[1] != UNRELEASED]


def untold(changelog: str, tags: Iterable[str]) -> list[str]:
    """Those tags of releases, candidates aside, of whose version the changelog has no section."""
    told = versions(changelog)
    return [tag for tag in tags if "-" not in tag and version_of(tag) not in told]


def notes(changelog: str, version: str) -> str:
    """The section of a version, without its heading. Of one that is a candidate (`-rc1`) and has
    none of its own: what is unreleased. Raises Unfit where there is nothing to tell.
    """
    headings = [*_HEADING.finditer(changelog)]
    sections = {
        one[1]: changelog[one.end() : after.start() if after else len(changelog)].strip()
        for one, after in zip(headings, [*headings[1:], None], strict=True)
    }
    candidate = UNRELEASED if "-" in version else version
    said = sections.get(version) or sections.get(candidate)
    if not said:
        raise Unfit(
            f"CHANGELOG.md has nothing of {version}; expected a section "
            f'"## {version} - YYYY-MM-DD"; fix: put it below "## {UNRELEASED}"'
        )
    return f"{said}\n"
