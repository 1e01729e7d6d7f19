"""tries to prove an order, counted by its number"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "order_try",
        sa.Column("order_key", sa.String(length=64), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("order_key", "hour", name="pk_order_try"),
    )
    op.create_index("ix_order_try_hour", "order_try", ["hour"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("order_try")
