"""The outbox: what is to be sent of the feed, and to whom."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    op.create_table(
        "outbox_targets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("paused_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_outbox_targets")),
    )
    op.create_table(
        "outbox",
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("dead_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["target"], ["outbox_targets.name"], name=op.f("fk_outbox_target_outbox_targets")
        ),
        sa.ForeignKeyConstraint(
            ["position"], ["events.position"], name=op.f("fk_outbox_position_events")
        ),
        sa.PrimaryKeyConstraint("target", "position", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_due", "outbox", ["target", "dead_at", "next_attempt_at"])


def downgrade() -> None:
    """Takes this step back; what was not sent yet is not sent any more."""
    op.drop_table("outbox")
    op.drop_table("outbox_targets")
