"""What syncd's code logs, read from the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEVELS = {"debug", "info", "warning", "error", "exception"}


@dataclass(frozen=True)
class Logged:
    """A call that logs: the event's name, its level, and the keys that it says."""

    event: str
    level: str
    keys: frozenset[str]


def logged() -> list[Logged]:
    """All calls of `log.LEVEL(...)` in syncd."""
    paths = sorted((ROOT / "syncd").rglob("*.py"))
    return [one for path in paths for one in _in(ast.parse(path.read_text()))]


def _in(tree: ast.AST) -> Iterator[Logged]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="log"), attr=level), args=[name, *_]
            ) if level in LEVELS:
                keys = {one.arg for one in node.keywords if one.arg and one.arg != "exc_info"}
                if level == "exception" or any(one.arg == "exc_info" for one in node.keywords):
                    keys.add("exception")
                level = "error" if level == "exception" else level
                for event in _names(name):
                    yield Logged(event, level, frozenset(keys))


def _names(name: ast.expr) -> Iterator[str]:
    """The event's name, or both of those that a condition chooses from."""
    match name:
        case ast.Constant(value=str(event)):
            yield event
        case ast.IfExp(body=one, orelse=other):
            yield from (*_names(one), *_names(other))
        case _:
            raise AssertionError(f"an event without a fixed name: {ast.unparse(name)}")
