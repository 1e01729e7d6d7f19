"""A shop in which every text that people can write is a hostile one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import JSON, Engine, Integer, String, Table, Text, select, update
from sqlalchemy.orm import Session

from aftercare.services.conversations import open_conversation
from aftercare.services.rights import holdings  # noqa: F401  knows every table
from aftercare.store.models import Base, UtcDateTime
from aftercare.store.unit_of_work import write
from tests.browser.demo import Month
from tests.browser.hostile.payloads import payloads

FIELDS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("fields.yml").read_text("utf-8")
)
ALL = payloads()
OWNER = "C-DEMO-1"
# Rows of these tables come from the demo shop and a month of talks; of the others
# these, in states in which the console shows them.
ROWS: dict[str, list[dict[str, Any]]] = {
    "annotation": [{"verdict": "corrected", "entities": []}],
    "desk_note": [{"mentions": []}] * 2,
    "attachment": [{"type": "application/pdf"}],
    "invitation": [{"role": "agent", "used_at": None}],
    "audit": [{"action": "a.b", "detail": {"a": "x"}, "place": None}] * 3,
    "webhook": [{"events": ["handover.requested"], "active": True}],
    "webhook_delivery": [{"event": "x", "body": {}, "status": 500, "next_at": None}],
    "canned_reply": [{"after": {"tags": ["x"]}}],
    "share_link": [{"revoked_at": None}],
    "saved_filter": [{"query": {}, "shared": True}],
    "survey_followup": [{"state": "open", "closed_at": None}],
    "quality_finding": [
        {"rule": "rude_words", "severity": "minor", "speaker": "agent", "state": "open"}
    ],
    "quality_talk": [{"picked_why": "risk", "reviewed_at": None, "faulty": None}],
    "customer_tag": [{"customer_id": OWNER}] * 2,
    "campaign": [{"kind": "care", "state": "draft", "started_at": None}],
    "risk_note": [
        {
            "customer_id": OWNER,
            "basis": "rank",
            "reasons": [],
            "figures": {"refund_fen": 1, "ring": 2},
            "ring": "r1",
            "state": "open",
            "verdict": None,
        }
    ],
    "alert": [
        {
            "kind": "volume",
            "severity": "high",
            "state": "raised",
            "figures": {},
            "examples": [],
            "outcome": None,
            "closed_at": None,
        }
    ],
    "rasa_model": [{"metrics": None, "judged_against": None}],
    "model_replay": [
        {"changed": ",intent,", "before": {"i": "x"}, "after": {"i": "x"}}
    ],
    "model_choice": [{"step": "promote"}],
    "assistant_task": [
        {"kind": "train", "state": "failed", "payload": {}, "lines": [], "result": None}
    ],
    "case_action": [{"action": "approve", "state": "pending", "decided_at": None}],
}


@dataclass
class Texts:
    """Hands out payloads one after the other, each with a mark of its own."""

    count: Iterator[int]

    def __call__(self) -> str:
        number = next(self.count)
        return f"{ALL[number % len(ALL)].text} ~{number}"

    def leaves(self, value: Any) -> Any:
        """Return a JSON value whose every text is a payload."""
        if isinstance(value, dict):
            return {key: self.leaves(held) for key, held in value.items()}
        if isinstance(value, list):
            return [self.leaves(held) for held in value] or [self()]
        return self() if isinstance(value, str) else value


def undecided() -> list[str]:
    """Return the columns of text that are neither planted nor named as codes."""
    codes, planted = FIELDS["codes"], FIELDS["planted"]
    return [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, String | Text | JSON)
        and not isinstance(column.type, UtcDateTime)
        and column.name not in planted.get(table.name, ())
        and column.name not in codes.get(table.name, ())
        and column.name not in codes["all"]
    ]


def furnish(engine: Engine, now: datetime) -> str:
    """Fill every table the console reads; return a talk with one message a payload."""
    Month(engine, now).write()
    talk = open_conversation(engine, OWNER)
    with write(engine) as session:
        for number, _ in enumerate(ALL):
            sender = ("customer", "bot", "agent")[number % 3]
            session.execute(
                _table("message").insert(), [_message(talk, number, sender, now)]
            )
        session.execute(
            update(_table("conversation"))
            .where(_table("conversation").c.id == talk)
            .values(owner="waiting", next_seq=len(ALL) + 1)
        )
        session.execute(
            _table("handover").insert(),
            [
                {"conversation_id": talk, "waiting_since": now, "trigger": "asked"}
                | {"language": "zh", "channel": "web", "priority": 0, "review": "none"}
                | {"snoozed": False, "snoozed_seq": 0, "read_seq": 0}
                | {"customer_read_seq": 0, "summary": "x", "close_summary": "x"}
            ],
        )
        for name, rows in ROWS.items():
            for values in rows:
                _insert(session, name, values, talk, now)
    return talk


def _message(talk: str, number: int, sender: str, now: datetime) -> dict[str, Any]:
    """Return a message with all that may hang on one."""
    intent = {"name": "inform", "confidence": 0.5}
    seen = {
        "intent": intent,
        "intent_ranking": [intent, {"name": "x", "confidence": 0.4}],
        "entities": [{"entity": "order_no", "value": "x", "start": 0, "end": 2}],
        "slots": {"order_no": "x"},
        "actions": [{"name": "action_answer", "policy": "x"}],
        "took_ms": 5,
    }
    line = {"title": "x", "variant": "x", "quantity": 1, "paid_text": "x"}
    line |= {"status_text": "x", "order_no": "x", "image": "x", "payload": "x"}
    shown = {
        "quick_replies": [{"title": "x", "payload": "x"}],
        "image": "x",
        "agent": {"id": 1, "name": "x"},
        "file": {"url": "x", "name": "x", "type": "x"},
    }
    if number % 2:
        # The kind of a card is ours, its words are the shop's.
        shown["card"] = {"card": "order_lines", "items": [line]}
    return {
        "conversation_id": talk,
        "seq": number + 1,
        "sender": sender,
        "text": "x",
        "client_id": f"n{number}" if sender == "customer" else None,
        "at": now - timedelta(seconds=len(ALL) - number),
        "answered_at": now,
        "payload": None if sender == "customer" else shown,
        "understanding": seen if sender == "customer" else None,
    }


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _insert(
    session: Session, name: str, values: dict[str, Any], talk: str, now: datetime
) -> None:
    """Add a row; what is not named gets a value of its type."""
    table = _table(name)
    row: dict[str, Any] = {}
    for column in table.c:
        if column.name in values:
            row[column.name] = values[column.name]
        elif column.name == "conversation_id":
            row[column.name] = talk
        elif column.foreign_keys:
            other = next(iter(column.foreign_keys)).column
            # The newest: a message of the talk, an account, a model.
            newest = select(other).order_by(other.desc()).limit(1)
            row[column.name] = session.scalar(newest)
        elif column.primary_key and isinstance(column.type, Integer):
            continue
        else:
            row[column.name] = _usual(column, now)
    session.execute(table.insert().values(**row))


_count = itertools.count(1)


def _usual(column: Any, now: datetime) -> Any:
    if isinstance(column.type, UtcDateTime):
        return now
    if isinstance(column.type, JSON):
        return []
    sort = column.type.python_type
    plain: dict[type, Any] = {int: 1, bool: True, float: 0.5, date: now.date()}
    return plain.get(sort, f"x{next(_count)}")


def plant(engine: Engine, talk: str, first: int) -> None:
    """Put payloads into every planted column, beginning with number `first`.

    In `talk` the message of number n says payload n, so all of them are somewhere.
    """
    texts = Texts(itertools.count(first))
    with write(engine) as session:
        for name, columns in FIELDS["planted"].items():
            table = _table(name)
            keys = list(table.primary_key.columns)
            for row in session.execute(select(table)).mappings().all():
                mine = [key == row[key.name] for key in keys]
                values = {
                    column: texts.leaves(row[column])
                    for column in columns
                    if row[column] is not None
                }
                if name == "message" and row["conversation_id"] == talk:
                    values["text"] = (
                        f"{ALL[(row['seq'] - 1) % len(ALL)].text} ~{row['seq']}"
                    )
                if (values.get("payload") or {}).get("card"):
                    values["payload"]["card"]["card"] = "order_lines"
                if values:
                    session.execute(update(table).where(*mine).values(**values))
