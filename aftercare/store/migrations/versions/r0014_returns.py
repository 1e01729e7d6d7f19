"""notes to the shop about returns"""

import sqlalchemy as sa
from alembic import op

from aftercare.store.models import UtcDateTime as Utc

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "return_note",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("spu", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_return_note"),
        sa.UniqueConstraint("spu", "kind", "code", name="uq_return_note_spu_kind_code"),
    )
    op.create_index("ix_return_note_state", "return_note", ["state"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("return_note")
