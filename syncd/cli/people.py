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


def adjustments(console: Console, documents: Sequence[Document]) -> None:
    """All that people said of key results, a paragraph each; what is over is dim."""
    if not documents:
        console.print("Nobody has said anything yet.")
    for document in documents:
        told = document["in_force"] or document["kind"] == "note"
        is_over = document["withdrawn_at"] is not None or not told
        line = Text(f"{document['id']:>4}  ", style="bold")
        line += Text(document["key_result"], style="bold") + Text(f"  {document['text']}")
        if document["withdrawn_at"] is not None:
            line += Text(
                f"\n      withdrawn {document['withdrawn_at']} by {document['withdrawn_by']}: "
                f"{document['withdrawn_reason']}"
            )
        elif is_over:
            line += Text("\n      it is over")
        if is_over:
            line.stylize("dim")
        console.print(line, soft_wrap=True)


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


def tokens(console: Console, documents: Sequence[Document]) -> None:
    """The table of tokens; those that may not be used any more are dim."""
    if not documents:
        console.print("No token was made yet: syncd token create NAME", highlight=False)
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("Name", "May", "Made", "Ends"):
        table.add_column(title)
    for one in documents:
        ends = one["expires_at"] or "when it is revoked"
        if one["revoked_at"] is not None:
            ends = f"revoked {one['revoked_at']} by {one['revoked_by']}"
        elif not one["in_use"]:
            ends = f"over since {ends}"
        table.add_row(
            Text(one["name"]),
            one["scope"],
            Text(f"{one['created_at']} by {one['created_by']}"),
            Text(ends),
            style="" if one["in_use"] else "dim",
        )
    console.print(table)
