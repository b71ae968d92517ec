"""Indicators composed of others, what a run cost, and history that is rebuilt."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    with op.batch_alter_table("scopes") as scopes:
        scopes.add_column(sa.Column("last_seconds", sa.Float(), nullable=True))
        scopes.add_column(sa.Column("last_requests", sa.Integer(), nullable=True))
        scopes.add_column(sa.Column("last_bytes", sa.BigInteger(), nullable=True))
        scopes.add_column(
            sa.Column("again", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    with op.batch_alter_table("verdict_sets") as verdict_sets:
        verdict_sets.add_column(sa.Column("known_since", sa.BigInteger(), nullable=True))
        verdict_sets.add_column(
            sa.Column("retrospective", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    with op.batch_alter_table("indicators") as indicators:
        indicators.alter_column("source", existing_type=sa.Text(), nullable=True)
        indicators.alter_column("scope_id", existing_type=sa.BigInteger(), nullable=True)
        indicators.add_column(sa.Column("fixed_at", sa.BigInteger(), nullable=True))
        indicators.add_column(sa.Column("composition", sa.JSON(none_as_null=True), nullable=True))
        indicators.add_column(
            sa.Column("dirty", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        indicators.add_column(sa.Column("next_transition_at", sa.BigInteger(), nullable=True))
        indicators.add_column(sa.Column("stale_after_seconds", sa.Float(), nullable=True))
        indicators.add_column(sa.Column("memory", sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table("key_results") as key_results:
        key_results.add_column(sa.Column("baseline", sa.Text(), nullable=True))
        key_results.create_foreign_key(
            op.f("fk_key_results_baseline_indicators"), "indicators", ["baseline"], ["fingerprint"]
        )
    # What stands in a store is told from when it was filled; its first reading says when.
    op.execute(
        "UPDATE verdict_sets SET known_since = (SELECT MIN(readings.at) FROM readings "
        "JOIN indicators ON indicators.fingerprint = readings.indicator "
        "WHERE indicators.set_id = verdict_sets.id)"
    )
    op.create_table(
        "composition_parts",
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["indicator"],
            ["indicators.fingerprint"],
            name=op.f("fk_composition_parts_indicator_indicators"),
        ),
        sa.ForeignKeyConstraint(
            ["part"], ["indicators.fingerprint"], name=op.f("fk_composition_parts_part_indicators")
        ),
        sa.PrimaryKeyConstraint("indicator", "part", name=op.f("pk_composition_parts")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_composition_parts_part", "composition_parts", ["part"], unique=False)
    op.create_table(
        "backfills",
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("step_seconds", sa.Float(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("untold", sa.JSON(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["indicator"],
            ["indicators.fingerprint"],
            name=op.f("fk_backfills_indicator_indicators"),
        ),
        sa.PrimaryKeyConstraint("indicator", name=op.f("pk_backfills")),
    )


def downgrade() -> None:
    """Refused: what is composed has no place in the first schema."""
    raise RuntimeError("this step cannot be taken back; restore the backup from before it")
