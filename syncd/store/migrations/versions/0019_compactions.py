"""What of the past was removed, and who removes it."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
works_with = "0013"


def upgrade() -> None:
    """Applies this step."""
    op.create_table(
        "compactions",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("next_due_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("before", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("removed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_compactions")),
    )
    op.create_index("ix_assessments_reading", "assessments", ["reading_id"])


def downgrade() -> None:
    """Takes this step back; what was removed stays so."""
    op.drop_index("ix_assessments_reading", "assessments")
    op.drop_table("compactions")
