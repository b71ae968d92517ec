"""What `make check` finds of code that nobody uses and options that nobody sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dead import SHIPPED, never_given, unused


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A repository with nothing in its rooms."""
    for room in (*SHIPPED, "tests"):
        (tmp_path / room).mkdir()
    return tmp_path


def write(house: Path, name: str, text: str) -> None:
    (house / name).write_text(text, encoding="utf-8")


def test_what_nobody_uses_is_found_even_where_a_test_uses_it(house: Path) -> None:
    write(house, "syncd/a.py", "def lost():\n    pass\n\n\ndef used():\n    pass\n\n\nused()\n")
    write(house, "tests/a.py", "from syncd.a import lost\n\nlost()\n")

    assert list(unused(house)) == ["syncd/a.py:1: unused function 'lost'"]


def test_what_a_template_names_is_used(house: Path) -> None:
    write(house, "syncd/a.py", "class Row:\n    bar: int\n    bow: int\n\n\nRow()\n")
    write(house, "syncd/a.html", "{{ row.bar }}")

    assert list(unused(house)) == ["syncd/a.py:3: unused variable 'bow'"]


@pytest.mark.parametrize(
    "call",
    [
        "f(1, 2)",
        "f(1, second=2)",
        "f(*all)",
        "f(**all)",
        "partial(f, 1)",
        "module.f(1, 2)",
    ],
)
def test_an_option_that_some_call_may_give_is_none_that_nobody_sets(house: Path, call: str) -> None:
    write(house, "syncd/a.py", "def f(first, second=0):\n    pass\n")
    write(house, "tests/a.py", f"{call}\n")

    assert list(never_given(house)) == []


def test_an_option_that_nobody_sets_is_found(house: Path) -> None:
    write(house, "syncd/a.py", "class A:\n    def __init__(self, x, *, y=1):\n        self.f(x)\n")
    write(house, "syncd/b.py", "from syncd.a import A as B\n\nB(1)\n")

    assert list(never_given(house)) == ["syncd/a.py:2: nobody gives A() its 'y'"]


def test_another_name_of_a_class_and_a_class_made_of_it_set_its_options(house: Path) -> None:
    write(
        house,
        "syncd/a.py",
        "class A:\n    def __init__(self, *, x=1, y=2):\n        pass\n\n\n"
        "class B(A):\n    def __init__(self):\n        super().__init__(x=3)\n",
    )
    write(house, "syncd/b.py", "from syncd.a import A as Other\n\nOther(y=3)\n")

    assert list(never_given(house)) == []
