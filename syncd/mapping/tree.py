"""YAML text as a tree that knows its lines: plain values only, nothing clever.

What YAML offers beyond plain values (anchors, aliases, merge keys, tags, directives, several
documents) is refused, so that a mapping means what it seems to say. Scalars follow the YAML 1.2
core schema, as editors do: dates, ``17:00``, ``no`` and ``010`` are text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from syncd.mapping.fault import Location
from syncd.mapping.yaml_words import Complaint, Stop, explain

Json = Any

DEPTH_LIMIT = 40
"""No mapping that a person wrote is nested deeper."""

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(
    r"[-+]?(?:0|[1-9][0-9]*)?\.[0-9]+(?:[eE][-+]?[0-9]+)?|[-+]?[1-9]\.?[eE][-+]?[0-9]+"
)
_CONSTANTS: Mapping[str, Json] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A value in a mapping and the line (from 1) of its key."""

    line: int
    node: Node


@dataclass(frozen=True)
class Node:
    """A value and the line (from 1) where it begins.

    `value` is a scalar, a tuple of nodes or a mapping of entries. `text` is a scalar as written.
    `cut` is what ended an unquoted scalar early in the author's eyes: ``" #"`` where a comment
    follows it on its line, ``","`` where it stands inside ``{ }`` and a comma follows, else None.
    `variable` is the text that stood here before variables were replaced.
    """

    line: int
    value: bool | int | float | str | tuple[Node, ...] | Mapping[str, Entry] | None
    text: str = ""
    cut: str | None = None
    variable: str | None = None

    @property
    def plain(self) -> Json:
        """The value as JSON."""
        if isinstance(self.value, tuple):
            return [node.plain for node in self.value]
        if isinstance(self.value, Mapping):
            return {key: entry.node.plain for key, entry in self.value.items()}
        return self.value


@dataclass
class Tree:
    """What a text holds: its root (None when it cannot be read) and what was refused in it."""

    root: Node | None
    complaints: list[Complaint] = field(default_factory=list)


def parse(text: str) -> Tree:
    """The tree of the text. Never raises: what is wrong is among the complaints, and `root` is
    None when the text is not YAML at all.
    """
    builder = _Builder(text)
    try:
        root = builder.document()
    except _TooDeepError as error:
        return Tree(None, [*builder.complaints, error.complaint])
    except (YAMLError, ValueError, OverflowError, LookupError, AssertionError) as error:
        # ruamel lets a few plain exceptions out (bad escapes in quotes, for one)
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        context = error.context_mark if isinstance(error, MarkedYAMLError) else None
        stop = Stop(
            text=text,
            problem=str(getattr(error, "problem", None) or ""),
            context=str(getattr(error, "context", None) or ""),
            index=mark.index if mark is not None else getattr(error, "position", None),
            opened=context.index if context is not None else None,
            where=builder.reached,
            in_flow=builder.flow > 0,
            last=builder.last,
        )
        return Tree(None, [*builder.complaints, explain(stop)])
    return Tree(root if root is not None else Node(1, None), builder.complaints)


class _TooDeepError(Exception):
    def __init__(self, complaint: Complaint) -> None:
        super().__init__()
        self.complaint = complaint


