"""What people say: the state of dependencies outside, notes, pauses and overrides."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    grown = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "externals",
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("period", "name", name=op.f("pk_externals")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "external_states",
        sa.Column("id", grown, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_states")),
    )
    op.create_index("ix_external_states_name_at", "external_states", ["name", "at"], unique=False)
    op.create_table(
        "adjustments",
        sa.Column("id", grown, nullable=False),
        sa.Column("key_result", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("end_told_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["key_result"], ["key_results.id"], name=op.f("fk_adjustments_key_result_key_results")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustments")),
    )
    op.create_index("ix_adjustments_key_result", "adjustments", ["key_result", "id"], unique=False)


def downgrade() -> None:
    """Refused: what people said would be lost."""
    raise RuntimeError("this step cannot be taken back; restore the backup from before it")
