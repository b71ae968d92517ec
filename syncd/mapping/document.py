"""One mapping file being checked: its tree and the faults found in it so far."""

from __future__ import annotations

from typing import Any

from syncd.mapping.fault import Fault, Location, excerpt, path_text
from syncd.mapping.tree import Node, Tree, at, line_of

Json = Any


class Document:
    """A file's name (as faults show it), its root node, and its faults.

    A fault at a location silences later ones at and under it: whoever meets a value that is
    already refused would only repeat it.
    """

    def __init__(self, name: str, tree: Tree) -> None:
        self.name = name
        self.root = tree.root if tree.root is not None else Node(1, None)
        self.readable = tree.root is not None
        self.faults: list[Fault] = []
        self._places: set[Location] = set()
        for it in tree.complaints:
            self.fault(it.where, it.got, it.expected, it.fix, line=it.line)

    def fault(
        self, where: Location, got: str, expected: str, fix: str, *, line: int | None = None
    ) -> None:
        """Notes the fault, unless one at or above its location is noted already."""
        if self.refused(where):
            return
        if where:  # a fault of the file as such says nothing of what is in it
            self._places.add(where)
        at_line = line if line is not None else line_of(self.root, where)
        self.faults.append(Fault(self.name, at_line, path_text(where), got, expected, fix))

    def silence(self, where: Location) -> None:
        """Keeps later faults at and under the location quiet: its cause is told elsewhere."""
        self._places.add(where)

    def refused(self, where: Location) -> bool:
        """True when a fault is noted at the location or above it."""
        return any(where[:length] in self._places for length in range(len(where) + 1))

    def sound(self, where: Location) -> bool:
        """True when no fault is noted at, above or under the location."""
        depth = len(where)
        return not self.refused(where) and not any(place[:depth] == where for place in self._places)

    def node(self, where: Location) -> Node | None:
        """The node there, or None."""
        return at(self.root, where)

    def value(self, where: Location) -> Json:
        """The value there as JSON; None when there is nothing."""
        node = self.node(where)
        return None if node is None else node.plain

    def text(self, where: Location) -> str | None:
        """The scalar there as written, numbers included; None for lists, mappings, nothing."""
        node = self.node(where)
        if node is None or node.value is None or isinstance(node.value, (tuple, dict)):
            return None
        return node.text

    def line(self, where: Location) -> int:
        """The line of the key or entry there, from 1."""
        return line_of(self.root, where)

    def got(self, where: Location) -> str:
        """What stands there, as faults say it."""
        node = self.node(where)
        if node is None or node.value is None:
            return "nothing" if node is None or not node.text else f'"{excerpt(node.text)}"'
        if isinstance(node.value, tuple):
            shown = "a list" if node.value else "an empty list"
        elif isinstance(node.value, dict):
            shown = "a mapping" if node.value else "an empty mapping"
        else:
            shown = f'"{excerpt(node.text)}"'
        return shown if node.variable is None else f"{shown} (from {excerpt(node.variable)})"
