"""`syncd status`: what is told of the key results, once, or again and again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli.call import BAD, err, out, print_json, stop, stored
from syncd.cli.completion import periods_known, teams

if TYPE_CHECKING:
    import sqlalchemy as sa

    from syncd.store.engine import Store
    from syncd.store.periods import PeriodView
    from syncd.surfaces.asked import Asked
    from syncd.surfaces.groups import Group

WATCH_SECONDS = 2.0
"""How long a picture stays."""


class Failing(StrEnum):
    """The statuses that a script may stop at. `syncd.model` has them all; loading it takes long."""

    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    MISSED = "missed"
    STALE = "stale"
    NO_DATA = "no_data"
    NO_TARGET = "no_target"


def status(
    period: Annotated[
        str | None,
        typer.Option(
            help="Of which period, such as 2026-Q1; default: those that are open.",
            autocompletion=periods_known,
        ),
    ] = None,
    team: Annotated[
        list[str] | None,
        typer.Option(help="Only of this team; may be given again.", autocompletion=teams),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            help="As it was told by the end of a day (2026-02-15, in the organisation's timezone) "
            "or by a moment (2026-02-15T09:00)."
        ),
    ] = None,
    reconstructed: Annotated[
        bool,
        typer.Option(
            "--reconstructed",
            help="With --at: what a rebuilt history says of then; it was not told then.",
        ),
    ] = False,
    fail_on: Annotated[
        list[Failing] | None,
        typer.Option(
            help="End with status 3 if a key result that is shown has this status; may be given "
            "again."
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show it again every two seconds, until Ctrl-C.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Prints what is told of every key result, from the store; asks no source. With --at what was
    told then, under the mapping files of that time.

    Ends with 0; with 2 where something is asked for that there is not; with 3 where --fail-on says
    so.

    Examples: [bold]syncd status --json | jq -r '.[] | [.id, .status] | @tsv'[/bold],
    [bold]syncd status --team dcim --fail-on off_track --fail-on missed[/bold],
    [bold]syncd status --at 2026-02-15[/bold], [bold]syncd status --watch[/bold]
    """
    if watch and (as_json or fail_on or at):
        stop("--watch: got it with --json, --fail-on or --at; expected it with none of them")
    if watch and not out.is_terminal:
        stop("--watch: the output is no terminal; expected one, or no --watch")
    with stored() as store:
        if watch:
            _watch(store, period, team or ())
            return
        found = _print(store, period, team or (), at, reconstructed, as_json=as_json)
    if any(each in (fail_on or ()) for each in found):
        raise typer.Exit(BAD)


def _print(
    store: Store,
    period: str | None,
    team: Sequence[str],
    at: str | None,
    reconstructed: bool,
    *,
    as_json: bool,
) -> list[str]:
    """Prints it once; returns the status of every key result that was shown."""
    from syncd.cli import printing
    from syncd.store.clock import clock_of
    from syncd.store.read import mapping
    from syncd.surfaces.asked import as_of_words, asked, zone_in_force
    from syncd.surfaces.documents import source_list

    now = clock_of(store).now()
    with store.read() as connection:
        try:
            moment = asked(connection, at, now, reconstructed=reconstructed)
        except ValueError as error:
            stop(f"--at: {error}")
        shown = chosen(connection, period, now, moment.told_by)
        load = mapping(connection)
        if moment.at is not None and not as_json:
            words = as_of_words(moment, zone_in_force(connection))
            out.print(f"{words}.", style="italic", markup=False, highlight=False)
        elif not as_json and load is not None and not load.accepted:
            err.print("[bold red]The newest mapping files were refused:[/bold red]")
            for fault in load.faults:
                err.print(f"  {fault}", markup=False, highlight=False)
        found = print_told(connection, shown, moment, team, as_json=as_json)
        if moment.at is None and not as_json:
            printing.sources(out, source_list(connection))
    return found


def _watch(store: Store, period: str | None, team: Sequence[str]) -> None:
    """Shows it until Ctrl-C."""
    from rich.live import Live

    from syncd.cli import table
    from syncd.store.clock import clock_of
    from syncd.surfaces.asked import NOW
    from syncd.surfaces.groups import groups
    from syncd.surfaces.rollups import rolled

    clock = clock_of(store)

    def picture() -> Any:
        with store.read() as connection:
            shown = chosen(connection, period, clock.now(), None)
            found = _of_teams(groups(rolled(connection, shown, NOW)), shown, team)
        return table.key_results(found)

    try:
        with Live(picture(), console=out, screen=True, auto_refresh=False) as live:
            while True:
                time.sleep(WATCH_SECONDS)
                live.update(picture(), refresh=True)
    except KeyboardInterrupt:
        return


def chosen(
    connection: sa.Connection, period: str | None, now: datetime, at: datetime | None
) -> list[PeriodView]:
    """The period that is asked for, else those that are open, or were at `at`. Ends the call where
    there is no such one.
    """
    from syncd.store.periods import NoSuchPeriod, choose
    from syncd.store.told import periods_known

    try:
        return choose(periods_known(connection, at), period, now if at is None else at)
    except NoSuchPeriod as error:
        stop(f"--period: {error}")


def print_told(
    connection: sa.Connection,
    shown: Sequence[PeriodView],
    asked: Asked,
    team: Sequence[str] = (),
    *,
    as_json: bool,
) -> list[str]:
    """The key results of some periods, and of some teams if any are named: the documents, or the
    table with what they come to. Returns the status of each.
    """
    from syncd.cli import table
    from syncd.surfaces.documents import key_result_document, key_result_list
    from syncd.surfaces.groups import groups
    from syncd.surfaces.rollups import rolled

    if as_json:
        _of_teams((), shown, team)
        documents = [
            one
            for one in key_result_list(connection, [one.period.id for one in shown], asked)
            if not team or one["team"] in team
        ]
        print_json(documents)
        return [one["status"] for one in documents]
    found = _of_teams(groups(rolled(connection, shown, asked)), shown, team)
    out.print(table.key_results(found))
    return [key_result_document(one.view)["status"] for group in found for one in group.shown]


def _of_teams(
    found: Sequence[Group], shown: Sequence[PeriodView], team: Sequence[str]
) -> Sequence[Group]:
    """Those of the named teams; all where none is named. Ends the call for one there is not."""
    known = dict.fromkeys(each for one in shown for each in one.period.teams)
    for name in team:
        if name not in known:
            stop(f"--team: got {name[:80]!r}; expected one of {', '.join(known) or 'none'}")
    return [group for group in found if not team or group.team in team]
