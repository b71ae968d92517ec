"""Bringing a schema to this version.

A fresh store is made as it stands now; an older one goes through every step in between (alembic,
which takes long to load and is loaded only then). A newer one is worked on as it is where it says
that this version can: a step only adds to what versions that may still run need, and what it adds
is taken away by a later one.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from syncd.store.events import FEED
from syncd.store.schema import counters, metadata

MIGRATIONS = Path(__file__).parent / "migrations"

HEAD = "0023"
"""The newest step; a test holds it to the files."""

WORKS_WITH = "0013"
"""The oldest version, by its newest step, whose processes go on working on this schema; each step
says so (`works_with`), and a test holds it to the newest one.
"""

MOST_TABLES = 5
"""So many are named of a database that is another program's."""

_WORKS_WITH = "works_with"

# As alembic makes it.
_versions = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


class NewerSchema(Exception):
    """The store was written by a newer syncd, on whose schema this one cannot work; `schema` is the
    step that it stands at.
    """

    def __init__(self, schema: str) -> None:
        super().__init__(schema)
        self.schema = schema


class OtherProgram(Exception):
    """The database is another program's; the message says by what that is seen."""


def schema_of(connection: sa.Connection) -> str | None:
    """The step that the store stands at; None: no syncd ever wrote to it."""
    if not sa.inspect(connection).has_table(_versions.name):
        return None
    found: str | None = connection.execute(sa.select(_versions.c.version_num)).scalar_one_or_none()
    return found


def steps() -> frozenset[str]:
    """Every step that this version knows."""
    files = (MIGRATIONS / "versions").glob("[0-9]*.py")
    return frozenset(file.name.partition("_")[0] for file in files)


def is_usable(connection: sa.Connection) -> bool:
    """Whether this version can work on the schema as it is: it is this version's, or a newer one
    that says so.
    """
    current = schema_of(connection)
    if current == HEAD:
        return True
    if current is None or not current.isdigit() or int(current) < int(HEAD):
        return False
    oldest: int | None = connection.execute(
        sa.select(counters.c.value).where(counters.c.name == _WORKS_WITH)
    ).scalar()
    return oldest is not None and oldest <= int(HEAD)


def bring_up(connection: sa.Connection) -> None:
    """Makes the schema this version's, within the caller's writing transaction, where it is not one
    that this version can work on.

    Raises NewerSchema and OtherProgram.
    """
    if is_usable(connection):
        return
    current = schema_of(connection)
    tables = set(sa.inspect(connection).get_table_names())
    if current is None and not tables:
        _make(connection)
        return
    _require_ours(connection, current, tables)
    _go_through_the_steps(connection, current)


def _require_ours(connection: sa.Connection, current: str | None, tables: set[str]) -> None:
    """A file is one program's; a database on a server may be shared by some that do not meet."""
    if current is None:
        others = tables if connection.dialect.name == "sqlite" else tables & set(metadata.tables)
        if others:
            raise OtherProgram(
                f"it has tables of its own: {', '.join(sorted(others)[:MOST_TABLES])}"
            )
    elif not current.isdigit():
        raise OtherProgram(f"its schema is called {current}, and syncd's are numbers")


def tell_what_it_works_with(connection: sa.Connection) -> None:
    """Writes down, for versions that do not know this schema, which of them can work on it."""
    if schema_of(connection) != HEAD:
        return
    connection.execute(sa.delete(counters).where(counters.c.name == _WORKS_WITH))
    connection.execute(sa.insert(counters).values(name=_WORKS_WITH, value=int(WORKS_WITH)))


def _make(connection: sa.Connection) -> None:
    """The schema as a whole, as all steps together make it."""
    metadata.create_all(connection)
    connection.execute(sa.insert(counters).values(name=FEED, value=0))
    _versions.create(connection)
    connection.execute(sa.insert(_versions).values(version_num=HEAD))
    tell_what_it_works_with(connection)


def _go_through_the_steps(connection: sa.Connection, current: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise NewerSchema(current)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
