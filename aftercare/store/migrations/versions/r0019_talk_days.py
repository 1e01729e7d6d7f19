"""figures and words of each conversation by day, so that no list reads all messages"""

import json
from collections import Counter
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
BY_PEOPLE = sa.text("sender = 'agent'")
NEGATIVE = -0.25
PARTS = 500
# The shop's clock; Shanghai knows no summer time.
CLOCK = {
    "sqlite": (
        "date(at, '+8 hours')",
        "CAST(strftime('%H', at, '+8 hours') AS INTEGER)",
    ),
    "postgresql": (
        "(at AT TIME ZONE 'Asia/Shanghai')::date",
        "extract(hour FROM at AT TIME ZONE 'Asia/Shanghai')::integer",
    ),
}
INDEXED = """
    SELECT i.conversation_id, i.day, i.sender, i.intent, i.fallback, i.sentiment,
           i.settled, i.pinyin, m.text
    FROM message_index i JOIN message m ON m.id = i.message_id
    ORDER BY i.conversation_id, i.day, i.message_id
"""


def upgrade() -> None:
    """Apply the change."""
    op.add_column("message_index", sa.Column("day", sa.Date(), nullable=True))
    op.add_column("message_index", sa.Column("hour", sa.Integer(), nullable=True))
    day, hour = CLOCK[op.get_bind().dialect.name]
    op.execute(f"UPDATE message_index SET day = {day}, hour = {hour}")
    op.create_index(
        "ix_message_index_day_hour",
        "message_index",
        ["day", "hour", "conversation_id"],
    )
    op.create_index(
        "ix_message_by_people",
        "message",
        ["at"],
        sqlite_where=BY_PEOPLE,
        postgresql_where=BY_PEOPLE,
    )
    numbers = "customer bot agent understood fallback open moods negative".split()
    days = op.create_table(
        "talk_day",
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        sa.Column("mood_sum", sa.Double(), nullable=False),
        sa.Column("intents", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name="fk_talk_day_conversation_id"
        ),
        sa.PrimaryKeyConstraint("conversation_id", "day", name="pk_talk_day"),
    )
    op.create_index("ix_talk_day_day", "talk_day", ["day"])
    words = op.create_table(
        "talk_words",
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("pinyin", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_talk_words_conversation_id",
        ),
        sa.PrimaryKeyConstraint("conversation_id", "day", name="pk_talk_words"),
    )
    _count(days, words)


def _count(days: sa.Table, words: sa.Table) -> None:
    """Fill the new tables from what is indexed already."""
    bind = op.get_bind()
    names = "conversation_id day sender intent fallback sentiment settled pinyin text"
    kinds: dict[str, type] = {"day": sa.Date, "fallback": sa.Boolean}
    kinds["settled"] = sa.Boolean
    shown: list[Any] = [
        sa.column(name, kinds.get(name, sa.String)) for name in names.split()
    ]
    rows = bind.execute(sa.text(INDEXED).columns(*shown)).all()
    made, said = [], []
    for (talk, day), part in groupby(rows, lambda row: (row[0], row[1])):
        found = list(part)
        key = {"conversation_id": talk, "day": day}
        moods = [row.sentiment for row in found if row.sentiment is not None]
        senders = Counter(row.sender for row in found)
        asked = [row for row in found if row.sender == "customer"]
        intents = Counter(row.intent or "" for row in asked)
        made.append(
            key
            | {name: senders[name] for name in ("customer", "bot", "agent")}
            | {
                "understood": sum(bool(row.intent) for row in found),
                "fallback": sum(bool(r.intent and r.fallback) for r in found),
                "open": sum(not row.settled for row in asked),
                "moods": len(moods),
                "mood_sum": sum(moods),
                "negative": sum(value <= NEGATIVE for value in moods),
                "intents": json.loads(json.dumps(intents)),
            }
        )
        lines = [row.text.casefold() for row in found]
        spelled = [row.pinyin for row in found]
        said.append(key | {"said": "\n".join(lines), "pinyin": "\n".join(spelled)})
    for table, values in ((days, made), (words, said)):
        for start in range(0, len(values), PARTS):
            bind.execute(table.insert(), values[start : start + PARTS])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("talk_words")
    op.drop_table("talk_day")
    op.drop_index("ix_message_by_people", "message")
    op.drop_index("ix_message_index_day_hour", "message_index")
    op.drop_column("message_index", "hour")
    op.drop_column("message_index", "day")
