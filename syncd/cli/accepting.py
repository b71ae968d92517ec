"""A number that is not believed, accepted by a person."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from syncd.cli.call import out, print_json, stop, stored
from syncd.cli.completion import held_back


def accept(
    name: Annotated[
        str,
        typer.Argument(
            help="The name of an indicator, or the id of a key result that reads it.",
            autocompletion=held_back,
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why it is right; it is told in the feed.")],
    by: Annotated[str | None, typer.Option(help="Who says so; default: your login name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Believes a number that is held back because it is not plausible: it is told now.

    Example: [bold]syncd accept dcim-o1-kr1 --reason "hall 5 was taken over"[/bold]
    """
    from syncd.intake.accepting import accept as accepted
    from syncd.intake.texts import Refused, Unknown
    from syncd.store.clock import clock_of

    with stored() as store:
        now = clock_of(store).now()
        try:
            done = accepted(store, name, by=by or getpass.getuser(), reason=reason, now=now)
        except (Refused, Unknown) as error:
            stop(str(error))
    if as_json:
        print_json(done.document())
        return
    then = "it is told from now on" if done.told else "it is read again, and told if it stays so"
    words = f"{done.indicator}: {done.text}; accepted by {done.by}: {then}"
    out.print(words, markup=False, highlight=False, soft_wrap=True)
