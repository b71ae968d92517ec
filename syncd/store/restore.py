"""Restoring a back-up into either engine: all of it, or nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from syncd.store import files
from syncd.store.backup import (
    BackUp,
    checked,
    copy_rows,
    copy_to_file,
    require_this_version,
)
from syncd.store.engine import Store, StoreUnusable
from syncd.store.exported import is_export
from syncd.store.files import InUse, Moved, Unfit
from syncd.store.schema import counters, metadata, outbox, scopes


class CannotRestore(Exception):
    """The store is as it was; the message says why, and what to do."""


@dataclass(frozen=True)
class Restored:
    """What was put in force: as a back-up is described, `schema` as it was written. `kept`: the
    file with what was there before; None: there was nothing in it.
    """

    schema: str
    rows: Mapping[str, int]
    kept: Path | None


def restore(
    store: Store, file: Path, *, aside: Path, force: bool = False, moved: Moved | None = None
) -> Restored:
    """Makes the store what a back-up holds, of whichever engine that was, and brings it to this
    version's schema. What the store held before is kept in the file `aside`.

    The back-up is checked before anything is changed; then all of it is changed or nothing. Nobody
    may use the store meanwhile. `force`: on PostgreSQL, though others are connected to the database
    with the same name; they may be a pooler's. Raises CannotRestore.
    """
    if not file.is_file():
        raise CannotRestore(f"there is no file {file}")
    if is_export(file):
        raise CannotRestore(
            f"{file} is the export of one period and no back-up; `syncd period import` takes it"
        )
    if aside.exists():
        raise CannotRestore(f"the store would be kept as {aside}, which is there already")
    try:
        if store.file is None:
            return _into_postgresql(store, file, aside, force=force, moved=moved)
        return _into_file(store.file, file, aside, moved)
    except Unfit as error:
        raise CannotRestore(f"{file} {error}") from error
    except InUse as error:
        raise CannotRestore(
            f"{error}; stop every syncd that works with {store.name}, and try again"
        ) from error
    except StoreUnusable as error:
        raise CannotRestore(str(error)) from error
    except (OSError, sa.exc.DBAPIError) as error:
        said = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        raise CannotRestore(f"{file} cannot be restored: {said}") from error


def _into_file(place: Path, file: Path, aside: Path, moved: Moved | None) -> Restored:
    if place.exists() and file.samefile(place):
        raise CannotRestore(f"{file} is the store itself; name a back-up")
    with files.unfinished(place) as unfinished:
        files.snapshot(file, unfinished, moved)
        found = _made_ready(unfinished, file)
        if not place.exists():
            files.put(unfinished, place)
            return Restored(found.schema, found.rows, None)
        try:
            files.exchange(unfinished, place, aside)
        except InUse as error:
            raise InUse("the store is in use") from error
    return Restored(found.schema, found.rows, aside)


def _into_postgresql(
    store: Store, file: Path, aside: Path, *, force: bool, moved: Moved | None
) -> Restored:
    with TemporaryDirectory(prefix="syncd-restore-") as folder:
        ready = Path(folder) / "ready.db"
        ready.touch(mode=0o600)
        files.snapshot(file, ready)
        found = _made_ready(ready, file)
        store.migrate()
        source = Store(f"sqlite:///{ready}")
        try:
            with source.read() as read, _alone(store, force=force) as written:
                require_this_version(written, store.name)
                kept = _keep_aside(written, aside)
                copy_rows(read, written, moved)
                _number_on(written)
        finally:
            source.close()
    return Restored(found.schema, found.rows, kept)


def _made_ready(copy: Path, file: Path) -> BackUp:
    """A copy of a back-up that is sound, brought to this version's schema and held by nobody."""
    found = checked(copy, file)
    store = Store(f"sqlite:///{copy}")
    try:
        try:
            store.migrate()
            with store.read() as connection:
                require_this_version(connection, store.name)
        except StoreUnusable as error:
            raise Unfit(str(error).removeprefix(f"{store.name} ")) from error
        with store.write() as connection:
            # Whoever had claimed something when it was written is no more.
            free = {"lease_token": None, "lease_until": None}
            for table in (scopes, outbox):
                connection.execute(sa.update(table).values(free))
    finally:
        store.close()
    files.settle(copy)
    return found


@contextmanager
def _alone(store: Store, *, force: bool) -> Iterator[sa.Connection]:
    """A transaction that has all tables of PostgreSQL to itself. Raises InUse."""
    with store.write() as connection:
        others = connection.execute(
            sa.text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND usename = current_user AND pid <> pg_backend_pid() "
                "AND backend_type = 'client backend'"
            )
        ).scalar_one()
        if others and not force:
            raise InUse(
                f"{others} other connection{'s are' if others > 1 else ' is'} open to the "
                "database, by the same user (--force: although, if they are a pooler's)"
            )
        names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        try:
            connection.execute(
                sa.text(f"LOCK TABLE {names}, alembic_version IN ACCESS EXCLUSIVE MODE NOWAIT")
            )
        except sa.exc.OperationalError as error:
            raise InUse("somebody reads or writes in the store now") from error
        yield connection


def _keep_aside(connection: sa.Connection, aside: Path) -> Path | None:
    """Writes down what is to be replaced, where there is anything."""
    used = (table for table in metadata.sorted_tables if table is not counters)
    if not any(connection.execute(sa.select(table).limit(1)).first() for table in used):
        return None
    with files.unfinished(aside) as unfinished:
        copy_to_file(connection, unfinished, None)
        files.put(unfinished, aside)
    return aside


def _number_on(connection: sa.Connection) -> None:
    """New rows get numbers after those that were copied, which PostgreSQL does not do by itself."""
    for table in metadata.sorted_tables:
        numbered = table.autoincrement_column
        if numbered is None:
            continue
        newest = sa.select(sa.func.max(numbered)).scalar_subquery()
        sequence = sa.func.pg_get_serial_sequence(table.name, numbered.name)
        connection.execute(
            sa.select(sa.func.setval(sequence, sa.func.coalesce(newest, 1), newest.is_not(None)))
        )
