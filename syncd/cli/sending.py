"""`syncd outbox` and `syncd notify`: what is sent, what was given up, and whether a route works."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from syncd.cli.call import FAILED, err, installation, out, print_json, refuse, stop, stored

outbox = typer.Typer(help="What is on its way to webhooks and notifications.", no_args_is_help=True)

Target = Annotated[str | None, typer.Option(help="Of this target, such as webhook:ops.")]


@outbox.command("list")
def list_letters(
    target: Target = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Lists how much waits for each target, and every dead letter: what was given up, and why.

    Example: [bold]syncd outbox list --target webhook:ops[/bold]
    """
    from syncd.store.outbox import dead_letters, depths

    with stored() as store, store.read() as connection:
        known = depths(connection)
        dead = dead_letters(connection, target)
    if target is not None and target not in known:
        names = ", ".join(known) or "none: no target is known"
        stop(f"--target: got {target!r}; expected one of {names}")
    shown = {name: depth for name, depth in known.items() if target in (None, name)}
    if as_json:
        print_json(
            {
                "targets": [
                    {"target": name, "waiting": depth.waiting, "dead": depth.dead}
                    for name, depth in shown.items()
                ],
                "dead_letters": [
                    {
                        "target": one.target,
                        "position": one.event.position,
                        "id": one.event.id,
                        "kind": one.event.kind.value,
                        "subject": one.event.subject,
                        "attempts": one.attempts,
                        "given_up_at": one.at.isoformat(),
                        "error": one.error,
                    }
                    for one in dead
                ],
            }
        )
        return
    from rich.table import Table

    table = Table("target", "waiting", "given up")
    for name, depth in shown.items():
        table.add_row(name, str(depth.waiting), str(depth.dead))
    out.print(table)
    if dead:
        letters = Table("position", "target", "kind", "subject", "attempts", "why")
        for one in dead:
            told = one.event
            cells = one.target, told.kind.value, told.subject, str(one.attempts), one.error
            letters.add_row(str(told.position), *(_plain(cell) for cell in cells))
        out.print(letters)


@outbox.command("retry")
def retry(
    target: Target = None,
    position: Annotated[
        int | None, typer.Option(min=1, help="Only the event at this position.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All dead letters.")] = False,
) -> None:
    """Sends dead letters again, as if they had never been tried; a running worker takes them up.

    Examples: [bold]syncd outbox retry --target webhook:ops[/bold],
    [bold]syncd outbox retry --all[/bold]
    """
    from syncd.store.clock import clock_of
    from syncd.store.outbox import send_again

    if not every and target is None and position is None:
        stop("say which: --target NAME, --position NUMBER or --all")
    with stored() as store:
        done = send_again(store, target=target, position=position, now=clock_of(store).now())
    out.print(f"{done} dead letter{'' if done == 1 else 's'} will be sent again")
    if done == 0:
        err.print("there is none of these, or its target is in the settings no longer")
        raise typer.Exit(FAILED)


def notify(
    test: Annotated[str, typer.Option("--test", help="The route to try.", metavar="ROUTE")],
) -> None:
    """Sends a message to a route, at once and whatever it chooses, to see that it arrives.

    Example: [bold]syncd --config settings.yaml notify --test dcim[/bold]
    """
    from syncd.model import Event, EventKind
    from syncd.outgoing.destination import Undelivered
    from syncd.settings import SettingsRefused
    from syncd.wording import did_you_mean

    found = installation()
    chosen = found.notifications.get(test)
    if chosen is None:
        known = ", ".join(found.notifications) or "none: the settings file has no notifications"
        hint = did_you_mean(test, found.notifications)
        stop(f"--test: got {test!r}; expected one of {known}{hint}")
    event = Event(
        at=datetime.now(UTC),
        kind=EventKind.SOURCE_RECOVERED,
        subject="syncd",
        title=f"A test of the route {test}",
        text="Nothing has happened: somebody tried whether messages arrive here.",
        reason="test",
        id="00000000-0000-0000-0000-000000000000",
        position=0,
    )
    try:
        route = chosen.route(test, (found.settings.external_url or "").rstrip("/"))
        route.send([event], datetime.now(UTC))
    except SettingsRefused as error:
        refuse(error)
    except Undelivered as error:
        err.print(f"syncd: the route {test} does not work: {error}", markup=False, style="red")
        raise typer.Exit(FAILED) from error
    out.print(f"the route {test} took the message", markup=False)


def _plain(text: str) -> str:
    from rich.markup import escape

    from syncd.surfaces.event_documents import clipped

    return escape(clipped(text, 200))
