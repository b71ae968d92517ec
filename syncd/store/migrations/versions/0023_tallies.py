"""How many objects of a set pass, fail and wait, kept as verdicts change; and which of these end.

Older versions know nothing of it. What they write, the next count that knows of it notices.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None
works_with = "0013"


def upgrade() -> None:
    """Applies this step."""
    has_end = sa.text("valid_to IS NOT NULL")
    op.create_index(
        "ix_verdicts_set_to",
        "verdicts",
        ["set_id", "valid_to"],
        sqlite_where=has_end,
        postgresql_where=has_end,
    )
    op.create_table(
        "tallies",
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("under", sa.BigInteger(), nullable=False),
        sa.Column("passed", sa.BigInteger, nullable=False),
        sa.Column("failed", sa.BigInteger, nullable=False),
        sa.Column("pending", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("set_id", name="pk_tallies"),
        sa.ForeignKeyConstraint(
            ["set_id"], ["verdict_sets.id"], name="fk_tallies_set_id_verdict_sets"
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Takes this step back; all is counted one by one again."""
    op.drop_table("tallies")
    op.drop_index("ix_verdicts_set_to", table_name="verdicts")
