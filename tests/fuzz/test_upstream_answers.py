"""Whatever an upstream answers becomes a measurement or a named failure of that upstream."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import UpstreamError
from tests.contract.faces import CALLS, Face, Recorder, exercises
from tests.contract.faultserver import FaultServer
from tests.examples import examples, widened
from tests.fuzz.answers import Odd, Oddity, oddities

LONGEST_WORDS = 600


@pytest.fixture(scope="module")
def opened() -> Iterator[Callable[[Face], FaultServer]]:
    with ExitStack() as stack:
        known: dict[str, FaultServer] = {}

        def server(face: Face) -> FaultServer:
            if face.name not in known:
                known[face.name] = stack.enter_context(FaultServer(face.healthy))
            return known[face.name]

        yield server


def parts(value: Any) -> Iterator[Any]:
    """All plain values that a measurement is made of."""
    if is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from parts(getattr(value, one.name))
    elif isinstance(value, msgspec.Struct):
        yield from parts(msgspec.structs.astuple(value))
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from parts(inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from parts(inner)
    else:
        yield value


@pytest.mark.parametrize(
    ("face", "call"),
    [
        pytest.param(
            face, call, id=f"{call}-{face.name}", marks=pytest.mark.xdist_group(f"fuzz-{face.name}")
        )
        for face, call in exercises()
    ],
)
@given(changes=st.lists(oddities, min_size=1, max_size=3))
@settings(
    max_examples=examples(8),
    derandomize=not widened(),  # what is new is found by `make fuzz`, not by somebody's change
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_an_odd_answer_is_measured_or_fails_by_name(
    opened: Callable[[Face], FaultServer], face: Face, call: str, changes: list[Oddity]
) -> None:
    server = opened(face)
    server.fail(Odd(changes))

    with closing(face.open(server.url, Recorder())) as session:
        measured = measured_or_failed(lambda: CALLS[call](session, face.plan))

    if isinstance(measured, UpstreamError):
        assert measured.error_type not in ("upstream", "internal")
        assert 0 < len(str(measured)) < LONGEST_WORDS
        assert str(measured).isprintable()
        told = "".join(traceback.format_exception(measured))
        assert not any(secret in told for secret in hidden(face))
    for part in parts(measured):
        assert not isinstance(part, float) or math.isfinite(part)
        if isinstance(part, str):
            part.encode()


def measured_or_failed(exercise: Callable[[], Any]) -> Any:
    try:
        return exercise()
    except UpstreamError as error:
        return error


def hidden(face: Face) -> list[str]:
    return [*face.secrets.values(), *face.headers.values()]
