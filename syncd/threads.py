"""How long one thread lets the others wait."""

from __future__ import annotations

import sys
from typing import Final

SECONDS: Final = 0.001
"""Python has 0.005: an answer that goes out in thirty parts beside a busy worker waits as long for
each of them.
"""


def take_short_turns() -> None:
    """From now on, in this process and those that are forked from it."""
    sys.setswitchinterval(SECONDS)
