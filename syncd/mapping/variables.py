"""``${name}`` in values: one name, one value, replaced after parsing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from syncd.mapping.document import Document
from syncd.mapping.fault import Location, among, excerpt
from syncd.mapping.tree import Entry, Node
from syncd.wording import nearest

Json = Any

BUILT_IN: Final = ("period_start", "period_end")
"""Names that the period gives a value."""

NAME: Final = "[a-z][a-z0-9_]*"
"""What a variable may be called."""

_PLACE = re.compile(r"\$(\$\{)|\$\{(" + NAME + r")\}|(\$\{[^}\s]*\}?)")
_NOT_IN_TEXT = ('"', "\\", "\n", "\r")


def of_json(value: Json, line: int) -> Node:
    """The node of a JSON value from outside the files, as if it stood on this line."""
    if isinstance(value, Mapping):
        return Node(line, {str(k): Entry(line, of_json(v, line)) for k, v in value.items()})
    if isinstance(value, (list, tuple)):
        return Node(line, tuple(of_json(item, line) for item in value))
    if isinstance(value, bool):
        return Node(line, value, "true" if value else "false")
    return Node(line, value, "" if value is None else str(value))


@dataclass(frozen=True)
class Variables:
    """Values by name. `whole` is False where some declarations could not be read: then a name
    that is not among them is passed over in silence. `given` has who gives each its value.
    """

    values: Mapping[str, Node]
    whole: bool = True
    given: Mapping[str, str] = field(default_factory=dict)

    def with_period(self, first: str, last: str) -> Variables:
        """The same with the built-in dates of a period."""
        built_in = {"period_start": of_json(first, 0), "period_end": of_json(last, 0)}
        return replace(self, values={**self.values, **built_in})

    def replace_in(self, document: Document, where: Location = ()) -> None:
        """Replaces the variables at and under the location; faults for those that cannot be."""
        node = document.node(where)
        if node is not None:
            document.root = _set(document.root, where, self._replaced(document, where, node))

    def value_in(self, document: Document, where: Location) -> Json:
        """The JSON value at the location as it would be with these variables instead of those
        that were replaced there already. Changes nothing in the document.
        """
        node = document.node(where)
        return None if node is None else self._replaced(document, where, _as_written(node)).plain

    def _replaced(self, document: Document, where: Location, node: Node) -> Node:
        value = node.value
        if isinstance(value, tuple):
            items = (self._replaced(document, (*where, i), it) for i, it in enumerate(value))
            return replace(node, value=tuple(items))
        if isinstance(value, Mapping):
            return replace(
                node,
                value={
                    key: Entry(entry.line, self._replaced(document, (*where, key), entry.node))
                    for key, entry in value.items()
                },
            )
        if not isinstance(value, str) or "${" not in value:
            return node
        whole = _PLACE.fullmatch(value)
        if whole is not None and whole[2] is not None:
            found = self._find(document, where, whole[2])
            return node if found is None else _placed(found, node.line, value)
        return self._in_text(document, where, node, value)

    def _in_text(self, document: Document, where: Location, node: Node, value: str) -> Node:
        parts: list[str] = []
        end = 0
        for place in _PLACE.finditer(value):
            parts.append(value[end : place.start()])
            end = place.end()
            if place[1] is not None:
                parts.append("${")
            elif place[2] is None:
                document.fault(
                    where,
                    f'"{excerpt(place[3])}"',
                    "a variable such as ${stream_site} (small letters, digits, _)",
                    "correct the name, or write $${ for the characters themselves",
                )
                return node
            else:
                found = self._find(document, where, place[2])
                if found is None:
                    return node
                text = _scalar_text(found)
                if text is None:
                    document.fault(
                        where,
                        f"{place[0]} inside text, which stands for {_kind(found)}",
                        'a number or text without ", \\ and line breaks',
                        f"write {place[0]} as the whole value, or use another variable",
                    )
                    return node
                parts.append(text)
        text = "".join([*parts, value[end:]])
        return replace(node, value=text, text=text, variable=value if text != value else None)

    def _find(self, document: Document, where: Location, name: str) -> Node | None:
        found = self.values.get(name)
        if found is not None:
            return found
        if not self.whole or name in BUILT_IN:
            # its declaration is refused elsewhere; this place has nothing to add
            document.silence(where)
            return None
        close = nearest(name, [*self.values, *BUILT_IN])
        document.fault(
            where,
            f"${{{name}}}, a variable that is not declared",
            f"one of {among(name, {*self.values, *BUILT_IN})}",
            f"${{{close}}}" if close else f"declare {name} in variables.yaml",
        )
        return None


def _as_written(node: Node) -> Node:
    """The node as it was before variables were replaced."""
    if node.variable is not None:
        return Node(node.line, node.variable, node.variable)
    if isinstance(node.value, tuple):
        return replace(node, value=tuple(_as_written(item) for item in node.value))
    if isinstance(node.value, Mapping):
        entries = {k: Entry(it.line, _as_written(it.node)) for k, it in node.value.items()}
        return replace(node, value=entries)
    return node


def _placed(found: Node, line: int, variable: str) -> Node:
    value = found.value
    if isinstance(value, tuple):
        value = tuple(_placed(item, line, variable) for item in value)
    return Node(line, value, found.text, None, variable)


def _scalar_text(node: Node) -> str | None:
    if node.value is None or isinstance(node.value, (tuple, Mapping)):
        return None
    return None if any(character in node.text for character in _NOT_IN_TEXT) else node.text


def _kind(node: Node) -> str:
    if isinstance(node.value, tuple):
        return "a list"
    return "nothing" if node.value is None else f"the text {excerpt(node.text)}"


def _set(root: Node, where: Location, new: Node) -> Node:
    if not where:
        return new
    value, step = root.value, where[0]
    if isinstance(value, Mapping) and isinstance(step, str):
        entry = value[step]
        changed = Entry(entry.line, _set(entry.node, where[1:], new))
        return replace(root, value={**value, step: changed})
    if isinstance(value, tuple) and isinstance(step, int):
        items = list(value)
        items[step] = _set(items[step], where[1:], new)
        return replace(root, value=tuple(items))
    raise LookupError(where)