class _Builder:
    """Builds nodes from ruamel's events and remembers where it stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.events: Iterator[Event] = iter(YAML(typ="safe", pure=True).parse(text))
        self.where: list[str | int] = []
        self.flow = 0
        self.last: ScalarEvent | None = None
        self.reached: Location = ()
        self.complaints: list[Complaint] = []

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                if root is not None:
                    self.refuse(
                        event,
                        "a second document (---)",
                        "one document in a file",
                        "give it a file of its own",
                    )
                    return root
                if event.version or event.tags:
                    self.refuse(event, "a % directive", "plain YAML", "take the line out")
                root = self.node(next(self.events))
        return root

    def refuse(self, event: Event, got: str, expected: str, fix: str) -> None:
        line = event.start_mark.line + 1
        self.complaints.append(Complaint(line, tuple(self.where), got, expected, fix))

    def node(self, event: Event) -> Node:
        line = event.start_mark.line + 1
        if len(self.where) > DEPTH_LIMIT:
            raise _TooDeepError(
                Complaint(
                    line,
                    (),
                    f"values nested more than {DEPTH_LIMIT} deep",
                    "a mapping file",
                    "close the brackets that stand open",
                )
            )
        if isinstance(event, AliasEvent):
            self.refuse(
                event,
                f"*{event.anchor}, a YAML alias",
                "the value itself",
                "write it out, name it under indicators: or variables:, or quote the text if it "
                "begins with *",
            )
            return Node(line, None)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self.refuse(
                event,
                f"&{anchor}, a YAML anchor",
                "a plain value",
                "take it out, or quote the text if it begins with &",
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            shown = str(tag).replace("tag:yaml.org,2002:", "!!")
            self.refuse(
                event,
                f"{shown}, a YAML tag",
                "a plain value",
                "take it out, or quote the text if it begins with !",
            )
        if isinstance(event, ScalarEvent):
            return self.scalar(event, line)
        flow = int(bool(getattr(event, "flow_style", False)))
        self.flow += flow
        value = self.sequence() if isinstance(event, SequenceStartEvent) else self.mapping()
        self.flow -= flow
        return Node(line, value)

    def scalar(self, event: ScalarEvent, line: int) -> Node:
        self.last, self.reached = event, tuple(self.where)
        text = str(event.value)
        if any("\ud800" <= character <= "\udfff" for character in text):
            self.refuse(
                event, "half a character (a \\u escape)", "whole characters", "write it as it is"
            )
            return Node(line, None)
        if event.style is not None:
            return Node(line, text, text)
        rest = self.text[event.end_mark.index :].split("\n", 1)[0]
        cut = None
        if re.match(r"[ \t]+#", rest):
            cut = " #"
        elif self.flow and rest.lstrip().startswith(","):
            cut = ","
        return Node(line, _resolved(text), text, cut)

    def sequence(self) -> tuple[Node, ...]:
        nodes: list[Node] = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                break
            self.where.append(len(nodes))
            nodes.append(self.node(event))
            self.where.pop()
        return tuple(nodes)

    def mapping(self) -> Mapping[str, Entry]:
        entries: dict[str, Entry] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            key = self.key(event)
            self.where.append(key)
            entry = Entry(event.start_mark.line + 1, self.node(next(self.events)))
            if key == "<<":
                self.refuse(event, "<<, a YAML merge key", "the keys themselves", "write them out")
            elif "${" in key:
                self.refuse(
                    event,
                    f'"{key}", a variable in a key',
                    "a plain key; variables stand in values only",
                    "write the key out",
                )
            elif key in entries:
                self.refuse(
                    event,
                    f'"{key}" a second time (first on line {entries[key].line})',
                    "each key once",
                    "take one of them out",
                )
            else:
                entries[key] = entry
            self.where.pop()
        return entries

    def key(self, event: Event) -> str:
        if isinstance(event, ScalarEvent) and event.anchor is None and event.tag is None:
            self.last, self.reached = event, (*self.where, str(event.value))
            return str(event.value)
        self.where.append("?")
        self.refuse(
            event,
            "a key that is not plain text",
            "a word and a colon",
            "quote the text if it is a value",
        )
        self.node(event)
        self.where.pop()
        return "?"


def _resolved(text: str) -> Json:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text


def at(root: Node, where: Location) -> Node | None:
    """The node at the location, or None when there is none."""
    node = root
    for step in where:
        if isinstance(node.value, Mapping) and isinstance(step, str) and step in node.value:
            node = node.value[step].node
        elif isinstance(node.value, tuple) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            return None
    return node


def line_of(root: Node, where: Location) -> int:
    """The line of the key (or list entry) at the location; of the nearest thing above it when it
    is not there.
    """
    node, line = root, root.line
    for step in where:
        if isinstance(node.value, Mapping) and isinstance(step, str) and step in node.value:
            line, node = node.value[step].line, node.value[step].node
        elif isinstance(node.value, tuple) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.line
        else:
            break
    return line
