"""Numbers that are not believed yet, and what an indicator's numbers are held to."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
works_with = "0013"


def upgrade() -> None:
    """Applies this step."""
    grown = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "quarantines",
        sa.Column("id", grown, nullable=False),
        sa.Column("indicator", sa.Text(), nullable=True),
        sa.Column("scope_id", grown, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("good", sa.Float(), nullable=True),
        sa.Column("beyond", sa.Float(), nullable=True),
        sa.Column("relative", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("alike_since", sa.BigInteger(), nullable=False),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("agreed", sa.Integer(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=True),
        sa.Column("earliest", sa.BigInteger(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("accepted_by", sa.Text(), nullable=True),
        sa.Column("accepted_reason", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_how", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["indicator"], ["indicators.fingerprint"], name="fk_quarantines_indicator_indicators"
        ),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name="fk_quarantines_scope_id_scopes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantines")),
    )
    op.create_index("ix_quarantines_ended_at", "quarantines", ["ended_at"])
    op.add_column("scopes", sa.Column("quarantine", grown, nullable=True))
    op.add_column("indicators", sa.Column("quarantine", grown, nullable=True))
    op.add_column("indicators", sa.Column("plausible", sa.JSON(none_as_null=True), nullable=True))
    op.add_column(
        "indicators",
        sa.Column("outside", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    """Takes this step back; what was not believed is forgotten."""
    for table, column in (
        ("indicators", "outside"),
        ("indicators", "plausible"),
        ("indicators", "quarantine"),
        ("scopes", "quarantine"),
    ):
        op.drop_column(table, column)
    op.drop_table("quarantines")
