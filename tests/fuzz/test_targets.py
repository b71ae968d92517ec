"""Strangers' bytes are read or refused in words. The long search for more is `make fuzz`."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples, widened
from tests.fuzz.targets import TARGETS, seeds


@st.composite
def bent(draw: st.DrawFn, name: str) -> bytes:
    """One of a target's seeds with a piece torn out, doubled or replaced."""
    seed = draw(st.sampled_from(seeds(name)))
    start = draw(st.integers(0, len(seed)))
    end = draw(st.integers(start, min(len(seed), start + 40)))
    piece = draw(st.one_of(st.binary(max_size=12), st.just(seed[start:end] * 2)))
    return seed[:start] + piece + seed[end:]


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.data())
@settings(
    max_examples=examples(15),
    derandomize=not widened(),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_bent_bytes_break_nothing(name: str, data: st.DataObject) -> None:
    TARGETS[name](data.draw(st.one_of(bent(name), st.binary(max_size=60))))


@pytest.mark.parametrize("name", TARGETS)
def test_its_seeds_are_read(name: str) -> None:
    for seed in seeds(name):
        TARGETS[name](seed)
