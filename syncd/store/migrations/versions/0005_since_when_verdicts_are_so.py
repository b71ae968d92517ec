"""Since when a verdict has been so, where that is before it counts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    # Not in a batch: a table of millions of rows is not copied for an empty column.
    op.add_column("verdicts", sa.Column("began", sa.BigInteger(), nullable=True))
    # What a run under way had staged is in the shape of before: it is read again.
    op.execute("DELETE FROM staged_timelines")
    op.execute("UPDATE scopes SET staged_full = NULL, staged_resume = NULL")


def downgrade() -> None:
    """Refused: since when something has been so would be lost."""
    raise RuntimeError("this step cannot be taken back; restore the backup from before it")
