"""What the documents show in code, block by block and word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from deploy.site import BESIDE, ROOT

BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
PAGES = [
    *(ROOT / path for path in BESIDE if path != "CHANGELOG.md"),
    *sorted((ROOT / "docs").rglob("*.md")),
]
"""All but the changelog, which tells what was."""


@dataclass(frozen=True)
class Block:
    """A block of code; `place` is its page and which of them it is there."""

    place: str
    language: str
    text: str


def blocks(*languages: str) -> Iterator[Block]:
    """Those in these languages, without the indentation they stand at."""
    for page in PAGES:
        for number, found in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8")), start=1):
            if found[2] in languages:
                text = re.sub(f"^{found[1]}", "", found[3], flags=re.MULTILINE)
                yield Block(f"{page.relative_to(ROOT)}#{number}", found[2], text)


def inline() -> Iterator[tuple[str, str]]:
    """What stands in code within sentences, with its page."""
    for page in PAGES:
        for found in INLINE.finditer(BLOCK.sub("", page.read_text(encoding="utf-8"))):
            yield str(page.relative_to(ROOT)), found[1].replace("\\|", "|")
