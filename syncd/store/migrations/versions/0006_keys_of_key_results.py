"""Key results of several periods: known by their period and their id."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REFERRING = ("assessments", "adjustments", "key_result_versions")

key_results = sa.table(
    "key_results",
    sa.column("key", sa.Text()),
    sa.column("id", sa.Text()),
    sa.column("period", sa.Text()),
    sa.column("active", sa.Boolean()),
    sa.column("definition", sa.JSON()),
    sa.column("current", sa.JSON(none_as_null=True)),
    sa.column("needs", sa.JSON()),
)
versions = sa.table(
    "key_result_versions",
    sa.column("id", sa.BigInteger()),
    sa.column("key_result", sa.Text()),
    sa.column("definition", sa.JSON()),
)
assessments = sa.table(
    "assessments",
    sa.column("id", sa.BigInteger()),
    sa.column("key_result", sa.Text()),
    sa.column("at", sa.BigInteger()),
)
loads = sa.table(
    "mapping_loads",
    sa.column("id", sa.BigInteger()),
    sa.column("at", sa.BigInteger()),
    sa.column("accepted", sa.Boolean()),
    sa.column("summary", sa.JSON()),
)
periods = sa.table(
    "periods",
    sa.column("id", sa.Text()),
    sa.column("active", sa.Boolean()),
    sa.column("definition", sa.JSON()),
    sa.column("indicators", sa.JSON()),
)


def upgrade() -> None:
    """Applies this step."""
    connection = op.get_bind()
    with op.batch_alter_table("periods") as table:
        table.add_column(sa.Column("indicators", sa.JSON(), nullable=True))
    op.execute(sa.update(periods).values(indicators=[]))
    with op.batch_alter_table("periods") as table:
        table.alter_column("indicators", existing_type=sa.JSON(), nullable=False)
    # Both engines take the new name over into what refers to it.
    op.execute("ALTER TABLE key_results RENAME COLUMN id TO key")
    with op.batch_alter_table("key_results") as table:
        table.add_column(sa.Column("id", sa.Text(), nullable=True))
        table.add_column(sa.Column("period", sa.Text(), nullable=True))
        table.add_column(sa.Column("needs", sa.JSON(), nullable=True))
    _name_all(connection)
    with op.batch_alter_table("key_results") as table:
        table.alter_column("id", existing_type=sa.Text(), nullable=False)
        table.alter_column("period", existing_type=sa.Text(), nullable=False)
        table.alter_column("needs", existing_type=sa.JSON(), nullable=False)
        table.create_foreign_key(
            op.f("fk_key_results_period_periods"), "periods", ["period"], ["id"]
        )
        table.create_index("ix_key_results_id", ["id"])


def downgrade() -> None:
    """Refused: key results of two periods may have the same id."""
    raise RuntimeError("this step cannot be taken back; restore the backup from before it")


def _name_all(connection: sa.Connection) -> None:
    """Gives every key result its period, so far as it is known, and the key that follows."""
    on_postgresql = connection.dialect.name == "postgresql"
    if on_postgresql:
        # What is referred to could not change; of the first schema the references have no name of
        # ours.
        for table in REFERRING:
            for found in sa.inspect(connection).get_foreign_keys(table):
                if found["referred_table"] == "key_results":
                    op.drop_constraint(str(found["name"]), table, type_="foreignkey")
    accepted = connection.execute(
        sa.select(loads).where(loads.c.accepted).order_by(loads.c.id)
    ).all()
    for row in connection.execute(sa.select(key_results)).all():
        period = _period(connection, row, accepted)
        _put_period(connection, period, accepted)
        _name(connection, row, period, on_postgresql=on_postgresql)
    if on_postgresql:
        for table in REFERRING:
            op.create_foreign_key(
                f"fk_{table}_key_result_key_results", table, "key_results", ["key_result"], ["key"]
            )


def _period(connection: sa.Connection, row: sa.Row[Any], accepted: Sequence[sa.Row[Any]]) -> str:
    """The period that was in force when the key result was told last: the newest of one that is in
    force. Empty where nothing says it.
    """
    last = connection.execute(
        sa.select(sa.func.max(assessments.c.at)).where(assessments.c.key_result == row.key)
    ).scalar_one()
    then = [load for load in accepted if row.active or (last is not None and load.at <= last)]
    return str(then[-1].summary.get("period", "")) if then else ""


def _put_period(connection: sa.Connection, period: str, accepted: Sequence[sa.Row[Any]]) -> None:
    known = connection.execute(sa.select(periods.c.id).where(periods.c.id == period)).first()
    if known is not None:
        return
    said = next((one for one in reversed(accepted) if one.summary.get("period") == period), None)
    summary = {} if said is None else said.summary
    definition = {
        "id": period,
        "title": period,
        "organisation": summary.get("organisation", ""),
        "timezone": summary.get("timezone", "UTC"),
        "starts": None,
        "ends": None,
        "teams": summary.get("teams", {}),
        "objectives": [],
    }
    in_force = bool(accepted) and said is accepted[-1]
    connection.execute(
        sa.insert(periods).values(id=period, active=in_force, definition=definition, indicators=[])
    )


def _name(connection: sa.Connection, row: sa.Row[Any], period: str, *, on_postgresql: bool) -> None:
    key = f"{period}/{row.key}" if period else row.key
    needs = [
        need if not period or need.startswith("external:") else f"{period}/{need}"
        for need in row.definition.get("needs", [])
    ]
    current = None if row.current is None else {**row.current, "key_result": key}
    connection.execute(
        sa.update(key_results)
        .where(key_results.c.key == row.key)
        .values(
            key=key,
            id=row.key,
            period=period,
            definition={**row.definition, "period": period},
            current=current,
            needs=needs,
        )
    )
    for version in connection.execute(
        sa.select(versions).where(versions.c.key_result == row.key)
    ).all():
        connection.execute(
            sa.update(versions)
            .where(versions.c.id == version.id)
            .values(definition={**version.definition, "period": period})
        )
    names = {"key": key, "id": row.key}
    for table in REFERRING:
        # one of our own tables; a parameter cannot stand for one
        statement = f"UPDATE {table} SET key_result = :key WHERE key_result = :id"  # noqa: S608  # nosec B608
        connection.execute(sa.text(statement), names)
    told = "json_set(assessment, '$.key_result', :key)"
    if on_postgresql:
        told = "jsonb_set(assessment::jsonb, '{key_result}', to_jsonb(CAST(:key AS text)))::json"
    connection.execute(
        # one of the two texts above
        sa.text(f"UPDATE assessments SET assessment = {told} WHERE key_result = :key"),  # noqa: S608  # nosec B608
        names,
    )
    connection.execute(
        sa.text("UPDATE events SET subject = :key WHERE kind LIKE 'kr.%' AND subject = :id"), names
    )
