"""`syncd path`: what a due date hangs on."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.cli.call import out, print_json, stop, stored
from syncd.cli.completion import key_result_ids


def path(
    kr: Annotated[
        str, typer.Argument(help="The id of a key result.", autocompletion=key_result_ids)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Shows what the due date of a key result hangs on: of what it needs the one with the least
    time to spare, of that one's needs again, and so on.

    Example: [bold]syncd path net-o4-kr3[/bold]
    """
    from syncd.intake.adjusting import known_key_result
    from syncd.intake.texts import Unknown
    from syncd.store.clock import clock_of
    from syncd.store.paths import path_of
    from syncd.store.read import key_result_views
    from syncd.surfaces.paths import path_document, path_lines

    with stored() as store, store.read() as connection:
        now = clock_of(store).now()
        try:
            (view,) = key_result_views(connection, [known_key_result(connection, kr, now).key])
        except Unknown as error:
            stop(str(error))
        document = path_document(path_of(connection, view, now), now)
    if as_json:
        print_json(document)
        return
    for line in path_lines(document):
        out.print(line, markup=False, highlight=False, soft_wrap=True)
