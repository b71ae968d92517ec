"""A number of each key result that rises whenever it is told anew."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    with op.batch_alter_table("key_results") as table:
        table.add_column(sa.Column("revision", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Takes this step back."""
    with op.batch_alter_table("key_results") as table:
        table.drop_column("revision")
