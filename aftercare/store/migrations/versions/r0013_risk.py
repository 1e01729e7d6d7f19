"""the risk desk"""

import sqlalchemy as sa
from alembic import op

from aftercare.store.models import UtcDateTime as Utc

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "risk_note",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("basis", sa.String(length=16), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("ring", sa.String(length=16), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("ring_at", Utc(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("judged_by", sa.String(length=64), nullable=True),
        sa.Column("judged_at", Utc(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_risk_note"),
    )
    op.create_index("ix_risk_note_ring", "risk_note", ["ring"])
    op.create_index("ix_risk_note_state_score", "risk_note", ["state", "score"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("risk_note")
