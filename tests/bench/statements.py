"""What a store is asked: statements, and the rows that they read and write. Counted under SQLAlchemy,
so that nothing of syncd has to know.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa


@dataclass
class Tally:
    """So many of each since it began."""

    statements: int = 0
    rows_read: int = 0
    rows_written: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, *, statements: int = 0, read: int = 0, written: int = 0) -> None:
        """Counts some more."""
        with self._lock:
            self.statements += statements
            self.rows_read += read
            self.rows_written += written

    def told(self) -> dict[str, int]:
        """For the baseline."""
        return {
            "statements": self.statements,
            "rows_read": self.rows_read,
            "rows_written": self.rows_written,
        }


_counting: list[Tally] = []


def _count(**more: int) -> None:
    for tally in _counting:
        tally.add(**more)


class _Cursor(sqlite3.Cursor):
    """Counts each row that is fetched."""

    def fetchone(self) -> Any:
        row = super().fetchone()
        _count(read=row is not None)
        return row

    def fetchmany(self, size: int | None = None) -> list[Any]:
        rows = super().fetchmany(self.arraysize if size is None else size)
        _count(read=len(rows))
        return rows

    def fetchall(self) -> list[Any]:
        rows = super().fetchall()
        _count(read=len(rows))
        return rows


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)


@contextmanager
def counted() -> Iterator[Tally]:
    """Within it all that stores on SQLite are asked is counted, of connections that were opened
    within `countable`.
    """
    tally = Tally()
    _counting.append(tally)
    try:
        yield tally
    finally:
        _counting.remove(tally)


@contextmanager
def countable() -> Iterator[None]:
    """Connections to SQLite that are opened within it can be counted."""

    def connect(dialect: Any, record: Any, args: Any, options: dict[str, Any]) -> None:
        if dialect.name == "sqlite":
            options["factory"] = _Connection

    def executed(
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        # -1: it reads, or nobody knows
        _count(statements=1, written=max(0, cursor.rowcount))

    sa.event.listen(sa.Engine, "do_connect", connect)
    sa.event.listen(sa.Engine, "after_cursor_execute", executed)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "do_connect", connect)
        sa.event.remove(sa.Engine, "after_cursor_execute", executed)
