"""Regular expressions of filters, tested here as PostgreSQL tests them for NetBox.

RE2 takes time that grows with the text alone, whatever the expression is; Python's own would let
one of a mapping file, `(a+)+$`, hold the process for years
(docs/decisions/0046-expressions-of-others-are-run-by-re2.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable

import re2

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ALIKE = frozenset("dDsSwWnrtfvA")
"""Letters that mean the same to both after a backslash (b is PostgreSQL's backspace, for one)."""


class NotAlike(ValueError):
    """An expression that PostgreSQL may read as something else, or that RE2 cannot run."""


def finds(expression: str, *, folded: bool) -> Callable[[str], bool]:
    """Tells whether the expression is found in a text; `folded`: without regard to case.

    Raises NotAlike. Letters and digits are those of ASCII; PostgreSQL may know more, by its locale.
    Syntaxes: https://www.postgresql.org/docs/current/functions-matching.html and
    https://github.com/google/re2/wiki/Syntax.
    """
    escaped = set(_ESCAPED.findall(expression))
    if any(one.isalnum() and one not in _ALIKE for one in escaped) or "(?" in expression:
        raise NotAlike(expression)
    options = re2.Options()
    options.case_sensitive = not folded
    options.dot_nl = True
    options.log_errors = False
    try:
        pattern = re2.compile(expression, options)
    except re2.error as error:
        raise NotAlike(expression) from error
    return lambda text: pattern.search(text) is not None
