"""`python -m tests.dead`: what is shipped and nobody uses, and options that nobody sets.

The first is vulture's to find; what is used where it cannot look is told to it here, with the
reason. The second is ours: a parameter with a default that no call gives, anywhere in the
repository, is a constant. Both go by names alone: two functions of one name are looked at as one,
so little is found wrongly, and not everything is found.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).parents[1]
SHIPPED = ("syncd", "connectors", "deploy")
WORDS = (".html", ".svg", ".md", ".typ", ".mako", ".lark", ".txt")
"""What is used in these (templates, grammars) is used."""
DESCRIBED = ("docs/reference/openapi.json", "mappings/schema.json")
"""Fields that are named in these are read by programs and written by authors."""

CALLED_BY_THEIR_DECORATOR = [
    "@field_validator",
    "@model_validator",
    "@*.command",
    "@*.callback",
    "@router.*",
]
CALLED_BY_NAME = {
    "__getattr__": "Python, for names of a module that are loaded when asked for",
    "model_config": "pydantic",
    "auth_flow": "httpx",
    "collect": "prometheus_client",
    "to_string": "Starlette, of a convertor of addresses",
    "regex": "Starlette, of a convertor of addresses",
    "impl": "SQLAlchemy, of a type of column",
    "cache_ok": "SQLAlchemy, of a type of column",
    "process_bind_param": "SQLAlchemy, of a type of column",
    "process_result_value": "SQLAlchemy, of a type of column",
    "issueId": "msgspec, of an answer of Jira's",
    "changeHistories": "msgspec, of an answer of Jira's",
    "issueChangeLogs": "msgspec, of an answer of Jira's",
    "nextPageToken": "msgspec, of an answer of Jira's",
    "errorMessages": "msgspec, of an answer of Jira's",
    "warningMessages": "msgspec, of an answer of Jira's",
    "pool_classes_by_scheme": "urllib3",
    "ConnectionCls": "urllib3",
    "_get_json": "the jira package",
    "use_post": "the jira package, of `_get_json`",
    "req": "requests, of an adapter's `build_response`",
    "handle_error": "socketserver",
    "log_message": "http.server",
    "do_*": "http.server",
    "close_connection": "http.server",
    "cert": "requests, of an adapter",
    "proxies": "requests, of an adapter",
    "logger": "structlog, of a processor",
    "show_version": "typer; it is answered before",
    "protocol_version": "http.server",
    "disable_nagle_algorithm": "socketserver",
    "wbufsize": "socketserver",
    "daemon_threads": "socketserver",
    "on_config": "MkDocs, of a hook",
    "on_files": "MkDocs, of a hook",
    "on_page_markdown": "MkDocs, of a hook",
    "on_post_page": "MkDocs, of a hook",
}
SET_FOR_OTHERS = {
    "case_sensitive": "re2",
    "dot_nl": "re2",
    "log_errors": "re2",
    "default_flow_style": "ruamel.yaml",
    "read_only": "psycopg",
    "isolation_level": "sqlite3",
    "should_exit": "uvicorn",
    "trust_env": "requests",
    "_content": "requests",
    "_content_consumed": "requests",
    "openapi": "FastAPI, which asks it for the document",
}
READ_BY_VALUE = {
    "as_": "the key `as` of a mapping file",
    "WEEKLY": "a rhythm in the settings",
    "u_height": "a NetBox sandbox copies what a seed says",
    "asset_tag": "the same",
    "length_unit": "the same",
    "_device_*": "the sandbox calls these by what happened",
    "_bay_*": "the same",
    "_interface_*": "the same",
    "_cable_*": "the same",
    "_entry_*": "the same",
    "_thing_*": "the same",
}
GIVEN_BY_OTHERS = {"_get_json": "the jira package"}


@dataclass(frozen=True)
class Parameter:
    """One with a default. `place` counts from 0 without `self`; None: by keyword alone."""

    file: Path
    line: int
    of: str
    name: str
    place: int | None


@dataclass
class Calls:
    """What is given to one name: keywords, and the most that was given by place."""

    keywords: set[str] = field(default_factory=set)
    most: int = 0
    anything: bool = False


# ------------------------------------------------------------------------------------ what is used


def unused(root: Path = ROOT) -> Iterator[str]:
    """A line for each name that is made and that nobody uses."""
    looking = Vulture(
        ignore_names=[*CALLED_BY_NAME, *SET_FOR_OTHERS, *READ_BY_VALUE],
        ignore_decorators=CALLED_BY_THEIR_DECORATOR,
    )
    looking.scavenge([str(root / room) for room in SHIPPED])
    elsewhere = _words(root) | _described()
    told_by_tests = _words(root, ["tests"], [".py"])
    for one in looking.get_unused_code():
        path = Path(one.filename).relative_to(root)
        sandbox = path.is_relative_to("syncd/demo")
        if "migrations" in path.parts or one.name in elsewhere:
            continue
        if sandbox and one.name in told_by_tests:
            continue
        yield f"{path}:{one.first_lineno}: {one.message}"


def _words(root: Path, rooms: Sequence[str] = SHIPPED, endings: Sequence[str] = WORDS) -> set[str]:
    texts = (
        path.read_text(encoding="utf-8")
        for room in rooms
        for path in (root / room).rglob("*")
        if path.suffix in endings
    )
    return {word for text in texts for word in re.findall(r"[A-Za-z_]\w*", text)}


def _described() -> set[str]:
    found: set[str] = set()

    def look(node: object) -> None:
        if isinstance(node, dict):
            found.update(node.get("properties", {}))
            for below in node.values():
                look(below)
        elif isinstance(node, list):
            for below in node:
                look(below)

    for name in DESCRIBED:
        look(json.loads((ROOT / name).read_text(encoding="utf-8")))
    return found


# ------------------------------------------------------------------------------------ what is given


def never_given(root: Path = ROOT) -> Iterator[str]:
    """A line for each parameter with a default that no call gives."""
    calls: dict[str, Calls] = defaultdict(Calls)
    parameters: list[Parameter] = []
    for room in (*SHIPPED, "tests"):
        for path in sorted((root / room).rglob("*.py")):
            looking = _Looking(path.relative_to(root), calls)
            looking.visit(ast.parse(path.read_text(encoding="utf-8")))
            parameters += looking.parameters if room in SHIPPED else []
    for one in parameters:
        if one.of in GIVEN_BY_OTHERS:
            continue
        given = calls[one.of]
        by_place = one.place is not None and given.most > one.place
        if not (given.anything or by_place or one.name in given.keywords):
            yield f"{one.file}:{one.line}: nobody gives {one.of}() its {one.name!r}"


class _Looking(ast.NodeVisitor):
    """The parameters and the calls of one file. A class is called for its `__init__`, and for those
    of what it is made of; a name that is imported as another stands for both.
    """

    def __init__(self, file: Path, calls: dict[str, Calls]) -> None:
        self.parameters: list[Parameter] = []
        self._file = file
        self._calls = calls
        self._within: ast.ClassDef | None = None
        self._known_as: dict[str, str] = {}

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self._known_as |= {one.asname: one.name for one in node.names if one.asname}

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outer, self._within = self._within, node
        self.generic_visit(node)
        self._within = outer

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if not node.decorator_list or not any(map(_is_told_from_outside, node.decorator_list)):
            self._declared(node)
        outer, self._within = self._within, self._within if node.name == "__init__" else None
        self.generic_visit(node)
        self._within = outer

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  the visitor's own name

    def visit_Call(self, node: ast.Call) -> None:
        for name in self._named(node.func):
            self._given(self._calls[name], node.args, node.keywords)
        for argument in node.args:  # handed over, as to partial() and Thread()
            for name in self._named(argument):
                self._calls[name].anything = True
        for keyword in node.keywords:
            for name in self._named(keyword.value):
                self._calls[name].anything = True
        self.generic_visit(node)

    def _declared(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        arguments = node.args
        placed = [*arguments.posonlyargs, *arguments.args]
        bound = bool(placed) and placed[0].arg in ("self", "cls")
        of = self._within.name if self._within and node.name == "__init__" else node.name
        first = len(placed) - len(arguments.defaults)
        for place, one in enumerate(placed[first:], first - bound):
            self.parameters.append(Parameter(self._file, one.lineno, of, one.arg, place))
        for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if default is not None:
                self.parameters.append(Parameter(self._file, one.lineno, of, one.arg, None))

    def _named(self, node: ast.expr) -> Iterator[str]:
        name = getattr(node, "id", None) or getattr(node, "attr", None)
        if name == "__init__" and self._within is not None:
            yield from (base for one in self._within.bases for base in self._named(one))
        elif isinstance(name, str):
            yield self._known_as.get(name, name)

    def _given(
        self, calls: Calls, placed: Sequence[ast.expr], keywords: Sequence[ast.keyword]
    ) -> None:
        calls.most = max(calls.most, len(placed))
        calls.keywords |= {one.arg for one in keywords if one.arg}
        calls.anything |= any(isinstance(one, ast.Starred) for one in placed)
        calls.anything |= any(one.arg is None for one in keywords)


def _is_told_from_outside(decorator: ast.expr) -> bool:
    """Whether a command line or a request gives the parameters."""
    words = ast.unparse(decorator)
    return bool(re.match(r"\w+\.(command|callback|get|post|put|delete|patch)\(", words))


def main() -> int:
    """Prints what is found; 1 if there is something."""
    found = [*unused(), *never_given()]
    for line in found:
        print(line)  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
