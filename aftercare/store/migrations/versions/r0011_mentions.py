"""mentions of colleagues in notes"""

import sqlalchemy as sa
from alembic import op

from aftercare.store.models import UtcDateTime as Utc

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "note_mention",
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("seen_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["note_id"], ["desk_note.id"], name="fk_note_mention_note_id"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_note_mention_account_id"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_note_mention_conversation_id",
        ),
        sa.PrimaryKeyConstraint("note_id", "account_id", name="pk_note_mention"),
    )
    op.create_index(
        "ix_note_mention_conversation_id", "note_mention", ["conversation_id"]
    )
    op.create_index("ix_note_mention_account_id", "note_mention", ["account_id"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("note_mention")
