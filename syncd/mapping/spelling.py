"""What keys and entries stand at a place of a file, and how a name would be spelt."""

from __future__ import annotations

import re
from collections.abc import Mapping

from syncd.mapping.document import Document
from syncd.mapping.fault import Location


def keys_at(document: Document, where: Location) -> list[str]:
    """The keys of the mapping there; none where it is refused, or no mapping."""
    node = document.node(where)
    if node is None or not isinstance(node.value, Mapping) or document.refused(where):
        return []
    return list(node.value)


def length_at(document: Document, where: Location) -> int:
    """How many entries the list there has; none where it is refused, or no list."""
    node = document.node(where)
    if node is None or not isinstance(node.value, tuple) or document.refused(where):
        return 0
    return len(node.value)


def respelt(name: str, between: str) -> str:
    """The words of a name in small letters with `between` them, as names are spelt."""
    words = re.findall("[a-z0-9]+", name.lower())
    return between.join(words) if words and words[0][0].isalpha() else "another name"
