"""What people said, as it is printed in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from syncd.cli.printing import COLOURS
from syncd.model import ExternalState
from syncd.wording import SHAPES, external_words

Document = Mapping[str, Any]


def externals(console: Console, documents: Sequence[Document]) -> None:
    """The table of dependencies outside the key results."""
    if not documents:
        console.print("No mapping file declares a dependency (external: in the organisation file).")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title, options in (
        ("State", {"no_wrap": True}),
        ("Dependency", {"ratio": 2, "min_width": 24}),
        ("Owner", {}),
        ("Due", {"no_wrap": True}),
        ("Needed by", {"ratio": 1}),
    ):
        table.add_column(title, **options)
    for document in documents:
        table.add_row(
            state_sign(document["state"]),
            Text(document["title"])
            + Text(f" {document['name']}", style="dim")
            + Text("".join(f"\n{line}" for line in _lines(document)), style="dim"),
            Text(document["owner"] or "nobody"),
            document["due_text"] or "",
            Text(", ".join(document["needed_by"]) or "nobody"),
        )
    console.print(table)


def state_sign(value: str | None) -> Text:
    """Shape, word and colour of what was said of a dependency."""
    if value is None:
        return Text(f"? {external_words(None)}", style="dim")
    state = ExternalState(value)
    return Text(f"{SHAPES[state.status]} {external_words(state)}", style=COLOURS[state.status])


def _lines(document: Document) -> list[str]:
    lines = []
    if document["state"] is not None:
        lines.append(f"since {document['since']}, says {document['by']}: {document['note']}")
    if document["plan"] is not None:
        lines.append(f"plan: {document['plan']}")
    return lines
