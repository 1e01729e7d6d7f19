"""canned replies that also tag the chat, put it aside, give it back or end it"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    after: sa.Column[sa.JSON] = sa.Column("after", sa.JSON(), nullable=True)
    op.add_column("canned_reply", after)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("canned_reply") as table:
        table.drop_column("after")
