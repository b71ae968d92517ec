"""How many random examples the dearest properties are tried on."""

from __future__ import annotations

import os


def examples(usual: int) -> int:
    """The usual number, which fits the time that every change may take; `EXAMPLES=10` in the
    environment asks for ten times as many.
    """
    return usual * int(os.environ.get("EXAMPLES", "1"))


def widened() -> bool:
    """Whether more than the usual number is asked for."""
    return examples(1) > 1
