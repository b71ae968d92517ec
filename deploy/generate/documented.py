"""The values of the chart with the comments above them, as a table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML

MARK = "# -- "
BEGIN = "<!-- values: made by `make deploy` from values.yaml -->"
END = "<!-- end of values -->"

_KEY = re.compile(r"( *)([A-Za-z]\w*):")
_COMMENT = re.compile(r" *# ?(.*)")


@dataclass(frozen=True)
class Value:
    """A value of the chart: where it is (``image.tag``), what it is by default, what it is for."""

    path: tuple[str, ...]
    default: Any
    words: str


def documented(text: str) -> list[Value]:
    """The values of a values file that have a comment beginning with ``# --``, in its order.

    Raises ValueError that names every value which neither has one nor stands within one that has.
    """
    defaults = YAML(typ="safe").load(text)
    words = dict(_comments(text))
    missing = [".".join(path) for path in _leaves(defaults, words) if path not in words]
    if missing:
        raise ValueError(f"values.yaml: write a comment `{MARK}...` above {', '.join(missing)}")
    return [Value(path, _at(defaults, path), said) for path, said in words.items()]


def table(values: Sequence[Value]) -> str:
    """A Markdown table of them."""
    rows = [
        f"| `{'.'.join(one.path)}` | `{json.dumps(one.default)}` | {one.words} |" for one in values
    ]
    return "\n".join(["| value | default | what it is for |", "|---|---|---|", *rows])


def between(page: str, text: str) -> str:
    """The page with this text between its marks."""
    head, _, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not end:
        raise ValueError(f"the page has no {BEGIN} ... {END}")
    return f"{head}{BEGIN}\n{text}\n{END}{tail}"


def _comments(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """The path of each key that stands right under a marked comment, and the comment."""
    path: list[tuple[int, str]] = []
    said: list[str] = []
    for line in text.splitlines():
        comment = _COMMENT.fullmatch(line)
        if comment is not None:
            if line.strip().startswith(MARK):
                said = [comment[1].removeprefix("-- ")]
            elif said:
                said.append(comment[1])
            continue
        key = _KEY.match(line)
        if key is not None:
            indent = len(key[1])
            path = [*(step for step in path if step[0] < indent), (indent, key[2])]
            if said:
                yield tuple(name for _, name in path), " ".join(said)
        said = []


def _leaves(
    found: Any, words: Mapping[tuple[str, ...], str], path: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    if path in words or not isinstance(found, dict) or not found:
        yield path
        return
    for key, value in found.items():
        yield from _leaves(value, words, (*path, key))


def _at(found: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        found = found[step]
    return found
