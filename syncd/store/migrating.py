"""Bringing a schema to this version.

A fresh store is made as it stands now; an older one goes through every step in between (alembic,
which takes long to load and is loaded only then).
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from syncd.store.events import FEED
from syncd.store.schema import counters, metadata

MIGRATIONS = Path(__file__).parent / "migrations"

HEAD = "0018"
"""The newest step; a test holds it to the files."""

# As alembic makes it.
_versions = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


class NewerSchema(Exception):
    """The store was written by a newer syncd; `schema` is the step that it stands at."""

    def __init__(self, schema: str) -> None:
        super().__init__(schema)
        self.schema = schema


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


def bring_up(connection: sa.Connection) -> None:
    """Makes the schema this version's, within the caller's writing transaction.

    Raises NewerSchema.
    """
    current = schema_of(connection)
    if current == HEAD:
        return
    if current is None and not sa.inspect(connection).get_table_names():
        _make(connection)
        return
    _go_through_the_steps(connection, current)


def _make(connection: sa.Connection) -> None:
    """The schema as a whole, as all steps together make it."""
    metadata.create_all(connection)
    connection.execute(sa.insert(counters).values(name=FEED, value=0))
    _versions.create(connection)
    connection.execute(sa.insert(_versions).values(version_num=HEAD))


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
