"""the quality audit"""

import sqlalchemy as sa
from alembic import op

from aftercare.store.models import UtcDateTime as Utc

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "quality_finding",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("speaker", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("dispute", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_quality_finding_account_id"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_quality_finding_conversation_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_quality_finding"),
        sa.UniqueConstraint(
            "conversation_id",
            "seq",
            "rule",
            "start",
            name="uq_quality_finding_conversation_id_seq_rule_start",
        ),
    )
    for column in ("rule", "account_id"):
        op.create_index(f"ix_quality_finding_{column}", "quality_finding", [column])
    op.create_index("ix_quality_finding_state_at", "quality_finding", ["state", "at"])
    op.create_table(
        "quality_talk",
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("upto_seq", sa.Integer(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("risk", sa.Double(), nullable=False),
        sa.Column("picked_at", Utc(), nullable=True),
        sa.Column("picked_why", sa.String(length=16), nullable=True),
        sa.Column("chance", sa.Double(), nullable=True),
        sa.Column("faulty", sa.Boolean(), nullable=True),
        sa.Column("reviewed_by", sa.String(length=64), nullable=True),
        sa.Column("reviewed_at", Utc(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_quality_talk_conversation_id",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_quality_talk"),
    )
    for column in ("at", "picked_at"):
        op.create_index(f"ix_quality_talk_{column}", "quality_talk", [column])
    op.create_table(
        "quality_scorecard",
        sa.Column("version", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_quality_scorecard"),
    )


def downgrade() -> None:
    """Take the change back."""
    for table in ("quality_scorecard", "quality_talk", "quality_finding"):
        op.drop_table(table)
