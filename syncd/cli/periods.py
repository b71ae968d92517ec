"""`syncd period`: which periods there are, and closing one for good."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli.call import out, print_json, stop, stored
from syncd.cli.completion import periods_known

if TYPE_CHECKING:
    from datetime import datetime

    from syncd.store.periods import PeriodView

period = typer.Typer(
    no_args_is_help=True,
    help="The periods there are, and closing one: its final scores are kept for good.",
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


@period.command("list")
def list_periods(as_json: Json = False) -> None:
    """Prints the periods whose mapping files are in force, and those that are closed.

    Example: [bold]syncd period list[/bold]
    """
    from syncd.store.clock import clock_of
    from syncd.store.periods import period_views

    with stored() as store, store.read() as connection:
        now = clock_of(store).now()
        views = period_views(connection)
    if as_json:
        print_json([_document(view, now) for view in views])
        return
    for view in views:
        out.print(_words(view, now), markup=False, highlight=False, soft_wrap=True)
    if not views:
        out.print("No periods yet: no mapping files have been accepted.")


@period.command("close")
def close(
    name: Annotated[
        str,
        typer.Argument(
            metavar="PERIOD", help="Its id, such as 2026-Q1.", autocompletion=periods_known
        ),
    ],
    note: Annotated[str | None, typer.Option(help="What a reader should know.")] = None,
    by: Annotated[str | None, typer.Option(help="Who closes it; default: your login name.")] = None,
    as_json: Json = False,
) -> None:
    """Closes a period once all its key results are due: their scores are final, nothing of it is
    measured any more, and mapping files that still name it change nothing.

    Example: [bold]syncd period close 2026-Q1 --note "as read out on 2 April"[/bold]
    """
    from syncd.intake.closing import close_period
    from syncd.intake.texts import Refused, Unknown
    from syncd.store.clock import clock_of
    from syncd.store.periods import period_views

    with stored() as store:
        now = clock_of(store).now()
        try:
            close_period(store, name, by=by or getpass.getuser(), note=note, now=now)
        except (Refused, Unknown) as error:
            stop(str(error))
        with store.read() as connection:
            (view,) = (one for one in period_views(connection) if one.period.id == name)
    if as_json:
        print_json(_document(view, now))
    else:
        out.print(_words(view, now), markup=False, highlight=False, soft_wrap=True)


def _document(view: PeriodView, now: datetime) -> dict[str, Any]:
    from syncd.surfaces.documents import closed_document, moment

    return {
        "id": view.period.id,
        "title": view.period.title,
        "starts_at": moment(view.period.starts),
        "ends_at": moment(view.period.ends),
        "open": view.open_at(now),
        "closed": closed_document(view.closed),
    }


def _words(view: PeriodView, now: datetime) -> str:
    from syncd.surfaces.groups import closing_words
    from syncd.wording import date, last_day

    found = view.period
    if view.closed is not None:
        return closing_words(view, now)
    days = ""
    if found.starts is not None and found.ends is not None:
        first, last = date(found.starts, found.timezone), last_day(found.ends, found.timezone)
        days = f" ({first} to {last})"
    return f"{found.title or 'the period'}{days}: {'open' if view.open_at(now) else 'not begun'}"
