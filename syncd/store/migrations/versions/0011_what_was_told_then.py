"""The words that were told between changes, and the mapping files that were accepted last."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    with op.batch_alter_table("assessments") as assessments:
        assessments.add_column(
            sa.Column("repeated", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    with op.batch_alter_table("key_results") as key_results:
        key_results.add_column(sa.Column("worded", sa.Text(), nullable=True))
        key_results.add_column(sa.Column("worded_at", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("mapping_loads") as mapping_loads:
        mapping_loads.add_column(sa.Column("files", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Refused: what was told would be lost."""
    raise RuntimeError("this step cannot be taken back; restore the backup from before it")
