"""Where a value of a mapping comes from: a line of a file, the installation, or syncd itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from syncd.mapping.document import Document
from syncd.mapping.fault import Location
from syncd.mapping.tree import Node
from syncd.mapping.variables import BUILT_IN, NAME

Json = Any

_USED = re.compile(r"(?<!\$)\$\{(" + NAME + r")\}")

SHIPPED: Final = "shipped default"
"""What stands for a value that nobody gave."""


@dataclass(frozen=True)
class Origin:
    """Where a value is said. `who` says it (the key result, its team, the organisation, an
    indicator by name, the settings, a measure); `file` and `line` are there where it stands in a
    mapping file. `variables` are those in it, each with who gives it its value: a line,
    ``settings``, ``SYNCD_VAR_NAME`` or the period.
    """

    who: str
    file: str | None = None
    line: int | None = None
    variables: Mapping[str, str] | None = None

    def __str__(self) -> str:
        words = self.who if self.file is None else f"{self.who}, {self.file}:{self.line}"
        used = "".join(f"; ${{{name}}}: {said}" for name, said in (self.variables or {}).items())
        return words + used

    def document(self) -> dict[str, Json]:
        """The same for a script."""
        return {
            "who": self.who,
            "file": self.file,
            "line": self.line,
            "variables": dict(self.variables or {}),
        }


@dataclass(frozen=True)
class Value:
    """One key of a key result with the value that it has. Its keys within keys have dots between
    them; JSON-able, as authors write it.
    """

    key: str
    value: Json
    origin: Origin


@dataclass(frozen=True)
class Sheet:
    """A file to take values from. `given` has who gives each variable its value."""

    document: Document
    given: Mapping[str, str]

    @property
    def owner(self) -> str:
        """Whose file it is, as origins call it."""
        of_organisation = self.document.node(("organisation",)) is not None
        return "organisation" if of_organisation else "team"

    def origin(self, where: Location, who: str | None = None) -> Origin:
        """The origin of what stands at the location, which is there."""
        document, node = self.document, self.document.node(where)
        used = () if node is None else _variables(node)
        given = {name: "period" if name in BUILT_IN else self.given[name] for name in used}
        return Origin(who or self.owner, document.name, document.line(where), given)

    def values(self, where: Location, key: str, who: str) -> Iterator[Value]:
        """What stands at the location, mapping by mapping down to single values and lists."""
        node = self.document.node(where)
        if node is None:
            return
        if isinstance(node.value, Mapping) and node.value:
            for step in node.value:
                yield from self.values((*where, step), f"{key}.{step}", who)
        else:
            yield Value(key, node.plain, self.origin(where, who))


def _variables(node: Node) -> list[str]:
    """The names of the variables in a value, each once, in their order."""
    return list(dict.fromkeys(_names(node)))


def _names(node: Node) -> Iterator[str]:
    if node.variable is not None:
        yield from _USED.findall(node.variable)
    elif isinstance(node.value, tuple):
        for item in node.value:
            yield from _names(item)
    elif isinstance(node.value, Mapping):
        for entry in node.value.values():
            yield from _names(entry.node)
