"""What key results and periods were defined as, from now on."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    grown = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "periods",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=True),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_periods")),
    )
    op.create_table(
        "period_versions",
        sa.Column("id", grown, nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["period"], ["periods.id"], name=op.f("fk_period_versions_period_periods")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_versions")),
    )
    op.create_index("ix_period_versions_period", "period_versions", ["period", "id"], unique=False)
    op.create_table(
        "key_result_versions",
        sa.Column("id", grown, nullable=False),
        sa.Column("key_result", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("line_fingerprint", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_result"],
            ["key_results.id"],
            name=op.f("fk_key_result_versions_key_result_key_results"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_result_versions")),
    )
    op.create_index(
        "ix_key_result_versions_key_result",
        "key_result_versions",
        ["key_result", "id"],
        unique=False,
    )
    with op.batch_alter_table("key_results") as key_results:
        key_results.add_column(sa.Column("former", sa.JSON(), nullable=True))
    op.execute(sa.update(sa.table("key_results", sa.column("former", sa.JSON()))).values(former=[]))
    with op.batch_alter_table("key_results") as key_results:
        key_results.alter_column("former", existing_type=sa.JSON(), nullable=False)
    # Of what is defined now it is known since when it is.
    op.execute(
        "INSERT INTO key_result_versions "
        "(key_result, recorded_at, active, definition, line_fingerprint) "
        "SELECT key_results.id, loads.at, key_results.active, key_results.definition, '' "
        "FROM key_results, (SELECT at FROM mapping_loads WHERE accepted ORDER BY id DESC LIMIT 1) "
        "AS loads WHERE key_results.active"
    )
    with op.batch_alter_table("indicators") as indicators:
        indicators.add_column(
            sa.Column("rewritten", sa.Integer(), server_default="0", nullable=False)
        )


def downgrade() -> None:
    """Refused: what was defined and told would be lost."""
    raise RuntimeError("this step cannot be taken back; restore the backup from before it")
