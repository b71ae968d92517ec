"""JSON from outside, read by a decoder that bad JSON cannot bring to the end of the stack."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from typing import Any

import orjson

LEVELS = 200
"""How deep JSON that orjson refuses may be nested: Python's decoder and what we do after it take
stack for each level, of a thousand frames that everybody shares.
"""

Shape = Callable[[bytes], Any]
"""Decodes an answer of the shape that is expected, and makes only what will be looked at. Raises
ValueError or RecursionError where it is of another one.
"""

_MARKS = re.compile(rb'"(?:[^"\\]|\\.)*"|([\[{])|([\]}])', re.DOTALL)


class TooDeep(ValueError):
    """The JSON is nested deeper than any answer of use is (about a thousand levels, or LEVELS)."""


def decoded(body: bytes, shape: Shape | None = None) -> Any:
    """The value that the JSON says, as `shape` makes it where the answer is of that shape. Raises
    ValueError for what is no JSON (TooDeep for what is nested too deeply, UnicodeDecodeError for
    what is no UTF-8).

    orjson goes first: it counts levels, where Python's own decoder runs out of stack, and the
    finalizers that happen to run down there fail with it. What orjson refuses is given to Python's
    decoder, which names faults better and takes half a character where an upstream has kept one;
    nothing beyond this could write it down, so it is the sign for what cannot be shown (U+FFFD).
    """
    if shape is not None:
        with contextlib.suppress(ValueError, RecursionError):
            if not body.isascii():
                body.decode()  # of what a shape skips it looks at no character
            return shape(body)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        # "Recursion limit reached" or "depth limit exceeded", by its version
        if " limit " in error.msg:
            raise TooDeep("it is nested too deeply") from error
    if _levels(body) > LEVELS:
        raise TooDeep("it is nested too deeply")
    return _whole(json.loads(body, parse_constant=_no_constant))


def _levels(body: bytes) -> int:
    """How deep brackets stand within each other, those within texts left out."""
    deepest = level = 0
    for mark in _MARKS.finditer(body):
        level += (mark[1] is not None) - (mark[2] is not None)
        deepest = max(deepest, level)
    return deepest


def _whole(value: Any) -> Any:
    """The same with whole characters only."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {_whole(name): _whole(one) for name, one in value.items()}
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
