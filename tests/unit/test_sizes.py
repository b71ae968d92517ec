"""A module that is long says in its first lines why it is one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINES = 420
LONG = [
    path.relative_to(ROOT)
    for room in ("syncd", "connectors", "deploy")
    for path in sorted((ROOT / room).rglob("*.py"))
    if len(path.read_text(encoding="utf-8").splitlines()) > LINES
]


@pytest.mark.parametrize("path", LONG, ids=str)
def test_a_long_module_says_why_it_is_one(path: Path) -> None:
    said = ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8"))) or ""

    assert "in one place because" in " ".join(said.split())
