"""people, desk and review of the console"""

import sqlalchemy as sa
from alembic import op

from aftercare.store.models import UtcDateTime as Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
# In the order in which they are dropped.
MADE = """
    case_action message_index annotation webhook_delivery saved_filter handover
    desk_note desk_event conversation_tag console_session webhook share_link
    invitation console_setting canned_reply audit attachment account
""".split()


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=256), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("totp_secret", sa.String(length=64), nullable=True),
        sa.Column("totp_offered", sa.String(length=64), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column("presence", sa.String(length=16), nullable=False),
        sa.Column("presence_at", Utc(), nullable=True),
        sa.Column("seen_at", Utc(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("login", name="uq_account_login"),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attachment"),
    )
    op.create_index(
        "ix_attachment_conversation_id",
        "attachment",
        ["conversation_id"],
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=128), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_action", "audit", ["action"])
    op.create_index("ix_audit_actor", "audit", ["actor"])
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_table(
        "canned_reply",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("short", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_by", sa.String(length=64), nullable=False),
        sa.Column("updated_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_canned_reply"),
        sa.UniqueConstraint("short", name="uq_canned_reply_short"),
    )
    op.create_table(
        "console_setting",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_console_setting"),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=True),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("used_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("token_hash", name="uq_invitation_token_hash"),
    )
    op.create_table(
        "share_link",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("revoked_at", Utc(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_share_link"),
        sa.UniqueConstraint("token_hash", name="uq_share_link_token_hash"),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("url", sa.String(length=512), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
    )
    op.create_table(
        "console_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_console_session_account_id"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_console_session"),
    )
    op.create_index(
        "ix_console_session_account_id",
        "console_session",
        ["account_id"],
    )
    op.create_table(
        "conversation_tag",
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("tag", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_conversation_tag_conversation_id",
        ),
        sa.PrimaryKeyConstraint("conversation_id", "tag", name="pk_conversation_tag"),
    )
    op.create_index("ix_conversation_tag_tag", "conversation_tag", ["tag"])
    op.create_table(
        "desk_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.String(length=16), nullable=False),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_desk_event_account_id"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_desk_event_conversation_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_desk_event"),
    )
    op.create_index("ix_desk_event_at", "desk_event", ["at"])
    op.create_index(
        "ix_desk_event_conversation_id",
        "desk_event",
        ["conversation_id"],
    )
    op.create_table(
        "desk_note",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentions", sa.JSON(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_desk_note_account_id"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_desk_note_conversation_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_desk_note"),
    )
    op.create_index(
        "ix_desk_note_conversation_id",
        "desk_note",
        ["conversation_id"],
    )
    op.create_table(
        "handover",
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("lease_until", Utc(), nullable=True),
        sa.Column("waiting_since", Utc(), nullable=True),
        sa.Column("trigger", sa.String(length=32), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("skill", sa.String(length=32), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("order_no", sa.String(length=32), nullable=True),
        sa.Column("case_no", sa.String(length=32), nullable=True),
        sa.Column("snoozed", sa.Boolean(), nullable=False),
        sa.Column("snoozed_until", Utc(), nullable=True),
        sa.Column("snoozed_seq", sa.Integer(), nullable=False),
        sa.Column("read_seq", sa.Integer(), nullable=False),
        sa.Column("customer_read_seq", sa.Integer(), nullable=False),
        sa.Column("taken_at", Utc(), nullable=True),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.Column("close_reason", sa.String(length=32), nullable=True),
        sa.Column("close_summary", sa.Text(), nullable=True),
        sa.Column("share_id", sa.Integer(), nullable=True),
        sa.Column("review", sa.String(length=16), nullable=False),
        sa.Column("reviewed_by", sa.String(length=64), nullable=True),
        sa.Column("reviewed_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["account.id"], name="fk_handover_agent_id"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_handover_conversation_id",
        ),
        sa.ForeignKeyConstraint(
            ["share_id"], ["share_link.id"], name="fk_handover_share_id"
        ),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_handover"),
    )
    op.create_index("ix_handover_agent_id", "handover", ["agent_id"])
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_saved_filter_account_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_saved_filter"),
    )
    op.create_index("ix_saved_filter_account_id", "saved_filter", ["account_id"])
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("next_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name="fk_webhook_delivery_webhook_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_delivery"),
        sa.UniqueConstraint("key", name="uq_webhook_delivery_key"),
    )
    op.create_index(
        "ix_webhook_delivery_next_at",
        "webhook_delivery",
        ["next_at"],
    )
    op.create_index(
        "ix_webhook_delivery_webhook_id",
        "webhook_delivery",
        ["webhook_id"],
    )
    op.create_table(
        "annotation",
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=True),
        sa.Column("entities", sa.JSON(), nullable=True),
        sa.Column("flag", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name="fk_annotation_message_id"
        ),
        sa.PrimaryKeyConstraint("message_id", name="pk_annotation"),
    )
    op.create_index("ix_annotation_verdict", "annotation", ["verdict"])
    op.create_table(
        "message_index",
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("sender", sa.String(length=16), nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("fallback", sa.Boolean(), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("slots", sa.Text(), nullable=False),
        sa.Column("sentiment", sa.Double(), nullable=True),
        sa.Column("reply_s", sa.Double(), nullable=True),
        sa.Column("replied_by", sa.String(length=16), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name="fk_message_index_message_id"
        ),
        sa.PrimaryKeyConstraint("message_id", name="pk_message_index"),
    )
    op.create_index("ix_message_index_at", "message_index", ["at"])
    op.create_index(
        "ix_message_index_confidence",
        "message_index",
        ["confidence"],
    )
    op.create_index(
        "ix_message_index_conversation_id",
        "message_index",
        ["conversation_id"],
    )
    op.create_index("ix_message_index_intent", "message_index", ["intent"])
    op.create_index(
        "ix_message_index_unsettled",
        "message_index",
        ["message_id"],
        sqlite_where=sa.text("NOT settled"),
        postgresql_where=sa.text("NOT settled"),
    )
    op.create_table(
        "case_action",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("idempotency_key", sa.String(length=128), nullable=False),
        sa.Column("case_no", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_case_action_account_id"
        ),
        sa.ForeignKeyConstraint(
            ["case_no"],
            ["aftersales_case.case_no"],
            name="fk_case_action_case_no",
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["account.id"], name="fk_case_action_second_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_case_action"),
        sa.UniqueConstraint("idempotency_key", name="uq_case_action_idempotency_key"),
    )
    op.create_index("ix_case_action_case_no", "case_action", ["case_no"])
    op.create_index("ix_case_action_state", "case_action", ["state"])
    op.create_index("ix_conversation_owner", "conversation", ["owner"])
    op.create_index("ix_message_at", "message", ["at"])
    op.create_index(
        "ix_message_unanswered",
        "message",
        ["conversation_id", "at"],
        sqlite_where=sa.text("sender = 'customer' AND answered_at IS NULL"),
        postgresql_where=sa.text("sender = 'customer' AND answered_at IS NULL"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(
        "ix_message_unanswered",
        table_name="message",
        sqlite_where=sa.text("sender = 'customer' AND answered_at IS NULL"),
        postgresql_where=sa.text("sender = 'customer' AND answered_at IS NULL"),
    )
    op.drop_index("ix_message_at", table_name="message")
    op.drop_index("ix_conversation_owner", table_name="conversation")
    for table in MADE:
        op.drop_table(table)
