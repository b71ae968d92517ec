"""Expressions of filters, tested here as PostgreSQL tests them, in a time that nobody can stretch."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.netbox.patterns import NotAlike, finds

LITERALS = st.text(alphabet=string.ascii_letters + string.digits + "-_ \n", max_size=20)


def test_a_catastrophic_one_ends() -> None:
    """Python's own would need longer than there are stars: the test would run into its limit."""
    assert not finds("(a+)+$", folded=False)("a" * 50_000 + "!")


@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        ("^R[0-9]+$", "R10", True),
        ("^R[0-9]+$", "R10\n", False),  # PostgreSQL's $ is the very end
        ("a.b", "a\nb", True),  # and its dot is any character
        ("[[:digit:]]{2}", "rack 42", True),
        (r"^r\d", "R1", False),
        (r"c\.o", "a.c.o", True),
    ],
)
def test_is_read_as_postgresql_reads_it(expression: str, text: str, found: bool) -> None:
    assert finds(expression, folded=False)(text) is found


def test_without_regard_to_case_where_the_filter_says_so() -> None:
    assert finds("^compute-", folded=True)("COMPUTE-1")


@pytest.mark.parametrize(
    "expression",
    [
        r"\bcb3\b",  # a backspace to PostgreSQL
        r"\mcb3\M",
        r"(a)\1",
        "a(?=b)",
        "(?i)a",  # PostgreSQL takes it at the beginning only
        r"\x41",
        r"\Qa\E",
        "(a",
        "a{0,100000}",
        "***=a",
        "a\\",
    ],
)
def test_what_both_may_not_read_alike_is_not_tested_here(expression: str) -> None:
    with pytest.raises(NotAlike):
        finds(expression, folded=False)


def test_a_refusal_is_told_to_nobody_else(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotAlike):
        finds("(a", folded=False)

    assert capfd.readouterr() == ("", "")


@given(LITERALS, LITERALS, LITERALS)
def test_a_quoted_text_is_found_where_it_is(before: str, text: str, after: str) -> None:
    assert finds(re.escape(text), folded=False)(before + text + after)


@given(st.text(max_size=30), st.text(max_size=50))
def test_whatever_is_written_is_either_tested_or_refused(expression: str, text: str) -> None:
    try:
        found = finds(expression, folded=True)
    except NotAlike:
        return
    assert found(text) in (True, False)
