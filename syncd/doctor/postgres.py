"""The store on PostgreSQL: version, rights, clock, schema."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from connectors.checkup import Finding, a_few
from syncd.clock import Clock
from syncd.doctor.judging import Heard, clock_told, schema_told
from syncd.store.migrating import HEAD, is_usable, schema_of, steps
from syncd.store.schema import metadata
from syncd.wording import size

TESTED_MAJOR = 15
"""What the tests run."""

_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")
_GRANTS = "docs/guide/tokens.md has the statements"


def look_at_postgres(place: sa.URL, clock: Clock, seconds: float) -> Iterator[Finding]:
    """What is found of the database at this URL."""
    engine = sa.create_engine(
        place,
        poolclass=sa.pool.NullPool,
        connect_args={"prepare_threshold": None, "connect_timeout": max(2, int(seconds))},
    )
    shown = place.render_as_string(hide_password=True)
    try:
        with engine.connect() as connection:
            yield Finding.ok("reachable", shown)
            yield from _said(connection, clock)
    except sa.exc.DBAPIError as error:
        yield Finding.problem(
            "reachable",
            f"{shown} does not answer: {_first_line(error)}",
            "check host, port, name, password and what stands between; "
            "SYNCD_DATABASE_URL or SYNCD_DATABASE_URL_FILE says them",
        )


def _said(connection: sa.Connection, clock: Clock) -> Iterator[Finding]:
    yield _version(connection)
    if connection.scalar(sa.text("SELECT pg_is_in_recovery()")):
        yield Finding.problem(
            "writable", "this server is a standby that only reads", "name the primary in the URL"
        )
    yield from _role(connection)
    found = schema_of(connection)
    yield schema_told(found, HEAD, steps(), usable=is_usable(connection))
    yield from _tables(connection, made=found is not None)
    yield _clock(connection, clock)
    taken = connection.scalar(sa.text("SELECT pg_database_size(current_database())"))
    yield Finding.ok("room", f"the database takes {size(int(taken or 0))}")


def _version(connection: sa.Connection) -> Finding:
    number = int(connection.scalar(sa.text("SHOW server_version_num")) or 0)
    told = f"PostgreSQL {number // 10_000}.{number % 10_000}"
    if number // 10_000 == TESTED_MAJOR:
        return Finding.ok("version", told)
    return Finding.unknown("version", f"{told}; syncd was tested with {TESTED_MAJOR}")


def _role(connection: sa.Connection) -> Iterator[Finding]:
    name, powerful, may_make = connection.execute(
        sa.text(
            "SELECT current_user, rolsuper,"
            " has_schema_privilege(current_schema(), 'CREATE')"
            " FROM pg_roles WHERE rolname = current_user"
        )
    ).one()
    if powerful:
        yield Finding.warning(
            "role",
            f"as {name}, a superuser, which nothing here needs",
            f"make a role of its own that owns the database ({_GRANTS})",
        )
    else:
        yield Finding.ok("role", f"as {name}")
    if not may_make:
        yield Finding.problem(
            "rights",
            f"{name} may not make tables in the schema, as migrations do",
            f"GRANT CREATE ON SCHEMA public TO {name} ({_GRANTS})",
        )


def _tables(connection: sa.Connection, *, made: bool) -> Iterator[Finding]:
    """What the role may do with the tables, of those that are there."""
    if not made:
        return
    lacking: list[str] = []
    foreign: list[str] = []
    # made of our own names of rights, nothing from outside
    asked = ", ".join(f"has_table_privilege(c.oid, '{right}')" for right in _RIGHTS)
    rows = connection.execute(
        sa.text(
            "SELECT c.relname, pg_has_role(current_user, c.relowner, 'MEMBER'), "  # noqa: S608  # nosec B608
            f"{asked} FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = current_schema() AND c.relkind = 'r'"
        )
    )
    ours = set(metadata.tables)
    for name, owned, *rights in rows:
        if name in ours:
            lacking += [
                f"{right} on {name}" for right, has in zip(_RIGHTS, rights, strict=True) if not has
            ]
            foreign += [] if owned else [name]
    if lacking:
        yield Finding.problem(
            "rights", f"the role lacks {a_few(lacking)}", f"grant them ({_GRANTS})"
        )
    elif foreign:
        yield Finding.warning(
            "rights",
            f"{a_few(foreign)} belong{'s' if len(foreign) == 1 else ''} to another role, so that "
            "the next migration fails",
            f"ALTER TABLE ... OWNER TO the role that syncd signs in as ({_GRANTS})",
        )
    else:
        yield Finding.ok("rights", "the role may read and write all tables, and owns them")


def _clock(connection: sa.Connection, clock: Clock) -> Finding:
    asked = clock.now().timestamp()
    told = connection.scalar(sa.text("SELECT extract(epoch FROM clock_timestamp())"))
    heard = Heard(asked, clock.now().timestamp(), float(told or 0), step=0.0)
    return clock_told([heard], "the database")


def _first_line(error: sa.exc.DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0]
