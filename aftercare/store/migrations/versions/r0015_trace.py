"""one id from a message to the refund it leads to; where processes show life"""

import sqlalchemy as sa
from alembic import op

from aftercare.store.models import UtcDateTime as Utc

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
TRACED = ("message", "case_event", "refund")


def upgrade() -> None:
    """Apply the change."""
    for table in TRACED:
        op.add_column(table, sa.Column("trace", sa.String(length=32), nullable=True))
    op.create_table(
        "process_beat",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_process_beat"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("process_beat")
    for table in TRACED:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("trace")
