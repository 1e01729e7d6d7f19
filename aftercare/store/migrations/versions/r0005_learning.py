"""consents, and choices that are learned from"""

import sqlalchemy as sa
from alembic import op

from aftercare.store.models import UtcDateTime as Utc

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "consent",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "purpose", name="pk_consent"),
    )
    op.create_table(
        "trial_choice",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("trial", sa.String(length=32), nullable=False),
        sa.Column("arm", sa.String(length=32), nullable=False),
        sa.Column("propensity", sa.Double(), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("reward", sa.Double(), nullable=True),
        sa.Column("reward_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_trial_choice"),
    )
    op.create_index(
        "ix_trial_choice_conversation_id", "trial_choice", ["conversation_id"]
    )
    op.create_index("ix_trial_choice_trial_at", "trial_choice", ["trial", "at"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("trial_choice")
    op.drop_table("consent")
