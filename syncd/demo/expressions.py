"""Regular expressions that a sandbox is asked to run: by RE2, so that none holds it up."""

from __future__ import annotations

from typing import Any

import re2

BadExpression = re2.error


def compiled(expression: str, *, folded: bool = False) -> Any:
    """The expression, whose dot is any character; `folded`: without regard to case. Raises
    BadExpression.
    """
    options = re2.Options()
    options.case_sensitive = not folded
    options.dot_nl = True
    options.log_errors = False
    return re2.compile(expression, options)
