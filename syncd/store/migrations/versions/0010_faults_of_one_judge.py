"""What is wrong with one judge of a scope, while the others are read."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    op.add_column(
        "verdict_sets", sa.Column("failures", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("verdict_sets", sa.Column("error_type", sa.Text(), nullable=True))
    op.add_column("verdict_sets", sa.Column("error_message", sa.Text(), nullable=True))
    op.add_column("verdict_sets", sa.Column("failing_since", sa.BigInteger(), nullable=True))
    op.add_column("verdict_sets", sa.Column("next_try_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Refused: the set that failed would be told as one that did not."""
    raise RuntimeError("this step cannot be taken back; restore the backup from before it")
