"""What a docstring shows comes out as it is shown."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHOWING = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for room in ("syncd", "connectors", "deploy")
    for path in sorted((ROOT / room).rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", SHOWING)
def test_every_example_of_a_module_holds(name: str) -> None:
    found = doctest.testmod(import_module(name))

    assert found.attempted
    assert not found.failed
