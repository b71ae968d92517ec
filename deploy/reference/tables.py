"""Tables of Markdown, and values in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

MADE = "Made by `python -m deploy.generate`; what is written here by hand is lost."


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, with an empty line after it; empty where there are no rows."""
    lines = ["| " + " | ".join(_cell(one) for one in row) + " |" for row in rows]
    if not lines:
        return ""
    top = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join([*top, *lines]) + "\n\n"


def code(value: Any) -> str:
    """A value as one writes it in YAML's flow style or on a command line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{text}`"


def sentence(text: str) -> str:
    """A description on one line, with a full stop."""
    said = " ".join(text.split())
    return said if not said or said[-1] in ".?!" else f"{said}."


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
