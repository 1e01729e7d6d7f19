"""training data kept here, models of the dialogue, their judging and choice"""

import sqlalchemy as sa
from alembic import op

from aftercare.store.models import UtcDateTime as Utc

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = (
    "model_choice",
    "model_replay",
    "rasa_model",
    "assistant_task",
    "training_change",
)


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "training_change",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("parent", sa.String(length=40), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_training_change"),
        sa.UniqueConstraint("version", name="uq_training_change_version"),
        sa.UniqueConstraint("parent", name="uq_training_change_parent"),
    )
    op.create_table(
        "assistant_task",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("started_at", Utc(), nullable=True),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_assistant_task"),
    )
    op.create_index("ix_assistant_task_kind", "assistant_task", ["kind"])
    op.create_index("ix_assistant_task_state", "assistant_task", ["state"])
    op.create_table(
        "rasa_model",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("base", sa.String(length=16), nullable=False),
        sa.Column("data_version", sa.String(length=40), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("took_s", sa.Double(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=True),
        sa.Column("judged_against", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_rasa_model"),
        sa.UniqueConstraint("name", name="uq_rasa_model_name"),
    )
    _replay()
    op.create_table(
        "model_choice",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["rasa_model.id"], name="fk_model_choice_model_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_model_choice"),
    )


def _replay() -> None:
    op.create_table(
        "model_replay",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed", sa.String(length=32), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["rasa_model.id"], name="fk_model_replay_model_id"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_model_replay_conversation_id",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name="fk_model_replay_message_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_model_replay"),
    )
    op.create_index("ix_model_replay_model_id", "model_replay", ["model_id"])
    op.create_index(
        "ix_model_replay_conversation_id", "model_replay", ["conversation_id"]
    )


def downgrade() -> None:
    """Take the change back."""
    for table in TABLES:
        op.drop_table(table)
