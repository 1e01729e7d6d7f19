"""which goods are repaired at the customer's, or fetched there"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    bulky: sa.Column[bool] = sa.Column(
        "bulky", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("product", bulky)


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("product", "bulky")
