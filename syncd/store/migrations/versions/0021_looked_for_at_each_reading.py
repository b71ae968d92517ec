"""Indexes for what is looked for at each reading: the key results that read an indicator, and the
leases that live.
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
works_with = "0013"

INDEXES = (
    ("ix_key_results_indicator", "key_results", "indicator"),
    ("ix_key_results_serving", "key_results", "serving"),
    ("ix_key_results_baseline", "key_results", "baseline"),
    ("ix_scopes_lease_until", "scopes", "lease_until"),
)


def upgrade() -> None:
    """Applies this step."""
    for name, table, column in INDEXES:
        op.create_index(name, table, [column])


def downgrade() -> None:
    """Takes this step back."""
    for name, table, _ in INDEXES:
        op.drop_index(name, table)
