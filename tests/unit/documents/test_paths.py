"""Each file of the repository that the pages name is there, and each room is on the page of rooms."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from deploy.site import ROOT
from tests.unit.documents.snippets import INLINE, PAGES, blocks

TOP = ("connectors", "deploy", "docs", "mappings", "syncd", "tests", ".github", ".ci")
ARCHITECTURE = ROOT / "docs" / "architecture.md"
ENDS = r"py|md|yaml|json|toml|in|lock|lark|txt|html|js|css|typ|svg|png|proto|db|ini"
PATH = re.compile(rf"(?:[\w.{{}},*-]+/)+(?:[\w.{{}},*-]+)?|[\w-]+\.(?:{ENDS})\b")
"""Something with a folder in it, or with an ending that files here have."""
ELSEWHERE = {
    "README.md": {"mappings/mine", "mappings/mine/dcim.yaml"},
    "docs/guide/start.md": {"mappings/mine"},
    "docs/guide/new-surface.md": {"syncd/surfaces/lines.py"},
    "docs/guide/new-connector.md": {"mappings/spares.yaml", "mappings/organisation.yaml"},
    "docs/decisions/0061-what-we-took-from-others.md": {
        "tests/test_exceptions.py",
        "tests/test_exported_members.py",
    },
}
"""What a page tells its reader to make, or what is another repository's."""


def named() -> Iterator[tuple[str, str]]:
    """Each path that begins with a folder of the repository, with the page that names it."""
    for page in PAGES:
        for found in INLINE.finditer(page.read_text(encoding="utf-8")):
            for word in found[1].split():
                path = re.sub(r"(:\d[\d-]*)?[,;.:]*$", "", word.partition("::")[0])
                if (
                    path.partition("/")[0] in TOP
                    and path != "deploy/syncd"
                    and PATH.fullmatch(path)
                ):
                    yield str(page.relative_to(ROOT)), path
    for block in blocks("sh"):
        for path in re.findall(rf"(?<![\w./-])(?:{'|'.join(TOP)})/[\w./*-]+", block.text):
            if path == "deploy/syncd":  # kubectl's short word for a Deployment
                continue
            yield block.place.partition("#")[0], path


def alternatives(path: str) -> list[str]:
    """What a shell makes of braces."""
    if (found := re.search(r"\{([^}]*)\}", path)) is None:
        return [path]
    return [
        one
        for choice in found[1].split(",")
        for one in alternatives(f"{path[: found.start()]}{choice}{path[found.end() :]}")
    ]


def there(path: str) -> bool:
    return all(any(ROOT.glob(one.rstrip("/"))) for one in alternatives(path))


def test_every_path_that_is_named_is_there() -> None:
    found = {*named()}

    gone = {(page, path) for page, path in found if not there(path)}
    assert len(found) > 150
    assert {one for one in gone if one[1].rstrip("/") not in ELSEWHERE.get(one[0], ())} == set()


@pytest.mark.parametrize("page", sorted(ELSEWHERE))
def test_what_a_reader_makes_is_named_and_not_there(page: str) -> None:
    told = {path.rstrip("/") for where, path in named() if where == page}

    assert ELSEWHERE[page] <= told
    assert not any(there(one) for one in ELSEWHERE[page])


def test_every_room_is_on_the_page_of_rooms() -> None:
    text = ARCHITECTURE.read_text(encoding="utf-8")
    rooms = {
        path
        for top in ("syncd", "connectors")
        for path in (ROOT / top).iterdir()
        if path.is_dir() and (path / "__init__.py").is_file()
    }
    told = {one.rstrip("/") for found in INLINE.findall(text) for one in alternatives(found)}

    assert {str(path.relative_to(ROOT)) for path in rooms} - told - {
        f"syncd/{one}" for one in told
    } == set()


def test_what_is_compared_with_others_has_file_and_line_on_both_sides() -> None:
    page = ROOT / "docs" / "decisions" / "0061-what-we-took-from-others.md"
    rows = [
        line.strip("| ").split(" | ") for line in page.read_text().splitlines() if line[:2] == "| "
    ]

    assert len(rows) > 15
    for criterion, theirs, ours, *_ in rows[2:]:
        assert re.search(r"`[\w./-]+:\d+`", theirs), criterion
        found = re.findall(r"`([\w./-]+):(\d+)`", ours)
        assert found, criterion
        for path, line in found:
            assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) >= int(line), path
