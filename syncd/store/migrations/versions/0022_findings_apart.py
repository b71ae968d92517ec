"""What hygiene found apart from what every page says of the mapping files: it grows with them.

What older versions wrote stays where it is until the same files are taken up again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
works_with = "0013"


def upgrade() -> None:
    """Applies this step."""
    op.add_column("mapping_loads", sa.Column("findings", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Takes this step back; what was found is found again when files are taken up."""
    op.drop_column("mapping_loads", "findings")
