"""Answers of an upstream with something in them that no version of it ever said."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from tests.contract.faultserver import Reply, Request, Wire

Json = Any

NESTED: Json = []
for _ in range(60):
    NESTED = [NESTED]
ODD: Sequence[Json] = (
    None, True, False, 0, -1, 1, 2**53, 2**64, -(10**30), 0.5, 1e308, -1e308, "", " ", "0", "-1",
    "1", "NaN", "+Inf", "-Inf", "nan", "true", "null", "9" * 400, "x" * 300, "é" * 300, "\u202e",
    "\x00", "\ud83d", "<script>", "../../x", "http://192.0.2.1/x", "2026-13-45", "2026-02-30T00:00:00Z",
    "0000-00-00", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "2026-01-15T10:30:00",
    "2026-01-15T10:30:00+99:99", "PT", "P1Y", "1e999", "१२", "1_000", [], {}, [None], [[]], [{}],
    [0, "a", None], {"": ""}, {"id": None}, {"value": None, "label": None}, {"name": []}, NESTED,
)  # fmt: skip
"""Values of every kind that may stand where another was due."""


@dataclass(frozen=True)
class Oddity:
    """One change of the answers: in which of them (counted from 0, from this one on if `rest`),
    where in it (each step is taken round by round among the children there are), and what: a value
    of ODD, or a word of CHANGES.
    """

    answer: int
    rest: bool
    steps: tuple[int, ...]
    what: Json

    def of(self, body: bytes) -> bytes:
        """The changed answer."""
        try:
            value = json.loads(body)
        except ValueError:
            return body
        if isinstance(self.what, Word):
            return self.what.change(value, self.steps)
        return _written(_changed(value, self.steps, lambda _: copy.deepcopy(self.what)))


@dataclass(frozen=True)
class Word:
    """A change that is no other value. Its name is shown when an example fails."""

    name: str

    def change(self, value: Json, steps: tuple[int, ...]) -> bytes:
        return CHANGES[self.name](value, steps)


def _written(value: Json) -> bytes:
    return json.dumps(value).encode()


def _changed(value: Json, steps: tuple[int, ...], change: Callable[[Json], Json]) -> Json:
    """The value with the child where the steps lead changed, as far down as they lead."""
    if not steps or not isinstance(value, dict | list) or not value:
        return change(value)
    names = list(value) if isinstance(value, dict) else list(range(len(value)))
    name = names[steps[0] % len(names)]
    value[name] = _changed(value[name], steps[1:], change)
    return value


def _without(value: Json, steps: tuple[int, ...]) -> bytes:
    """A name, or a place of a list, is not there."""

    def less(found: Json) -> Json:
        if isinstance(found, dict) and found:
            found.pop(list(found)[sum(steps) % len(found)])
        elif isinstance(found, list) and found:
            found.pop(sum(steps) % len(found))
        return found

    return _written(_changed(value, steps[:-1], less))


def _again(value: Json, steps: tuple[int, ...]) -> bytes:
    """Everything of a list comes twice."""
    return _written(_changed(value, steps, lambda one: one * 2 if isinstance(one, list) else [one]))


def _reversed(value: Json, steps: tuple[int, ...]) -> bytes:
    """A list comes from its end."""
    return _written(_changed(value, steps, lambda one: one[::-1] if isinstance(one, list) else one))


def _infinite(value: Json, steps: tuple[int, ...]) -> bytes:
    """A number beyond every float."""
    return _written(_changed(value, steps, lambda _: "@")).replace(b'"@"', b"1e400", 1)


def _cut(value: Json, steps: tuple[int, ...]) -> bytes:
    """It ends before its end."""
    text = _written(value)
    return text[: (len(text) * (1 + steps[0] if steps else 1)) // 64]


def _two(value: Json, steps: tuple[int, ...]) -> bytes:
    """Something follows it."""
    return _written(value) + b"{}"


CHANGES: dict[str, Callable[[Json, tuple[int, ...]], bytes]] = {
    "without": _without,
    "again": _again,
    "reversed": _reversed,
    "infinite": _infinite,
    "cut": _cut,
    "two": _two,
}

oddities = st.builds(
    Oddity,
    answer=st.integers(0, 6),
    rest=st.booleans(),
    steps=st.lists(st.integers(0, 63), max_size=9).map(tuple),
    what=st.sampled_from([*ODD, *map(Word, CHANGES)]),
)


class Odd:
    """A fault: the answers, counted from when it began, with these oddities in them."""

    def __init__(self, changes: Sequence[Oddity]) -> None:
        self._changes = changes
        self._answered = 0

    def __call__(self, wire: Wire, request: Request, reply: Reply) -> None:
        body, here = reply.body, self._answered
        self._answered += 1
        for one in self._changes:
            if here == one.answer or (one.rest and here > one.answer):
                body = one.of(body)
        wire.send(replace(reply, body=body))
