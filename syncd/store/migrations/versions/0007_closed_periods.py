"""Periods that are closed, and the final scores of their key results."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    op.create_table(
        "closings",
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("rollups", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["period"], ["periods.id"], name=op.f("fk_closings_period_periods")
        ),
        sa.PrimaryKeyConstraint("period", name=op.f("pk_closings")),
    )
    op.create_table(
        "final_scores",
        sa.Column("key_result", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("former", sa.JSON(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("assessment", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_result"],
            ["key_results.key"],
            name=op.f("fk_final_scores_key_result_key_results"),
        ),
        sa.ForeignKeyConstraint(
            ["period"], ["closings.period"], name=op.f("fk_final_scores_period_closings")
        ),
        sa.ForeignKeyConstraint(
            ["indicator"],
            ["indicators.fingerprint"],
            name=op.f("fk_final_scores_indicator_indicators"),
        ),
        sa.PrimaryKeyConstraint("key_result", name=op.f("pk_final_scores")),
    )


def downgrade() -> None:
    """Refused: what was decided for good would be lost."""
    raise RuntimeError("this step cannot be taken back; restore the backup from before it")
