"""knowledge base"""

import sqlalchemy as sa
from alembic import op

from aftercare.store.models import UtcDateTime as Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "article",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("intents", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("claims", sa.JSON(), nullable=False),
        sa.Column("valid_from", Utc(), nullable=True),
        sa.Column("valid_to", Utc(), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("approved_by", sa.String(length=64), nullable=True),
        sa.Column("approved_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_article"),
        sa.UniqueConstraint("key", "version", name="uq_article_key_version"),
    )
    op.create_index("ix_article_state", "article", ["state"])
    op.create_table(
        "article_use",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=False),
        sa.Column("article_key", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=True),
        sa.Column("drafted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_article_use_conversation_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_article_use"),
    )
    op.create_index("ix_article_use_at", "article_use", ["at"])
    op.create_index("ix_article_use_article_key", "article_use", ["article_key"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("article_use")
    op.drop_table("article")
