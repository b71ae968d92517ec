"""`syncd check --effective`: a key result as it is in force, and where each value comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from syncd.cli import printing
from syncd.cli.call import FAILED, err, out, print_json, stop
from syncd.mapping import Loaded, Place, Subject, SubjectKind, Value, flow
from syncd.mapping.effective import effective
from syncd.wording import did_you_mean

_ENDLESS = 10_000


def print_effective(loaded: Loaded, name: str, *, as_json: bool) -> None:
    """Prints the key results of this id (of each period that has one), or of this key
    (``2026-Q1/dcim-o1-kr1``). Ends the call where there is none, or where there are faults.
    """
    if loaded.faults:
        printing.faults(err, loaded.faults)
        raise typer.Exit(FAILED)
    subjects = [it for it in loaded.places if it.kind is SubjectKind.KEY_RESULT]
    found = [it for it in subjects if name in (it.name, f"{it.period}/{it.name}")]
    if not found:
        known = [it.name for it in subjects]
        hint = did_you_mean(name, known, "`syncd check` says how many there are")
        stop(f"there is no key result {name!r}{hint}")
    results = [
        (it, loaded.places[it], effective(loaded.written[it.period], it.name)) for it in found
    ]
    if as_json:
        print_json([_document(*each) for each in results])
        return
    for subject, place, values in results:
        out.print(f"[bold]{subject.period}/{subject.name}[/bold]  {place.file}:{place.line}",
                  highlight=False)  # fmt: skip
        # where it is not for eyes each value has one line, however long
        console = out if out.is_terminal else Console(file=out.file, width=_ENDLESS)
        console.print(_table(values))


def _document(subject: Subject, place: Place, values: Sequence[Value]) -> dict[str, Any]:
    return {
        "id": subject.name,
        "period": subject.period,
        "file": place.file,
        "line": place.line,
        "values": [
            {"key": it.key, "value": it.value, "from": it.origin.document()} for it in values
        ],
    }


def _table(values: Sequence[Value]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("key", no_wrap=True)
    table.add_column("value", overflow="fold")
    table.add_column("from", style="dim", overflow="fold")
    for it in values:
        shown = "-" if it.value is None or it.value == [] else flow(it.value)
        table.add_row(Text(it.key), Text(shown), Text(f"{it.origin}"))
    return table
