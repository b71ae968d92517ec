"""Why a store cannot be read or written, by what its driver says, and what to do about it."""

from __future__ import annotations

import sqlite3
from enum import StrEnum

import sqlalchemy as sa


class Trouble(StrEnum):
    """What is wrong with a store, as far as its driver says."""

    DISK_FULL = "disk_full"
    DISK = "disk"
    READ_ONLY = "read_only"
    DAMAGED = "damaged"
    NO_DATABASE = "no_database"
    CANNOT_OPEN = "cannot_open"
    BUSY = "busy"
    UNKNOWN = "unknown"
    AWAY = "away"


_OF_SQLITE = {
    sqlite3.SQLITE_FULL: Trouble.DISK_FULL,
    sqlite3.SQLITE_IOERR: Trouble.DISK,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.NO_DATABASE,
    sqlite3.SQLITE_CANTOPEN: Trouble.CANNOT_OPEN,
    sqlite3.SQLITE_PERM: Trouble.CANNOT_OPEN,
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
}
_OF_POSTGRESQL = {
    "25006": Trouble.READ_ONLY,  # read_only_sql_transaction
    "53100": Trouble.DISK_FULL,
    "58030": Trouble.DISK,  # io_error
}
_CLASSES = {
    "08": Trouble.AWAY,  # the connection
    "53": Trouble.AWAY,  # too many connections, out of memory
    "57": Trouble.AWAY,  # shut down by an administrator, starting up
    "XX": Trouble.DAMAGED,  # data_corrupted, index_corrupted, internal_error
}

_AGAIN = "40"
"""The class of deadlocks, and of transactions that cannot be put in an order."""

_WORDS = {
    Trouble.DISK_FULL: "the disk is full; make room on it, or raise the quota",
    Trouble.DISK: "the disk takes nothing more: it is full, over a quota or a size limit, or "
    "failing; look at it (df, dmesg)",
    Trouble.READ_ONLY: "it is read-only; let this user write the file, those beside it (-wal, "
    "-shm) and their folder, and start syncd again (PostgreSQL: default_transaction_read_only, or "
    "a standby)",
    Trouble.DAMAGED: "it is damaged; stop syncd, and restore a back-up: syncd store restore FILE",
    Trouble.NO_DATABASE: "it is no SQLite database; if it is syncd's and damaged, restore a "
    "back-up: syncd store restore FILE; else name another file: SYNCD_DATABASE_URL=sqlite:///PATH",
    Trouble.CANNOT_OPEN: "this user cannot open it; let it read and write the file and its folder "
    "(SQLite keeps its log beside the file)",
    Trouble.BUSY: "another process has been writing for too long; look who has it open",
    Trouble.UNKNOWN: "it does not do what it is asked, which is a fault of syncd; please report it",
    Trouble.AWAY: "its server does not answer; look whether it runs and lets this user in",
}


def trouble_of(error: BaseException) -> Trouble | None:
    """What is wrong with the store; None: nothing, and what was asked is worth another try.

    >>> full = sqlite3.OperationalError("database or disk is full")
    >>> full.sqlite_errorcode = sqlite3.SQLITE_FULL
    >>> trouble_of(full)
    <Trouble.DISK_FULL: 'disk_full'>
    """
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        # the lowest byte is the error, those above say which kind of it
        code = getattr(cause, "sqlite_errorcode", None) or 0
        return _OF_SQLITE.get(code & 0xFF, Trouble.UNKNOWN)
    state: str | None = getattr(cause, "sqlstate", None)
    if state is not None:
        known = _OF_POSTGRESQL.get(state) or _CLASSES.get(state[:2], Trouble.UNKNOWN)
        return None if state.startswith(_AGAIN) else known
    lost = type(cause).__name__ in ("OperationalError", "InterfaceError")
    return Trouble.AWAY if lost else Trouble.UNKNOWN


def advice(trouble: Trouble) -> str:
    """What it is, and what to do, as the end of a sentence about the store."""
    return _WORDS[trouble]


def why_not(error: sa.exc.DBAPIError | sqlite3.Error) -> str:
    """The same of an error, with what the driver said."""
    trouble = trouble_of(error)
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    said = " ".join(str(cause).split())
    return said if trouble is None else f"{advice(trouble)} (got: {said})"
