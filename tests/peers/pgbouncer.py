"""PgBouncer before a PostgreSQL, in transaction mode: no session outlives a transaction."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.postgres import OWNER, Postgres
from tests.peers.process import LOOPBACK, Process, boot, unprivileged_user

BOOT_SECONDS = 20.0
SERVERS = 6
"""Connections to PostgreSQL: fewer than its clients have, so that they are really shared."""


class PgBouncer:
    """A pooler on a free loopback port for all databases of a cluster. A context manager."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._folder: Path | None = None
        self._process: Process | None = None
        self.port = 0

    def url(self, database: str) -> str:
        """The SQLAlchemy address of a database, through the pooler."""
        return f"postgresql+psycopg://{OWNER}@{LOOPBACK}:{self.port}/{database}"

    def __enter__(self) -> Self:
        folder = self._folder = Path(tempfile.mkdtemp(prefix="syncd-pgbouncer-"))
        user = unprivileged_user("postgres", "nobody")
        users = folder / "users.txt"
        users.write_text(f'"{OWNER}" ""\n')

        def launch(port: int) -> Process:
            config = folder / "pgbouncer.ini"
            config.write_text(
                "[databases]\n"
                f"* = host={LOOPBACK} port={self._postgres.port}\n"
                "[pgbouncer]\n"
                f"listen_addr = {LOOPBACK}\nlisten_port = {port}\nunix_socket_dir =\n"
                f"auth_type = trust\nauth_file = {users}\n"
                f"pool_mode = transaction\ndefault_pool_size = {SERVERS}\n"
                "server_login_retry = 1\n"
            )
            if user:
                for path in (folder, users, config):
                    shutil.chown(path, user)
            return Process(
                "pgbouncer", ["pgbouncer", config], log=folder.with_suffix(".log"), user=user
            )

        self._process, self.port = boot(launch, self._answers, seconds=BOOT_SECONDS)
        return self

    def _answers(self, port: int) -> bool:
        import psycopg

        place = f"host={LOOPBACK} port={port} user={OWNER} dbname=postgres"
        try:
            with psycopg.connect(place, connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, tb: TracebackType | None
    ) -> None:
        if self._process:
            self._process.stop()
            self._process.log.unlink(missing_ok=True)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
