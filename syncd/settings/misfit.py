"""What pydantic says of a value, as the sides of a fault: what was got, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SEE = "see docs/reference/settings.md"


@dataclass(frozen=True)
class Misfit:
    """`got` never repeats a value, which may be a secret in the wrong place, unless the message of
    whoever refused it does so itself.
    """

    got: str
    expected: str
    fix: str


def misfit(kind: str, message: str, key: str) -> Misfit:
    """Of an error's `type` and `msg`, and the last key of its place.

    >>> misfit("missing", "Field required", "url").got
    'no url'
    >>> misfit("value_error", "Value error, expected HOST:PORT", "listen").expected
    'HOST:PORT'
    """
    if kind == "missing":
        return Misfit(
            f"no {key}", "a value for it", f"{key}: ..., as {SEE.removeprefix('see ')} says"
        )
    words = message.removeprefix("Value error, ").removeprefix("expected ")
    got = "a value that does not fit"
    if words.startswith("got ") and "; " in words:
        got, _, words = words.removeprefix("got ").partition("; ")
    if words.startswith("Input should be "):
        words = words.removeprefix("Input should be ")
        if words.startswith(("greater", "less")):
            words = f"a number {words}"
    return Misfit(got, words.removeprefix("expected "), SEE)


def of_error(error: Any) -> Misfit:
    """Of one of a `ValidationError`'s errors."""
    where = error["loc"]
    return misfit(error["type"], str(error["msg"]), str(where[-1]) if where else "")
