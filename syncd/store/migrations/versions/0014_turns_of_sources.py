"""What several processes share of a source's limits."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
works_with = "0013"


def upgrade() -> None:
    """Applies this step."""
    op.create_table(
        "source_turns",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("free_from", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_turns")),
    )


def downgrade() -> None:
    """Takes this step back; each process then keeps the limits by itself."""
    op.drop_table("source_turns")
