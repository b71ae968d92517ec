"""The store: there, readable, writable, whole, of this version, and with room to grow."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from connectors.checkup import Finding
from syncd.clock import Clock
from syncd.doctor.judging import room_told, schema_told
from syncd.doctor.postgres import look_at_postgres
from syncd.store.engine import StoreUnusable, database_url
from syncd.store.migrating import HEAD, is_usable, schema_of, steps

BUSY_SECONDS = 2.0
"""How long a look waits for whoever is writing."""

_STEPS = 100
"""Of SQLite's machine between two looks at the time."""


def look_at_store(url: str, clock: Clock, seconds: float) -> Iterator[Finding]:
    """What is found of the store at this URL within some `seconds`; nothing is made, nor left
    written.
    """
    try:
        place = database_url(url)
    except StoreUnusable as error:
        yield Finding.problem("reachable", str(error), "set SYNCD_DATABASE_URL")
        return
    if place.get_backend_name() == "postgresql":
        yield from look_at_postgres(place, clock, seconds)
    elif place.database in (None, "", ":memory:"):
        yield Finding.problem(
            "reachable", "a SQLite in memory is gone at exit", "give it a file: sqlite:///PATH"
        )
    else:
        yield from _look_at_file(Path(place.database or ""), seconds)


def _look_at_file(path: Path, seconds: float) -> Iterator[Finding]:
    if not path.is_file():
        yield _not_made_yet(path)
        return
    engine = sa.create_engine(
        "sqlite://", creator=lambda: _opened(path, "ro"), poolclass=sa.pool.NullPool
    )
    try:
        with engine.connect() as connection:
            found = schema_of(connection)
            journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
            yield Finding.ok("reachable", f"SQLite {sqlite3.sqlite_version}, {path}")
            yield schema_told(found, HEAD, steps(), usable=is_usable(connection))
            yield _journal(str(journal))
    except sa.exc.DBAPIError as error:
        yield Finding.problem(
            "reachable",
            f"{path} cannot be read: {error.orig}",
            "let this user read the file and its folder; if it is damaged, restore a back-up",
        )
        return
    yield _writable(path)
    taken = sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*") if one.is_file())
    yield room_told(shutil.disk_usage(path.parent).free, taken, str(path.parent))
    yield _integrity(path, seconds)


def _not_made_yet(path: Path) -> Finding:
    there = next((folder for folder in path.parents if folder.is_dir()), Path("/"))
    if not os.access(there, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        return Finding.problem(
            "writable",
            f"{path} is not there, and this user may not make it in {there}",
            "let this user write there, or name another file: SYNCD_DATABASE_URL=sqlite:///PATH",
        )
    return Finding.ok("reachable", f"{path} is not there yet; the first `syncd run` makes it")


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    # a URI, so that nothing is made and a read-only look stays one
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        check_same_thread=False,
        isolation_level=None,
    )


def _journal(mode: str) -> Finding:
    if mode == "wal":
        return Finding.ok("journal", "write-ahead (WAL)")
    return Finding.unknown(
        "journal", f"{mode} and not WAL yet; `syncd run` sets it", "on a network file system WAL "
        "does not work: use a local volume, or PostgreSQL"
    )  # fmt: skip


def _integrity(path: Path, seconds: float) -> Finding:
    """Whether the file is whole. The last of all, for it reads the file to its end."""
    until = time.monotonic() + seconds
    try:
        connection = _opened(path, "ro")
        try:
            connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
            said = [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)")]
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return Finding.unknown(
                "integrity", f"the file could not be read to its end within {seconds:g} s",
                "give it a longer --timeout",
            )  # fmt: skip
        said = [str(error)]
    if said == ["ok"]:
        return Finding.ok("integrity", "quick_check finds nothing")
    return Finding.problem(
        "integrity",
        f"it is damaged: {'; '.join(said)}",
        "stop syncd and restore a back-up; look at the disk",
    )


def _writable(path: Path) -> Finding:
    try:
        connection = _opened(path, "rw")
        try:
            (mark,) = connection.execute("PRAGMA user_version").fetchone()
            connection.execute("BEGIN IMMEDIATE")
            # what it holds already, and taken back: only trying tells whether it may be written
            connection.execute(f"PRAGMA user_version = {int(mark)}")
            connection.execute("ROLLBACK")
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        if (error.sqlite_errorcode & 0xFF) == sqlite3.SQLITE_BUSY:
            return Finding.unknown(
                "writable", f"another process has been writing for {BUSY_SECONDS:g} s"
            )
        return Finding.problem(
            "writable",
            f"{path} cannot be written: {error}",
            "let this user write the file and its folder (SQLite keeps its log beside it)",
        )
    return Finding.ok("writable", "a transaction was begun, and taken back")
