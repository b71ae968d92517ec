"""`make mutants`: what it makes wrong, what it remembers, and what it says of it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.keeping import Came, Kept, explained
from tests.mutants.mutations import mutants, mutated, path_of
from tests.mutants.running import root
from tests.mutants.subjects import SUBJECTS


def changes(source: str) -> list[str]:
    """Every change of a source, in words."""
    return [one.id.removeprefix("m:") for one in mutants("m", source)]


def made(source: str, number: int) -> str:
    return ast.unparse(mutated(source, number))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", ["a <= b"]),
        ("a is not None", ["a is None"]),
        ("a in b", ["a not in b"]),
        ("a and b", ["a or b"]),
        ("not a", ["a"]),
        ("a + b", ["a - b"]),
        ("a // b", ["a / b"]),
        ("f(x=a)", ["f()"]),
        ("min(a)", ["max(a)"]),
        ("[a for a in b if a]", ["[a for a in b]"]),
        ("a if b else c", ["a", "c"]),
        ("7", ["8"]),
        ("True", ["False"]),
        ("f('x')", ["f('XXx')"]),
        ("a: int = 1", ["a: int = 2"]),
    ],
)
def test_an_expression_is_made_wrong_in_these_ways(source: str, expected: list[str]) -> None:
    source = f"z = {source}" if ":" not in source else source

    found = [made(source, number) for number in range(len(mutants("m", source)))]

    assert found == [f"z = {text}" if ":" not in text else text for text in expected]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("if a:\n    b", "if not a:\n    b"),
        ("f()", "pass"),
        ("raise a", "pass"),
        ("a += b", "pass"),
        ("def f():\n    return a", "def f():\n    return None"),
        (
            "match a:\n    case b.c:\n        d\n    case _:\n        e",
            "match a:\n    case _:\n        e",
        ),
        ("for a in b:\n    break", "for a in b:\n    continue"),
    ],
)
def test_a_statement_is_made_wrong_in_these_ways(source: str, expected: str) -> None:
    assert made(source, 0) == expected


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring."""',
        "from a import b",
        "if TYPE_CHECKING:\n    a = 1",
        '__all__ = ["a"]',
        'a: Literal["x"]',
        'def f(a: "x") -> "y":\n    ...',
        "@f(1)\ndef g():\n    ...",
        'class A:\n    a: int = Field(description="x", examples=["y"])',
    ],
)
def test_what_only_says_something_is_left(source: str) -> None:
    assert changes(source) == []


def test_a_change_is_called_by_the_function_it_is_in() -> None:
    source = "class A:\n    def f(self):\n        return g(1, 1)\n"

    assert changes(source) == [
        "A.f: `return g(1, 1)` gives None",
        "A.f: 1 becomes 2",
        "A.f: 1 becomes 2 (2)",
    ]


def came(outcome: str) -> Came:
    return Came("m:f: x", 3, outcome, by="", source="s", tests="t")


def test_a_run_goes_on_where_another_was_stopped(tmp_path: Path) -> None:
    file = tmp_path / "new" / "came.jsonl"
    Kept(file).put(came("killed"))

    kept = Kept(file)

    assert kept.of("m:f: x", "s", "other tests") == came("killed")
    assert kept.of("m:f: x", "other text", "t") is None
    assert kept.of("m:f: y", "s", "t") is None


def test_what_lived_is_tried_again_with_other_tests(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "came.jsonl")
    kept.put(came("lived"))

    assert kept.of("m:f: x", "s", "t") == came("lived")
    assert kept.of("m:f: x", "s", "other tests") is None


def test_every_subject_and_its_tests_are_there() -> None:
    for it in SUBJECTS:
        assert path_of(it.module, root()).is_file(), it.module
        assert all((root() / file).is_file() for file in it.files(root())), it.module


def test_every_explained_mutant_is_one() -> None:
    every = {
        one.id
        for it in SUBJECTS
        for one in mutants(it.module, path_of(it.module, root()).read_text(encoding="utf-8"))
    }

    assert set(explained()) <= every


def test_the_command_tells_how_many_were_noticed(tmp_path: Path) -> None:
    words = ["connectors.jira.verdicts", "--sample", "3", "--keep", str(tmp_path / "came.jsonl")]

    done = subprocess.run(
        [sys.executable, "-m", "tests.mutants", *words],
        cwd=root(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode in (0, 1), done.stderr
    assert "connectors.jira.verdicts" in done.stdout
    assert len((tmp_path / "came.jsonl").read_text().splitlines()) == 3
