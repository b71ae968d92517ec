"""A throw-away PostgreSQL cluster, for the store's tests and for NetBox."""

from __future__ import annotations

import gzip
import itertools
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any, Self

from tests.peers.process import LOOPBACK, Peer, PeerFailed, Process, boot, finish, unprivileged_user

OWNER = "syncd"
BOOT_SECONDS = 60.0
TOOL_SECONDS = 300.0
# Durability is of no use to a cluster that dies with the test run.
SPEED = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    # Its folder may be in memory.
    "max_wal_size": "256MB",
    # Its segments are in that folder, and gone with it: those of POSIX outlive a server that is killed.
    "dynamic_shared_memory_type": "mmap",
    "max_wal_senders": "0",
    "max_connections": "200",
}


def binary(name: str) -> Path:
    """The newest installed PostgreSQL program of this name. Raises PeerFailed when there is none."""
    # Debian keeps the server's programs off the PATH, one folder for each major version.
    found = list(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if found:
        return max(found, key=lambda path: int(path.parts[4]) if path.parts[4].isdigit() else 0)
    if on_path := shutil.which(name):
        return Path(on_path)
    raise PeerFailed(f"PostgreSQL's `{name}` is not installed: `make peers` installs it")


class Postgres(Peer):
    """A cluster in a temporary folder on a free loopback port, without passwords. A context manager.

    As root the server runs as the user ``postgres`` or ``nobody``: initdb refuses root.
    """

    def __init__(self, **settings: str) -> None:
        """``settings`` are added to the server's command line, e.g. ``max_connections="20"``."""
        self.port = 0
        self._settings = {**SPEED, **settings}
        self._process: Process | None = None
        self._folder: Path | None = None
        self._user = ""
        self._data = Path()
        self._major = 0
        self._numbers = itertools.count(1)

    def start(self) -> Self:
        """Create the cluster, boot it and return this. Raises PeerFailed with what was printed."""
        folder = self._folder = Path(tempfile.mkdtemp(prefix="syncd-postgres-"))
        user = unprivileged_user("postgres", "nobody")
        if user:
            shutil.chown(folder, user)
        data = folder / "data"
        words: list[str | os.PathLike[str]] = [binary("initdb"), "--pgdata", data]
        words += ["--username", OWNER, "--auth", "trust", "--encoding", "UTF8"]
        words += ["--locale", "C.UTF-8", "--no-sync"]
        finish(words, seconds=TOOL_SECONDS, user=user, cwd=folder)

        self._user, self._data = user or "", data
        self._major = int((data / "PG_VERSION").read_text().partition(".")[0])
        self._process, self.port = boot(self._launch, self._answers, seconds=BOOT_SECONDS)
        return self

    def _launch(self, port: int) -> Process:
        folder = self._data.parent
        options = {
            "listen_addresses": LOOPBACK,
            "port": str(port),
            "unix_socket_directories": "",
            **self._settings,
        }
        argv: list[str | os.PathLike[str]] = [binary("postgres"), "-D", self._data]
        for name, value in options.items():
            argv += ["-c", f"{name}={value}"]
        return Process("postgres", argv, log=folder / "log", user=self._user or None, cwd=folder)

    def restart(self) -> None:
        """End every session as an administrator would, and come back at the same port."""
        self.halt()
        self.go_on()

    def halt(self) -> None:
        """End every session as an administrator would, and stay away."""
        if self._process is None:
            raise PeerFailed("PostgreSQL was not started")
        # SIGINT is its fast shutdown: what was committed is kept.
        self._process.stop(signal.SIGINT)

    def go_on(self) -> None:
        """Come back at the same port, after `halt`."""
        self._process = self._launch(self.port)
        self._process.wait_until(lambda: self._answers(self.port), seconds=BOOT_SECONDS)

    def _answers(self, port: int) -> bool:
        import psycopg

        try:
            with psycopg.connect(self._dsn("postgres", port), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    @staticmethod
    def _dsn(database: str, port: int) -> str:
        return f"host={LOOPBACK} port={port} user={OWNER} dbname={database}"

    def url(self, database: str) -> str:
        """The SQLAlchemy address of a database."""
        return f"postgresql+psycopg://{OWNER}@{LOOPBACK}:{self.port}/{database}"

    def execute(self, statement: str, *, database: str = "postgres") -> list[tuple[Any, ...]]:
        """The rows of one SQL statement, run outside a transaction; none if it gives none."""
        import psycopg

        with psycopg.connect(self._dsn(database, self.port), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def create_database(
        self,
        name: str | None = None,
        *,
        template: str = "template0",
        tablespace: str = "pg_default",
    ) -> str:
        """The address of a fresh database: empty, or a copy of ``template``.

        It gets a name of its own when ``name`` is None. The template's sessions are ended first.
        """
        name = name or f"test_{next(self._numbers)}"
        if template != "template0":
            self.disconnect(template)
        # Files are copied in half the time that it takes to write them through the log, which is
        # what PostgreSQL does since it has the choice.
        chosen = " STRATEGY FILE_COPY" if self._major >= 15 else ""
        self.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{template}" TABLESPACE {tablespace}{chosen}'
        )
        return self.url(name)

    def create_tablespace(self, name: str, folder: Path) -> None:
        """A tablespace in a folder that the server's user can reach; it becomes that user's."""
        if self._user:
            shutil.chown(folder, self._user)
        self.execute(f"CREATE TABLESPACE {name} LOCATION '{folder}'")

    @property
    def folder(self) -> Path:
        """The cluster's own, which is gone with it; its user may reach what is in it."""
        return self._data.parent

    def drop_database(self, name: str) -> None:
        """Drop a database if it is there, ending its sessions."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def disconnect(self, database: str) -> None:
        """End every session on a database, as a restart of the server would."""
        self.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"  # noqa: S608
            f" WHERE datname = '{database}' AND pid <> pg_backend_pid()"
        )

    def restore(self, dump: Path, name: str) -> None:
        """Create database ``name`` from a gzipped plain SQL dump. Raises PeerFailed if psql does."""
        self.create_database(name)
        argv: list[str | os.PathLike[str]] = [binary("psql"), "--no-psqlrc", "--quiet"]
        argv += ["--output", os.devnull, "--set", "ON_ERROR_STOP=1", "--single-transaction"]
        argv += ["--dbname", self._dsn(name, self.port)]
        finish(argv, seconds=TOOL_SECONDS, feed=gzip.decompress(dump.read_bytes()))

    def dump(self, name: str) -> str:
        """A database as plain SQL of pg_dump, without owners and privileges."""
        argv: list[str | os.PathLike[str]] = [binary("pg_dump"), "--no-owner", "--no-privileges"]
        argv += ["--dbname", self._dsn(name, self.port)]
        return finish(argv, seconds=TOOL_SECONDS).decode()

    def stop(self) -> None:
        """End the server at once and remove its folder."""
        if self._process:
            # SIGQUIT is PostgreSQL's immediate shutdown: there is nothing worth writing back.
            self._process.stop(signal.SIGQUIT)
            self._process = None
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
