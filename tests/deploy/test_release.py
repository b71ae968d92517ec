"""What a release is made of: its notes, the licences of what goes along."""

from __future__ import annotations

import re
import subprocess

import pytest

from deploy.release import licences
from deploy.release.licences import (
    EXCEPTIONS,
    LOCK,
    Package,
    packages,
    page,
    permitted,
    pinned,
    surprises,
)
from deploy.release.notes import CHANGELOG, UNRELEASED, Unfit, notes, untold, version_of, versions

SAID = """# Changelog

## Unreleased

- Soon.

## 1.3.0 - 2026-04-01

### Added
- This.

## 1.2.0 - 2026-01-01

- That.
"""


def test_the_notes_of_a_version_are_its_section_of_the_changelog() -> None:
    assert notes(SAID, "1.3.0") == "### Added\n- This.\n"
    assert notes(SAID, "1.2.0") == "- That.\n"
    # a candidate is what is to come
    assert notes(SAID, "1.4.0-rc1") == "- Soon.\n"


def test_a_version_of_which_the_changelog_says_nothing_is_no_release() -> None:
    with pytest.raises(Unfit, match=r'expected a section "## 1.4.0 - YYYY-MM-DD"'):
        notes(SAID, "1.4.0")
    with pytest.raises(Unfit, match=r"expected v1.2.3 or v1.2.3-rc1"):
        version_of("1.2.3")


def test_the_changelog_tells_of_every_version_that_has_a_tag_and_has_a_place_for_the_next() -> None:
    text = CHANGELOG.read_text(encoding="utf-8")
    tags = subprocess.run(
        ["git", "tag", "--merged", "HEAD", "--list", "v*.*.*"],
        cwd=CHANGELOG.parent,
        capture_output=True,
        text=True,
        check=False,  # an archive is no clone: it has no tags either
    ).stdout.split()

    assert text.index(f"## {UNRELEASED}") < text.index("### Added")
    assert untold(text, tags) == []
    assert untold(SAID, ["v1.2.0", "v1.2.1", "v1.4.0-rc1"]) == ["v1.2.1"]
    assert versions(SAID) == ["1.3.0", "1.2.0"]


@pytest.fixture(scope="module")
def found() -> list[Package]:
    return packages()


def test_the_page_of_licences_is_of_what_runs_with_syncd_now(found: list[Package]) -> None:
    written = licences.PAGE.read_text(encoding="utf-8")

    assert page(found) == written, "write it anew with `make licences`, and look at what changed"
    assert re.search(r"\| \[sqlalchemy\]\(\S+\) \| MIT \|", written)
    assert len(pinned(LOCK.read_text(encoding="utf-8"))) > 50


def test_a_licence_that_nobody_has_looked_at_is_a_surprise() -> None:
    told = surprises(
        [
            Package("good", "MIT OR GPL-3.0-only"),
            Package("bad", "AGPL-3.0-only"),
            Package("unknown", "UNKNOWN"),
            Package("certifi", EXCEPTIONS["certifi"][0]),
            # an exception is for one licence
            Package("psycopg", "GPL-3.0-only"),
        ]
    )

    assert [one.split(":")[0] for one in told] == ["bad", "unknown", "psycopg"]
    assert "got AGPL-3.0-only; expected a licence of 0BSD, Apache-2.0" in told[0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", True),
        ("MIT AND (GPL-2.0-only OR Apache-2.0)", True),
        ("(MIT OR GPL-2.0-only) AND LGPL-3.0-only", False),
        ("MIT OR", False),
        ("MIT; Apache-2.0", False),
        ("MIT Apache-2.0", False),
        ("(MIT", False),
        ("", False),
    ],
)
def test_an_expression_is_met_by_what_is_allowed_or_it_is_not(
    expression: str, expected: bool
) -> None:
    assert permitted(expression) is expected


def test_every_exception_is_still_needed(found: list[Package]) -> None:
    assert {*EXCEPTIONS} <= {one.name for one in found}
    assert not [name for name, (licence, _) in EXCEPTIONS.items() if permitted(licence)]
