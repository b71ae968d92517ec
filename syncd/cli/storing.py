"""`syncd store`: back-up and restore of all that syncd knows, and what of it is kept."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli.bar import bar
from syncd.cli.call import out, print_json, stop, stored

if TYPE_CHECKING:
    from syncd.store.engine import Store
    from syncd.store.removing import Kind

store = typer.Typer(
    no_args_is_help=True,
    help="All that syncd knows: its back-up, putting one in force, and what is kept how long.",
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


@store.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")],
    force: Annotated[
        bool, typer.Option("--force", help="Write over the file if it is there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Writes all that the store holds at this moment to a file, and checks it, while workers go on.
    The file is an SQLite store: `--database-url sqlite:///FILE` looks at it, and it can be restored
    to SQLite or PostgreSQL, whichever it is of.

    Example: [bold]syncd store backup /backups/syncd-$(date +%F).db[/bold]
    """
    from syncd.store.backup import CannotBackUp, back_up

    began = time.monotonic()
    with stored(as_it_is=True) as found, bar("copying") as moved:
        try:
            written = back_up(found, file, replace=force, moved=moved)
        except CannotBackUp as error:
            stop(f"nothing was backed up: {error}")
    document = _document(written.schema, written.rows, time.monotonic() - began)
    if as_json:
        print_json({"file": str(file), "size_bytes": written.size_bytes, **document})
        return
    from syncd.wording import size

    words = f"{file}: {_counted(written.rows)}, {size(written.size_bytes)}, checked"
    out.print(words, markup=False, highlight=False, soft_wrap=True)


@store.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of `syncd store backup`.")],
    keep: Annotated[
        Path | None,
        typer.Option(
            help="Where to keep what the store holds now; default: beside the SQLite store, or, of "
            "PostgreSQL, beside FILE."
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Of PostgreSQL: though others, such as a pooler, are connected."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Puts a back-up in force, once every syncd that works with the store is stopped. It is checked
    first, and what the store holds now is kept in a file; then all is changed, or nothing.

    Example: [bold]syncd --database-url postgresql://syncd@db/syncd store restore syncd.db[/bold]
    """
    from syncd.store.restore import CannotRestore
    from syncd.store.restore import restore as put_in_force

    began = time.monotonic()
    with stored(as_it_is=True) as found, bar("restoring") as moved:
        aside = keep or _aside(found, file)
        try:
            done = put_in_force(found, file, aside=aside, force=force, moved=moved)
        except CannotRestore as error:
            stop(f"nothing was restored: {error}")
        name = found.name
    kept = None if done.kept is None else str(done.kept)
    if as_json:
        document = _document(done.schema, done.rows, time.monotonic() - began)
        print_json({"store": name, "kept": kept, **document})
        return
    words = f"{name}: {_counted(done.rows)} of {file}"
    if kept is not None:
        words += f"; what it held before is in {kept}"
    out.print(words, markup=False, highlight=False, soft_wrap=True)


@store.command("compact")
def compact(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be removed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Removes at once what is kept no longer, as a worker does by itself every day; it may run
    beside one. What is kept how long is said by the settings `keep_fine`, `keep_events` and
    `keep_letters`.

    Example: [bold]syncd --config settings.yaml store compact --dry-run[/bold]
    """
    from syncd.cli.call import settings_of_store
    from syncd.clock import SystemClock
    from syncd.retention import compacting_every, keep_of
    from syncd.store.compacting import compact as remove
    from syncd.store.compacting import would_go

    settings = settings_of_store()
    keep, clock = keep_of(settings), SystemClock()
    counted: dict[str, dict[str, Any]] = {}
    with stored() as found, bar("looking" if dry_run else "removing") as moved:
        done = 0
        if dry_run:
            for kind, rows in would_go(found, keep, clock.now()):
                counted.setdefault(kind.value, {"removed": 0})["removed"] += rows
                moved(done := done + rows, None)
        else:

            def removing(kind: Kind, rows: int) -> None:  # noqa: ARG001
                nonlocal done
                moved(done := done + rows, None)

            every = compacting_every(settings)
            for one in remove(found, clock.now, keep, every=every, due=False, removing=removing):
                counted[one.kind.value] = {
                    "removed": one.removed,
                    "kept": one.kept,
                    "by_another": not one.taken,
                }
    if as_json:
        print_json({"dry_run": dry_run, "kinds": counted})
        return
    for name, of in counted.items():
        words = f"{name}: {of['removed']} {'would be ' if dry_run else ''}removed"
        if of.get("kept") is not None:
            words += f", {of['kept']} kept"
        if of.get("by_another"):
            words = f"{name}: a worker is at it"
        out.print(words, markup=False, highlight=False)


def _aside(found: Store, file: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    beside = found.file or file
    return beside.with_name(f"{beside.name}.before-{stamp}")


def _document(schema: str, rows: Mapping[str, int], seconds: float) -> dict[str, Any]:
    return {
        "schema": schema,
        "rows": sum(rows.values()),
        "tables": dict(rows),
        "seconds": round(seconds, 3),
    }


def _counted(rows: Mapping[str, int]) -> str:
    total = sum(rows.values())
    return f"{total} row{'' if total == 1 else 's'}"
