"""Documents as people read them in a terminal. Colour is never the only sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from connectors.checkup import mend
from syncd.model import Status
from syncd.wording import BY_HAND, SHAPES, status_words

if TYPE_CHECKING:
    from syncd.cli.live import Answer
    from syncd.mapping import Fault
    from syncd.model import Catalogue

Document = Mapping[str, Any]

COLOURS = {
    Status.ACHIEVED: "blue",
    Status.ON_TRACK: "green",
    Status.AT_RISK: "yellow",
    Status.OFF_TRACK: "red",
    Status.MISSED: "red",
    Status.NO_TARGET: "dim",
    Status.NO_DATA: "dim",
    Status.STALE: "dim",
    Status.ABANDONED: "dim",
    Status.CARRIED: "dim",
}
"""The colour of a status in a terminal, beside its shape and word."""

BAR_CELLS = 16


def faults(console: Console, found: Sequence[Fault]) -> None:
    """Every fault on a line of its own, and how many there are."""
    for fault in found:
        console.print(str(fault), markup=False, highlight=False, soft_wrap=True)
    if found:
        plural = "s" if len(found) != 1 else ""
        console.print(f"[bold red]{len(found)} fault{plural}[/bold red]; nothing was changed")


def accepted(console: Console, catalogue: Catalogue) -> None:
    """What a good catalogue holds, in one line."""
    console.print(
        f"[green]✔[/green] {len(catalogue.key_results)} key results and "
        f"{len(catalogue.indicators)} indicators of {len(catalogue.teams)} teams, "
        f"{escape(catalogue.period_title)}"
    )


def answers(console: Console, found: Sequence[Answer]) -> None:
    """What each source and query answered."""
    for answer in found:
        sign = "[green]✔[/green]" if answer.good else "[red]✖[/red]"
        kind = "" if answer.error_type is None else f" ({answer.error_type})"
        console.print(
            f"{sign} {escape(answer.source)} {escape(answer.what)}: {escape(answer.detail)}{kind}",
            soft_wrap=True,
        )
        if answer.fix:
            console.print(f"    fix: {escape(answer.fix)}", soft_wrap=True)


def status_sign(value: str) -> Text:
    """Shape, word and colour of a status."""
    status = Status(value)
    return Text(f"{SHAPES[status]} {status_words(status)}", style=COLOURS[status])


def hands(document: Document) -> Text:
    """Whether a person has set or paused a key result, beneath its status."""
    words = [words for key, words in BY_HAND.items() if document[key] is not None]
    return Text("".join(f"\n  {each}" for each in words), style="dim")


def bar(progress: float | None, expected: float | None, style: str) -> Text:
    """Done against expected: a bar with a tick where it should be; dots where unknown."""
    if progress is None:
        return Text("·" * BAR_CELLS, style="dim")
    filled = round(min(max(progress, 0.0), 1.0) * BAR_CELLS)
    text = Text("━" * filled, style=style) + Text("─" * (BAR_CELLS - filled), style="dim")
    if expected is not None:
        tick = min(round(expected * BAR_CELLS), BAR_CELLS - 1)
        cells = list(text.divide(range(1, BAR_CELLS)))
        cells[tick] = Text("┃", style="bold")
        text = Text.assemble(*cells)
    return text


def sources(console: Console, documents: Sequence[Document]) -> None:
    """One line a source, after an empty one, and what to do where one fails. Nothing of none."""
    if documents:
        console.print()
    for document in documents:
        if document["up"]:
            told = document["last_success_at"] or "not read yet"
            console.print(f"[green]●[/green] {escape(document['name'])}: last read {told}")
        else:
            console.print(
                f"[red]▲[/red] {escape(document['name'])}: failing since "
                f"{document['failing_since']}: {escape(document['error'])}\n"
                f"    fix: {escape(mend(document['error_type']))}",
                soft_wrap=True,
            )
