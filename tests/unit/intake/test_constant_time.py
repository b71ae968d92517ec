"""What is secret is never compared by `==`, which ends at the first byte that differs: who guesses
could measure how much of a guess was right.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FILES = [
    ROOT / "syncd" / "intake" / "access.py",
    ROOT / "syncd" / "intake" / "hooks.py",
    *(ROOT / "connectors").glob("*/hook.py"),
    ROOT / "syncd" / "surfaces" / "api" / "paging.py",
]
"""Where tokens, signatures and seals that others sent are looked at."""
SECRET = {"token", "secret", "signature", "digest", "seal", "password", "sent", "given", "expected"}
BY_BYTES = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)


def compared(source: str) -> Iterator[str]:
    """Each comparison of text by its bytes in which something secret takes part, None aside."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Compare):
            continue
        if not any(isinstance(one, BY_BYTES) for one in node.ops):
            continue
        names = {
            word
            for side in (node.left, *node.comparators)
            for word in (getattr(side, "id", ""), getattr(side, "attr", ""))
        }
        if names & SECRET:
            yield ast.unparse(node)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_secret_is_compared_until_the_first_byte_that_differs(file: Path) -> None:
    assert list(compared(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "line", ["sent == kept", "if row.token != given: ...", "digest in known", "a.secret == 'x'"]
)
def test_such_a_comparison_is_found(line: str) -> None:
    assert list(compared(line if line.startswith("if") else f"x = {line}"))
