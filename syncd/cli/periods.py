"""`syncd period`: which periods there are, closing one for good, and taking one elsewhere."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli.bar import bar
from syncd.cli.call import out, print_json, stop, stored
from syncd.cli.completion import periods_known

if TYPE_CHECKING:
    from datetime import datetime

    from syncd.store.periods import PeriodView

period = typer.Typer(
    no_args_is_help=True,
    help="The periods there are, closing one for good, and taking a closed one to another store.",
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
    from syncd.store.closing import doubted_of, doubted_words
    from syncd.store.periods import period_views
    from syncd.store.read import key_result_views

    with stored() as store:
        now = clock_of(store).now()
        try:
            close_period(store, name, by=by or getpass.getuser(), note=note, now=now)
        except (Refused, Unknown) as error:
            stop(str(error))
        with store.read() as connection:
            (view,) = (one for one in period_views(connection) if one.period.id == name)
            doubted = doubted_of(key_result_views(connection, periods=[name]))
    if as_json:
        print_json(_document(view, now) | {"doubted": [one.id for one in doubted]})
        return
    out.print(_words(view, now), markup=False, highlight=False, soft_wrap=True)
    if doubted:
        out.print(doubted_words(doubted), markup=False, highlight=False, soft_wrap=True)


@period.command("export")
def export(
    name: Annotated[
        str,
        typer.Argument(
            metavar="PERIOD", help="Its id, such as 2026-Q1.", autocompletion=periods_known
        ),
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")],
    by: Annotated[
        str | None, typer.Option(help="Who exports it; default: your login name.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over the file if it is there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Writes a closed period to a file that another store can import, while workers go on: all
    that is told of it, and nothing of other periods.

    Example: [bold]syncd period export 2026-Q1 2026-Q1.syncd[/bold]
    """
    from importlib.metadata import version

    from syncd.intake.texts import LONGEST_NAME, Refused, text
    from syncd.store.clock import clock_of
    from syncd.store.exporting import CannotExport, export_period
    from syncd.store.periods import NoSuchPeriod

    with stored() as store, bar("exporting") as moved:
        try:
            done = export_period(
                store,
                name,
                file,
                by=text("by", by or getpass.getuser(), LONGEST_NAME),
                now=clock_of(store).now(),
                version=version("syncd"),
                replace_file=force,
                moved=moved,
            )
        except (CannotExport, Refused) as error:
            stop(f"nothing was exported: {error}")
        except NoSuchPeriod as error:
            stop(f"nothing was exported: there is no such period: {error}")
    if as_json:
        print_json(
            {
                "period": name,
                "file": str(file),
                "size_bytes": done.size_bytes,
                "digest": done.mark.digest,
                "tables": dict(done.rows),
            }
        )
        return
    from syncd.wording import size

    counted = _counted(done.rows["key_results"])
    words = f"{file}: {name} with {counted}, {size(done.size_bytes)}, checked"
    out.print(words, markup=False, highlight=False, soft_wrap=True)


@period.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of `syncd period export`.")],
    by: Annotated[
        str | None, typer.Option(help="Who imports it; default: your login name.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Takes in a period that was exported from another store, as a closed one: it is shown like
    this store's own, and says whence it came. Once more changes nothing.

    Example: [bold]syncd period import 2026-Q1.syncd[/bold]
    """
    from syncd.intake.texts import LONGEST_NAME, Refused, text
    from syncd.store.clock import clock_of
    from syncd.store.importing import CannotImport, import_period
    from syncd.store.periods import period_views

    with stored() as store, bar("importing") as moved:
        now = clock_of(store).now()
        try:
            who = text("by", by or getpass.getuser(), LONGEST_NAME)
            done = import_period(store, file, by=who, now=now, moved=moved)
        except (CannotImport, Refused) as error:
            stop(f"nothing was imported: {error}")
        with store.read() as connection:
            (view,) = (one for one in period_views(connection) if one.period.id == done.period)
    if as_json:
        print_json({**_document(view, now), "new": done.new, "tables": dict(done.rows)})
        return
    words = _words(view, now)
    if not done.new:
        words = f"nothing was changed, the same is there already: {words}"
    out.print(words, markup=False, highlight=False, soft_wrap=True)


def _counted(key_results: int) -> str:
    return f"{key_results} key result{'' if key_results == 1 else 's'}"


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
