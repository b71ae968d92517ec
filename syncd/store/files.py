"""Stores that are files: copied while they are used, checked, and put in each other's place.

SQLite is spoken to directly here: its online back-up, its locks and its checks know no transaction
of the store. Paths are of this machine; nothing of what is stored is read or changed.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from syncd.store.trouble import Trouble, advice, why_not

VERSIONS = "alembic_version"
"""The table that every store has."""

Moved = Callable[[int, int], None]
"""Told how much is done, and of how much."""

PAGES = 2_000
"""How many pages are copied at once: some 8 MB."""

MOST_FAULTS = 5
_LOOKED_SECONDS = 60.0
_STEPS = 1_000
"""Of SQLite's machine between two looks at the time."""
_HEADER = b"SQLite format 3\0"
_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file; without it the file may lack what was written last."""


class Unfit(Exception):
    """A file is no sound store; the message says why."""


class InUse(Exception):
    """Somebody has the store open."""


def snapshot(source: Path, target: Path, moved: Moved | None = None) -> None:
    """Makes `target` what `source` is at this moment, whoever writes to it meanwhile; they need not
    wait. Raises Unfit, when `source` is no database or cannot be read, and OSError.
    """
    _require_database(source)

    def pages(status: int, remaining: int, total: int) -> None:  # noqa: ARG001
        if moved is not None:
            moved(total - remaining, total)

    try:
        with (
            _opened(source, "ro") as read,
            _opened(target) as written,
        ):
            # One transaction for all pages: else every write of another begins the copy anew.
            read.execute("BEGIN")
            read.execute("SELECT count(*) FROM sqlite_master").fetchone()
            read.backup(written, pages=PAGES, progress=pages)
    except sqlite3.Error as error:
        raise Unfit(f"{source} cannot be copied: {error}") from error


def settle(file: Path) -> None:
    """Makes what nobody has open a single file, with nothing beside it."""
    with _opened(file) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()


def require_sound(file: Path) -> None:
    """Returns when every page and every reference in the file is as it must be. Raises Unfit."""
    try:
        with _opened(file) as connection:
            said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
            if said != ["ok"]:
                raise Unfit(f"is damaged: {'; '.join(said[:MOST_FAULTS])}")
            if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise Unfit("is damaged: it has rows that refer to nothing")
    except sqlite3.Error as error:
        raise Unfit(f"is damaged: {error}") from error


def looked_through(file: Path, seconds: float) -> bool:
    """Whether every page of a store could be looked at within some seconds; nothing is wrong with
    those that were. Nothing is written, not even what SQLite keeps beside the file. Raises Unfit.
    """
    until = time.monotonic() + seconds
    try:
        # read-only: to open it for writing would put a log that is not its own into the file
        with _opened(file, "ro" if _has_log(file) else "ro&immutable=1") as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            names = sorted(str(row[0]) for row in tables)
            connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
            said = [str(row[0]) for row in connection.execute(f"PRAGMA quick_check({MOST_FAULTS})")]
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            return False
        raise Unfit(f"cannot be used: {why_not(error)}") from error
    if said != ["ok"]:
        raise Unfit(f"cannot be used: {advice(Trouble.DAMAGED)} (found: {'; '.join(said)})")
    if names and VERSIONS not in names:
        raise Unfit(
            f"is another program's database, and was left as it is (its tables: "
            f"{', '.join(names[:MOST_FAULTS])}); name another file: SYNCD_DATABASE_URL="
            "sqlite:///PATH; or, if it was syncd's and the log beside it (-wal) is another's, "
            "restore a back-up: syncd store restore FILE"
        )
    return True


def rows_of(file: Path) -> dict[str, int]:
    """How many rows each table of a sound file has."""
    with _opened(file) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        return {
            # names of tables that the file itself lists; a parameter cannot stand for one
            name: int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608  # nosec B608
            for (name,) in sorted(tables)
        }


@contextmanager
def unfinished(final: Path) -> Iterator[Path]:
    """An empty file beside `final`, for its owner alone, to be written and then put in its place;
    it is gone after the block. Raises OSError.
    """
    handle, name = tempfile.mkstemp(dir=final.parent, prefix=f".{final.name}.", suffix=".part")
    os.close(handle)
    path = Path(name)
    try:
        yield path
    finally:
        for one in (path, *_beside(path)):
            one.unlink(missing_ok=True)


def put(file: Path, place: Path) -> None:
    """Moves a file that is written to its place for good, over what is there."""
    with file.open("rb") as written:
        os.fsync(written.fileno())
    file.replace(place)
    _keep(place.parent)


def exchange(file: Path, place: Path, aside: Path) -> None:
    """Puts a file in the place of a store that nobody has open, for the same users, and keeps that
    as `aside`. Raises InUse, with nothing changed. A store that is damaged is moved with all that
    is beside it.
    """
    with _untouched(place) if _is_damaged(place) else _alone(place):
        was = place.stat()
        file.chmod(was.st_mode & 0o777)
        if (was.st_uid, was.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(file, was.st_uid, was.st_gid)
        left = [(one, Path(f"{aside}{one.name[len(place.name) :]}")) for one in _beside(place)]
        moves = [(place, aside), *((one, to) for one, to in left if one.exists())]
        done: list[tuple[Path, Path]] = []
        try:
            for one, to in moves:
                one.replace(to)
                done.append((one, to))
            put(file, place)
        except OSError:
            for one, to in reversed(done):
                to.replace(one)
            raise


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """With nobody else in the store. Whoever has it open holds a lock in its write-ahead mode,
    also between two transactions, and to leave that mode is to have it alone.
    """
    connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True, timeout=0)
    try:
        try:
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise InUse(str(file)) from error
        except sqlite3.DatabaseError:
            # too damaged to be asked: no process can work with it either
            pass
        yield
    finally:
        with suppress(sqlite3.Error):
            connection.close()


@contextmanager
def _untouched(file: Path) -> Iterator[None]:
    """The same of a damaged one, without SQLite: to be asked it would first put the log that lies
    beside the file into it, whosever that is. Who has a file open holds a lock on these bytes
    (https://sqlite.org/src/file/src/os.h, SHARED_FIRST and SHARED_SIZE).
    """
    with file.open("r+b") as held:
        try:
            fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)
        except OSError as error:
            raise InUse(str(file)) from error
        yield


def _is_damaged(file: Path) -> bool:
    try:
        looked_through(file, _LOOKED_SECONDS)
    except Unfit:
        return True
    return False


@contextmanager
def _opened(file: Path, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(
        f"{file.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None
    )
    try:
        yield connection
    finally:
        connection.close()


def _require_database(file: Path) -> None:
    with file.open("rb") as opened:
        if opened.read(len(_HEADER)) != _HEADER:
            raise Unfit("is no store of syncd: it is no SQLite database")


def _has_log(file: Path) -> bool:
    """Whether something lies beside it that SQLite would read as a part of it: so it is wherever
    somebody has it open.
    """
    log = Path(f"{file}-wal")
    return log.exists() and log.stat().st_size > 0


def _beside(file: Path) -> list[Path]:
    return [Path(f"{file}{suffix}") for suffix in _BESIDE]


def _keep(folder: Path) -> None:
    """The names in a folder are kept though the machine stops now."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
