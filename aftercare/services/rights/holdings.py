"""Where a person's data stands: every table is named here, or a test fails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, Table, select
from sqlalchemy.orm import Session

import aftercare.store.alerts
import aftercare.store.assistant
import aftercare.store.consent
import aftercare.store.console
import aftercare.store.customers
import aftercare.store.desk
import aftercare.store.jobs
import aftercare.store.knowledge
import aftercare.store.learning
import aftercare.store.planning
import aftercare.store.quality
import aftercare.store.returns
import aftercare.store.review
import aftercare.store.risk
import aftercare.store.scale
import aftercare.store.surveys  # noqa: F401  the tables must be known
from aftercare.store.cases import CaseRow, GuestProofRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.models import (
    Base,
    CustomerRow,
    OrderLineRow,
    OrderRow,
    ShipmentRow,
)

# Each table by the column that says whose a row is, and what that column holds.
OWNED: dict[str, tuple[str, str]] = {
    "customer": ("id", "customer"),
    "shop_order": ("order_no", "order"),
    "shipment": ("id", "shipment"),
    "carrier_event": ("shipment_id", "shipment"),
    "order_line": ("id", "line"),
    "refund": ("line_id", "line"),
    "aftersales_case": ("case_no", "case"),
    "case_event": ("case_no", "case"),
    "case_action": ("case_no", "case"),
    "confirmation": ("conversation_id", "conversation"),
    "guest_proof": ("conversation_id", "conversation"),
    "conversation": ("id", "conversation"),
    "message": ("conversation_id", "conversation"),
    "message_index": ("conversation_id", "conversation"),
    "talk_day": ("conversation_id", "conversation"),
    "talk_words": ("conversation_id", "conversation"),
    "annotation": ("message_id", "message"),
    "handover": ("conversation_id", "conversation"),
    "desk_event": ("conversation_id", "conversation"),
    "note_mention": ("conversation_id", "conversation"),
    "desk_note": ("conversation_id", "conversation"),
    "conversation_tag": ("conversation_id", "conversation"),
    "attachment": ("conversation_id", "conversation"),
    "article_use": ("conversation_id", "conversation"),
    "model_replay": ("conversation_id", "conversation"),
    "trial_choice": ("conversation_id", "conversation"),
    "consent": ("customer_id", "customer"),
    "customer_profile": ("customer_id", "customer"),
    "customer_tag": ("customer_id", "customer"),
    "campaign_member": ("customer_id", "customer"),
    "survey": ("conversation_id", "conversation"),
    "survey_followup": ("conversation_id", "conversation"),
    "quality_finding": ("conversation_id", "conversation"),
    "quality_talk": ("conversation_id", "conversation"),
    "risk_note": ("customer_id", "customer"),
    "outbox": ("case_no", "case"),
    "lease": ("name", "conversation"),
}
# Nothing about customers stands in these.
OTHERS = frozenset(
    {
        "product",
        "account",
        "console_session",
        "invitation",
        "audit",
        "audit_head",
        "console_setting",
        "webhook",
        "webhook_delivery",
        "share_link",
        "canned_reply",
        "job_run",
        "process_beat",
        "analytics_model",
        "article",
        "saved_filter",
        "rota_shift",
        "spare_part",
        "part_use",
        "plan",
        "plan_day",
        "quality_scorecard",
        "training_change",
        "assistant_task",
        "rasa_model",
        "model_choice",
        "campaign",
        "alert",
        "return_note",
        # Keyed hashes of typed numbers, whether such orders exist or not; two days.
        "order_try",
    }
)
# SQLite takes 32,766 values in one statement.
CHUNK = 10_000


@dataclass
class Person:
    """All the keys of one person's rows, by what they are keys of."""

    keys: dict[str, set[Any]] = field(default_factory=dict)


def find_person(session: Session, customer_id: str) -> Person:
    """Return the keys of everything held about a customer.

    A guest's conversation that proved one of the customer's orders is theirs.
    """
    orders = _set(session, select(OrderRow.order_no), OrderRow.customer_id, customer_id)
    talks = _set(
        session, select(ConversationRow.id), ConversationRow.customer_id, customer_id
    )
    for part in _chunks(orders):
        proved = select(GuestProofRow.conversation_id).where(
            GuestProofRow.order_no.in_(part)
        )
        talks |= set(session.scalars(proved))
    person = of_conversations(session, talks)
    lines: set[Any] = set()
    parcels: set[Any] = set()
    for part in _chunks(orders):
        found = select(OrderLineRow.id).where(OrderLineRow.order_no.in_(part))
        lines |= set(session.scalars(found))
        sent = select(ShipmentRow.id).where(ShipmentRow.order_no.in_(part))
        parcels |= set(session.scalars(sent))
    person.keys |= {
        "customer": {customer_id},
        "order": orders,
        "line": lines,
        "shipment": parcels,
        "case": _set(
            session, select(CaseRow.case_no), CaseRow.customer_id, customer_id
        ),
    }
    return person


def of_conversations(session: Session, talks: set[Any]) -> Person:
    """Return the keys of some conversations and their messages alone."""
    messages: set[Any] = set()
    for part in _chunks(talks):
        said = select(MessageRow.id).where(MessageRow.conversation_id.in_(part))
        messages |= set(session.scalars(said))
    return Person({"conversation": talks, "message": messages})


def rows_of(session: Session, person: Person, name: str) -> list[dict[str, Any]]:
    """Return a person's rows of one table, as plain columns."""
    table = table_named(name)
    column, kind = OWNED[name]
    found: list[dict[str, Any]] = []
    for part in _chunks(person.keys.get(kind, set())):
        rows = session.execute(select(table).where(table.c[column].in_(part)))
        found += [dict(row) for row in rows.mappings()]
    return found


def delete_rows(session: Session, person: Person, name: str) -> int:
    """Delete a person's rows of one table and return how many there were."""
    table = table_named(name)
    column, kind = OWNED[name]
    gone = 0
    for part in _chunks(person.keys.get(kind, set())):
        done: Any = session.execute(table.delete().where(table.c[column].in_(part)))
        gone += done.rowcount
    return gone


def table_named(name: str) -> Table:
    """Return a table of the models by its name (KeyError)."""
    return Base.metadata.tables[name]


def customer_ids(session: Session) -> list[str]:
    """Return the ids of all customers."""
    return list(session.scalars(select(CustomerRow.id)))


def _set(session: Session, query: Select[Any], column: Any, value: str) -> set[Any]:
    return set(session.scalars(query.where(column == value)))


def _chunks(keys: Iterable[Any]) -> Iterable[list[Any]]:
    listed = list(keys)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]
