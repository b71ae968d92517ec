"""`syncd external`: what people say of dependencies outside the key results."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from syncd.cli.call import out, print_json, stop, stored
from syncd.cli.completion import external_names

external = typer.Typer(
    no_args_is_help=True,
    help="The state of dependencies outside the key results: who needs them slips with them.",
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


@external.command("set")
def set_external(
    name: Annotated[
        str,
        typer.Argument(help="Its name in the organisation file.", autocompletion=external_names),
    ],
    state: Annotated[str, typer.Argument(help="on_track, at_risk, slipped or done.")],
    note: Annotated[str, typer.Option(help="Why; a reader will want to know.")],
    by: Annotated[str | None, typer.Option(help="Who says so; default: your login name.")] = None,
    at: Annotated[
        str | None,
        typer.Option(help="Since a day's end (2026-02-15) or a moment; default: now."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Writes down how a dependency stands. The worker judges who needs it within a second.

    Example: [bold]syncd external set recruiting slipped --note "two offers declined"[/bold]
    """
    from syncd.intake.externals import GivenState, set_state
    from syncd.intake.texts import Refused, Unknown
    from syncd.store.clock import clock_of
    from syncd.surfaces.people import state_document
    from syncd.wording import external_words

    with stored() as store:
        given = GivenState(state, note, by=by or getpass.getuser(), at=at)
        try:
            said = set_state(store, name, given, now=clock_of(store).now())
        except (Refused, Unknown) as error:
            stop(str(error))
    if as_json:
        print_json({"name": name, **state_document(said)})
    else:
        words = f"{name} is {external_words(said.state)}, says {said.by}"
        out.print(words, markup=False, highlight=False)


@external.command("list")
def list_externals(as_json: Json = False) -> None:
    """Prints every dependency that the mapping files declare, how it stands, and who needs it.

    Example: [bold]syncd external list --json | jq '.[] | select(.state == null)'[/bold]
    """
    from syncd.cli import people
    from syncd.surfaces.people import external_list

    with stored() as store, store.read() as connection:
        documents = external_list(connection)
    if as_json:
        print_json(documents)
    else:
        people.externals(out, documents)
