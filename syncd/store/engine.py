"""Opening the store: one URL for SQLite or PostgreSQL, one way to read and one to write."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from tenacity import (
    Retrying,
    retry,
    retry_if_exception,
    sleep_using_event,
    stop_after_attempt,
    stop_after_delay,
    wait_random,
)

from syncd.store.pooling import IDLE_SECONDS, keep_sound
from syncd.store.queueing import InTurn
from syncd.store.standing import SETTLED_SECONDS, Standing
from syncd.store.trouble import Trouble, trouble_of, why_not

P = ParamSpec("P")
R = TypeVar("R")

DEADLOCK = "40P01"
"""PostgreSQL's code for it."""
DEADLOCKS = 5

_WROTE = "syncd_wrote"
BUSY_SECONDS = 30.0
FREED_PAGES = 1_000
"""How many pages SQLite gives back in one transaction: some 4 MB."""
# Any constant will do, as long as every replica uses the same one.
MIGRATION_LOCK = 0x73796E6364


class StoreUnusable(Exception):
    """The store cannot be opened; the message says what to do."""


class Store:
    """An open store. Safe to share between threads; `close` gives the connections back."""

    def __init__(self, url: str, *, idle_seconds: float = IDLE_SECONDS) -> None:
        """`url` is an SQLAlchemy URL: ``sqlite:///path`` or ``postgresql+psycopg://...``
        (``postgresql://`` is taken for the latter). A connection to a server that lay idle for so
        long is asked whether it is still there before it is used. Raises StoreUnusable.
        """
        parsed = database_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.name = parsed.render_as_string(hide_password=True)
        options: dict[str, Any] = {"json_deserializer": _from_json}
        if self.is_sqlite:
            if parsed.database in (None, "", ":memory:"):
                raise StoreUnusable("an in-memory SQLite is gone at exit; give it a file's path")
            _make_folder(Path(parsed.database or "").parent)
            options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        else:
            # Nothing here needs a session, so a transaction pooler may stand in between.
            options["connect_args"] = {"prepare_threshold": None}
        self.standing = Standing(settled_seconds=0.0 if self.is_sqlite else SETTLED_SECONDS)
        self._url = parsed
        # SQLite's own queue is sleeping ever longer: who waits here goes on the moment it may
        self._turn = InTurn() if self.is_sqlite else None
        try:
            self._engine = sa.create_engine(parsed, **options)
        except ImportError as error:
            raise StoreUnusable(
                "PostgreSQL needs a driver that is not installed; pip install 'syncd[postgresql]'"
            ) from error
        sa.event.listen(self._engine, "after_cursor_execute", _note_what_is_written)
        if not self.is_sqlite:
            sa.event.listen(self._engine, "do_connect", self._connect_as_told)
            keep_sound(self._engine, idle_seconds)
        if self.is_sqlite:
            sa.event.listen(self._engine, "connect", _sqlite_connect)
            sa.event.listen(self._engine, "begin", _sqlite_begin)

    @property
    def file(self) -> Path | None:
        """Where an SQLite store lies; None: it is PostgreSQL's."""
        return Path(self._url.database or "") if self.is_sqlite else None

    def renew(self, url: str) -> None:
        """From now on with this URL: new connections are made with it, and idle ones are given up.
        For PostgreSQL, whose passwords are rotated. Raises StoreUnusable, with nothing changed.
        """
        fresh = database_url(url)
        if self.is_sqlite or fresh.get_backend_name() == "sqlite":
            raise StoreUnusable("the database URL is another kind of store; restart to change it")
        self._url = fresh
        self.name = self._url.render_as_string(hide_password=True)
        self._engine.dispose()

    def _connect_as_told(self, dialect: Any, record: Any, args: Any, options: Any) -> None:  # noqa: ARG002
        options.update(dialect.create_connect_args(self._url)[1])

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one consistent state."""
        with self.standing.noticing(writing=False), self._engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction: all of it is committed, or nothing when the block raises."""
        try:
            with (
                self.standing.noticing(writing=True) as done,
                self._in_turn(),
                self._engine.connect() as connection,
            ):
                # SQLite: take the write lock at once; upgrading a read lock later may deadlock.
                connection = connection.execution_options(syncd_write=True)
                connection.info.pop(_WROTE, None)
                with connection.begin():
                    yield connection
                    if self.is_sqlite and self.standing.in_doubt and connection.info.get(_WROTE):
                        _write_something(connection)
                done.writing = connection.info.pop(_WROTE, False)
        except sa.exc.DBAPIError as error:
            if trouble_of(error) is Trouble.READ_ONLY:
                # Whether a file may be written was settled when the first connection opened it,
                # whether a database may, when the session began: all are opened anew.
                self._engine.dispose()
            raise

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """One writer of this process after the other. Nobody waits longer than for another process:
        then SQLite says that the store is locked.
        """
        with nullcontext() if self._turn is None else self._turn.mine(BUSY_SECONDS):
            yield

    def migrate(self) -> None:
        """Brings the schema to this version, or leaves a newer one that this version can work on as
        it is. Several replicas may do it at once.

        Raises StoreUnusable when the store was written by a syncd that is too new, is another
        program's, or is damaged.
        """
        # here and not above: who only reads need not wait for it
        from syncd.store.migrating import NewerSchema, OtherProgram, bring_up, is_usable

        try:
            with self.read() as connection:
                if is_usable(connection):
                    return
            with self._migrating() as connection:
                if not self.is_sqlite:
                    connection.execute(
                        sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK}
                    )
                bring_up(connection)
        except NewerSchema as error:
            raise StoreUnusable(
                f"{self.name} was written by a newer syncd (schema {error.schema}); "
                "run that version, or restore the back-up made before the upgrade"
            ) from error
        except OtherProgram as error:
            raise StoreUnusable(
                f"{self.name} is another program's database, and was left as it is: {error}; name "
                "another one: SYNCD_DATABASE_URL=sqlite:///PATH or postgresql://..."
            ) from error
        except sa.exc.DBAPIError as error:
            raise StoreUnusable(f"{self.name} cannot be used: {why_not(error)}") from error

    @contextmanager
    def _migrating(self) -> Iterator[sa.Connection]:
        """A write transaction that may rebuild tables others refer to (SQLite alters a table by
        making it anew); references are checked as a whole before it is committed.
        """
        with self._engine.connect() as connection:
            if not self.is_sqlite:
                with connection.begin():
                    yield connection
                return
            connection = connection.execution_options(syncd_write=True, syncd_unchecked=True)
            try:
                with connection.begin():
                    yield connection
                    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                        raise StoreUnusable(f"{self.name} has rows that refer to nothing")
            finally:
                # The pool must not hand this one out again without its checks.
                connection.invalidate()

    def require_current(self) -> None:
        """Returns where this version can work on the schema; changes nothing. Raises
        StoreUnusable.
        """
        from syncd.store.migrating import is_usable, schema_of

        try:
            with self.read() as connection:
                usable, current = is_usable(connection), schema_of(connection)
        except sa.exc.DBAPIError as error:
            raise StoreUnusable(f"{self.name} cannot be used: {why_not(error)}") from error
        if not usable:
            raise StoreUnusable(
                f"{self.name} has the schema of another version of syncd "
                f"({current or 'none'}), and this command changes nothing; `syncd status` of the "
                "version that is to run brings it up to date"
            )

    def insert(self, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
        """An INSERT of this engine, which knows ON CONFLICT."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def upsert(
        self,
        connection: sa.Connection,
        table: sa.Table,
        rows: Sequence[Mapping[str, Any]],
        *,
        keep: Sequence[str] = (),
    ) -> None:
        """Inserts rows by primary key, replacing the other columns that they name, but `keep`."""
        if not rows:
            return
        statement = self.insert(table)
        keys = [column.name for column in table.primary_key]
        changed = [name for name in rows[0] if name not in keys and name not in keep]
        statement = (
            statement.on_conflict_do_update(
                index_elements=keys, set_={name: statement.excluded[name] for name in changed}
            )
            if changed
            else statement.on_conflict_do_nothing(index_elements=keys)
        )
        connection.execute(statement, list(rows))

    def locked(self, query: sa.Select[Any], *, skip: bool = False) -> sa.Select[Any]:
        """The same query, its rows locked until the transaction ends.

        SQLite's writer already has the whole store to itself. `skip` passes over rows that
        another transaction has locked. Keys never change, so who only refers to a locked row, as
        a reading does to its indicator, need not wait for it; else two could wait in a circle.
        """
        if self.is_sqlite:
            return query
        return query.with_for_update(key_share=True, skip_locked=skip)

    def give_back(self) -> None:
        """Makes an SQLite file smaller by what is free in it, some pages at a time. A file that an
        older version made uses its free pages again and stays as large; so does PostgreSQL.
        """
        before = None
        while self.is_sqlite:
            with self.write() as connection:
                driver: Any = connection.connection.driver_connection
                driver.execute(f"PRAGMA incremental_vacuum({FREED_PAGES})").fetchall()
                free = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
            if free in (0, before):
                return
            before = free

    def close(self) -> None:
        """Gives back all connections."""
        self._engine.dispose()


def _from_json(text: str | bytes) -> Any:
    """What a column of JSON holds. Most of what is read from the store is, so it must be fast."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # numbers that JSON does not know and Python writes
        return json.loads(text)


def database_url(url: str) -> sa.URL:
    """The URL, with the driver that is used. Raises StoreUnusable."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise StoreUnusable(
            "the database URL cannot be read; expected sqlite:///PATH or "
            "postgresql://USER:PASSWORD@HOST/NAME"
        ) from error
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreUnusable(
            f"got a database URL for {parsed.get_backend_name()}; expected sqlite or postgresql"
        )
    return parsed


def _note_what_is_written(
    connection: sa.Connection,
    cursor: Any,
    statement: Any,  # noqa: ARG001  SQLAlchemy's signature
    values: Any,  # noqa: ARG001
    context: Any,
    many: Any,  # noqa: ARG001
) -> None:
    """A transaction that changed nothing says nothing of whether the store can be written."""
    if (context.isinsert or context.isupdate or context.isdelete) and cursor.rowcount != 0:
        connection.info[_WROTE] = True


def _write_something(connection: sa.Connection) -> None:
    """SQLite leaves a page as it is whose rows are set to what they were, and what writes nothing
    succeeds on a full disk too. Its header it writes always.
    """
    mark = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    connection.exec_driver_sql(f"PRAGMA user_version = {int(mark)}")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnusable(
            f"there is no folder {folder}, and it cannot be made: {error.strerror}; make it, or "
            "name another file: SYNCD_DATABASE_URL=sqlite:///PATH"
        ) from error


def again_on_deadlock(do: Callable[P, R]) -> Callable[P, R]:
    """The same function, of one transaction that locks much and cannot know who else locks in which
    order: PostgreSQL ends one of those who wait in a circle, and asks for it to be done again.
    """
    return retry(
        retry=retry_if_exception(_is_deadlock),
        stop=stop_after_attempt(DEADLOCKS),
        wait=wait_random(0.05, 0.5),
        # `time.sleep` fails where a machine's clock is set under it, as libfaketime does
        sleep=sleep_using_event(threading.Event()),
        reraise=True,
    )(do)


def _is_deadlock(error: BaseException) -> bool:
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlstate", None) == DEADLOCK


def _sqlite_connect(connection: Any, record: Any) -> None:  # noqa: ARG001
    # The driver must not begin transactions of its own; `_sqlite_begin` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    # SQLite does not wait by itself for this one: whoever makes the file's log meanwhile holds it.
    for attempt in Retrying(
        retry=retry_if_exception(_is_busy),
        stop=stop_after_delay(BUSY_SECONDS),
        wait=wait_random(0.01, 0.1),
        reraise=True,
    ):
        with attempt:
            # Only of a file in which nothing is yet: of any other it would wait for who writes.
            if cursor.execute("PRAGMA page_count").fetchone()[0] == 0:
                cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
            cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _is_busy(error: BaseException) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    # the lowest byte is the error, those above say which kind of it
    return code is not None and code & 0xFF == sqlite3.SQLITE_BUSY


def _sqlite_begin(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    writing = options.get("syncd_write", False)
    if options.get("syncd_unchecked", False):
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
