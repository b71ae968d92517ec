"""The table of key results in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from syncd.cli.printing import COLOURS, bar, hands, status_sign
from syncd.model import Status
from syncd.surfaces.documents import key_result_document
from syncd.surfaces.groups import Group, rollup_words
from syncd.wording import points

Document = Mapping[str, Any]


def key_results(found: Sequence[Group]) -> RenderableType:
    """The table of key results, grouped by team, with what each team and all come to."""
    if not any(group.shown for group in found):
        return "No key results yet: no mapping files were ever accepted; `syncd once` reads them."
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title, options in (
        ("Status", {"no_wrap": True}),
        ("Key result", {"ratio": 3, "min_width": 24}),
        ("Done ┃ expected", {"no_wrap": True}),
        ("Value", {"justify": "right", "no_wrap": True}),
        ("Pace", {"justify": "right", "no_wrap": True}),
        ("Due", {"justify": "right", "no_wrap": True}),
    ):
        table.add_column(title, **options)
    for group in found:
        rollup = group.rollup
        table.add_row(
            "",
            Text(group.title, style="bold") + Text(f"  {rollup_words(rollup)}", style="dim"),
            bar(rollup.progress, rollup.expected, "bold") if rollup is not None else "",
            "",
            "" if rollup is None or rollup.pace is None else points(rollup.pace),
        )
        for shown in group.shown:
            _key_result(table, key_result_document(shown.view), shown.whose)
    return table


def _key_result(table: Table, document: Document, whose: str) -> None:
    colour = COLOURS[Status(document["status"])]
    name = Text(document["title"]) + Text(f" {document['id']}", style="dim")
    lines = [line for line in (whose, document["reason"]) if line]
    table.add_row(
        status_sign(document["status"]) + hands(document),
        name + Text("".join(f"\n{line}" for line in lines), style="dim"),
        bar(document["progress"], document["expected"], colour),
        document["value_text"],
        "" if document["pace"] is None else points(document["pace"]),
        document["due_text"],
    )
