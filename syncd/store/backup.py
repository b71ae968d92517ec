"""A back-up of the store: a file that is itself a store, in SQLite, whichever engine it is of.

So it can be looked at with every command, and be restored into either engine
(`docs/decisions/0033-a-back-up-is-a-store.md`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from syncd.store import files
from syncd.store.bulk import add, partitions
from syncd.store.engine import Store, StoreUnusable
from syncd.store.files import Moved, Unfit
from syncd.store.migrating import HEAD, schema_of, steps
from syncd.store.schema import metadata


class CannotBackUp(Exception):
    """There is no new back-up; the message says why. What was there is as it was."""


@dataclass(frozen=True)
class BackUp:
    """A back-up that was checked: where it is, its size, the step of its schema, and how many rows
    each table has.
    """

    file: Path
    size_bytes: int
    schema: str
    rows: Mapping[str, int]


def back_up(
    store: Store, file: Path, *, replace: bool = False, moved: Moved | None = None
) -> BackUp:
    """Writes what the store holds at this moment to a file, and checks it; workers go on meanwhile.
    `replace`: also over a file that is there. The file is complete or not there at all, and only
    its owner may read it.

    Raises CannotBackUp.
    """
    require_place(store, file, replace=replace)
    try:
        with files.unfinished(file) as unfinished:
            if store.file is None:
                _copied(store, unfinished, moved)
            else:
                files.snapshot(store.file, unfinished, moved)
            found = checked(unfinished, file)
            files.put(unfinished, file)
            return found
    except Unfit as error:
        raise CannotBackUp(f"the store {error}") from error
    except StoreUnusable as error:
        raise CannotBackUp(str(error)) from error
    except (OSError, sa.exc.DBAPIError) as error:
        raise CannotBackUp(f"{file} cannot be written: {error}") from error


def require_place(store: Store, file: Path, *, replace: bool) -> None:
    """Returns where a file of the store may be written there. Raises CannotBackUp."""
    if store.file is not None:
        if not store.file.exists():
            raise CannotBackUp(f"there is no store at {store.file}")
        if file.exists() and file.samefile(store.file):
            raise CannotBackUp(f"{file} is the store itself; name another file")
    if not file.parent.is_dir():
        raise CannotBackUp(f"there is no folder {file.parent}; make it first")
    if file.exists() and not replace:
        raise CannotBackUp(f"{file} is there already; name another file, or say --force")


def _copied(store: Store, file: Path, moved: Moved | None) -> None:
    with store.read() as connection:
        require_this_version(connection, store.name)
        copy_to_file(connection, file, moved)


def require_this_version(connection: sa.Connection, name: str) -> None:
    """Returns where the schema is exactly this version's: of another one, on which this version may
    well work, it does not know every row. Raises StoreUnusable.
    """
    found = schema_of(connection)
    if found != HEAD:
        newer = "a newer syncd" if found is not None and found not in steps() else "another version"
        raise StoreUnusable(
            f"{name} was written by {newer} (schema {found or 'none'}); use that version for it"
        )


def copy_to_file(connection: sa.Connection, file: Path, moved: Moved | None) -> None:
    """Fills an empty file with all that a connection sees, and sees to it that all arrived."""
    copy = Store(f"sqlite:///{file}")
    try:
        copy.migrate()
        with copy.write() as written:
            copied = copy_rows(connection, written, moved)
    finally:
        copy.close()
    files.settle(file)
    found = files.rows_of(file)
    if any(found[name] != count for name, count in copied.items()):
        raise Unfit(f"has {copied}, of which only {found} arrived")


def copy_rows(
    read: sa.Connection, written: sa.Connection, moved: Moved | None
) -> Mapping[str, int]:
    """How many rows each table has, all of which are copied. What is read must not change
    meanwhile.
    """
    count = sa.func.count()
    counts = {
        table.name: int(read.execute(sa.select(count).select_from(table)).scalar_one())
        for table in metadata.sorted_tables
    }
    total, done = sum(counts.values()), 0
    for table in reversed(metadata.sorted_tables):
        written.execute(sa.delete(table))
    for table in metadata.sorted_tables:
        for some in partitions(read, sa.select(table)):
            add(written, table, some)
            done += len(some)
            if moved is not None:
                moved(done, total)
    return counts


def checked(file: Path, final: Path) -> BackUp:
    """What is in a file that is to become `final`. Raises Unfit, when it is no sound store."""
    files.require_sound(file)
    schema = _schema_of(file)
    files.settle(file)
    return BackUp(final, file.stat().st_size, schema, files.rows_of(file))


def _schema_of(file: Path) -> str:
    store = Store(f"sqlite:///{file}")
    try:
        with store.read() as connection:
            schema = schema_of(connection)
    finally:
        store.close()
    if schema is None:
        raise Unfit("is no store of syncd: it has another's tables, or none")
    return schema
