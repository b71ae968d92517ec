"""The stores of a soak, and how virtual time reaches them (docs/decisions/0043)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tests.peers.postgres import Postgres

_CLOCK = """
CREATE SCHEMA soak;
CREATE TABLE soak.clock (ahead interval NOT NULL);
INSERT INTO soak.clock VALUES ('0');
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
  AS 'SELECT pg_catalog.clock_timestamp() + ahead FROM soak.clock';
"""


def postgres_with_a_clock(postgres: Postgres, name: str) -> tuple[str, Callable[[datetime], None]]:
    """The address of a fresh database whose clock is ahead, and what sets it to a moment, from which
    it goes on at its usual pace. Whoever asks for `clock_timestamp()` in it is told by this clock.
    """
    url = postgres.create_database(name)
    for statement in filter(str.strip, _CLOCK.split(";")):
        postgres.execute(statement, database=name)
    # a name that is looked up in pg_catalog last is found in public first
    postgres.execute(f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog')

    def show(at: datetime) -> None:
        ahead = f"timestamptz '{at.isoformat()}' - pg_catalog.clock_timestamp()"
        postgres.execute(f"UPDATE soak.clock SET ahead = {ahead}", database=name)  # noqa: S608

    return url, show


def no_clock(_: datetime) -> None:
    """SQLite has none: the replica's own is moved."""
