"""profiles, tags and campaigns of customers"""

import sqlalchemy as sa
from alembic import op

from aftercare.store.models import UtcDateTime as Utc

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "customer_profile",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("segment", sa.String(length=16), nullable=False),
        sa.Column("band", sa.String(length=16), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("spent_fen", sa.Integer(), nullable=False),
        sa.Column("recency_days", sa.Double(), nullable=False),
        sa.Column("expected_fen", sa.Double(), nullable=False),
        sa.Column("churn_risk", sa.Double(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customer_profile"),
    )
    op.create_index("ix_customer_profile_segment", "customer_profile", ["segment"])
    op.create_index(
        "ix_customer_profile_band", "customer_profile", ["band", "expected_fen"]
    )
    op.create_table(
        "customer_tag",
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("tag", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "tag", name="pk_customer_tag"),
    )
    op.create_index("ix_customer_tag_tag", "customer_tag", ["tag"])
    _campaigns()


def _campaigns() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("after_days", sa.Integer(), nullable=False),
        sa.Column("control_share", sa.Double(), nullable=False),
        sa.Column("outcome_days", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("started_by", sa.String(length=64), nullable=True),
        sa.Column("started_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
    )
    op.create_index("ix_campaign_state", "campaign", ["state"])
    op.create_table(
        "campaign_member",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("arm", sa.String(length=16), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("outcome", sa.Boolean(), nullable=True),
        sa.Column("outcome_fen", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name="fk_campaign_member_campaign_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_member"),
        sa.UniqueConstraint(
            "campaign_id",
            "customer_id",
            name="uq_campaign_member_campaign_id_customer_id",
        ),
    )
    op.create_index(
        "ix_campaign_member_customer_at", "campaign_member", ["customer_id", "at"]
    )


def downgrade() -> None:
    """Take the change back."""
    for name in ("campaign_member", "campaign", "customer_tag", "customer_profile"):
        op.drop_table(name)
