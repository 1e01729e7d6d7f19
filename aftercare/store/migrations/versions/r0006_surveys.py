"""surveys and their follow-ups"""

import sqlalchemy as sa
from alembic import op

from aftercare.store.models import UtcDateTime as Utc

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "survey",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=True),
        sa.Column("due_at", Utc(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("asked_at", Utc(), nullable=True),
        sa.Column("asked_in", sa.String(length=64), nullable=True),
        sa.Column("asked_seq", sa.Integer(), nullable=True),
        sa.Column("answered_at", Utc(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("comment_wanted_at", Utc(), nullable=True),
        sa.Column("comment_seq", sa.Integer(), nullable=True),
        sa.Column("predicted", sa.Double(), nullable=True),
        sa.Column("predicted_error", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_survey_account_id"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name="fk_survey_conversation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_survey"),
        sa.UniqueConstraint(
            "subject_kind", "subject", name="uq_survey_subject_kind_subject"
        ),
        sa.UniqueConstraint("token", name="uq_survey_token"),
    )
    for column in ("conversation_id", "customer_id", "asked_in"):
        op.create_index(f"ix_survey_{column}", "survey", [column])
    op.create_index("ix_survey_state_due_at", "survey", ["state", "due_at"])
    op.create_table(
        "survey_followup",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_survey_followup_account_id"
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["survey.id"], name="fk_survey_followup_survey_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_survey_followup"),
        sa.UniqueConstraint("survey_id", name="uq_survey_followup_survey_id"),
    )
    for column in ("conversation_id", "state"):
        op.create_index(f"ix_survey_followup_{column}", "survey_followup", [column])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("survey_followup")
    op.drop_table("survey")
