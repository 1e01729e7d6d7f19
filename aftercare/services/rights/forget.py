"""Forget a customer (PIPL art. 47): nothing is left but money, without a name.

Refunds, their cases and their lines are records of transactions that the law
keeps for three years (E-commerce Law art. 31): they stay under an invented id.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from aftercare.domain.cases import CaseState
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.rights.holdings import (
    Person,
    delete_rows,
    find_person,
    rows_of,
)
from aftercare.services.rights.ledger import remember
from aftercare.services.rights.tracker import forget_events, tracker_url
from aftercare.store.cases import CaseEventRow, CaseRow
from aftercare.store.console import DeliveryRow
from aftercare.store.desk import CaseActionRow
from aftercare.store.engine import empty_log
from aftercare.store.models import (
    CustomerRow,
    OrderLineRow,
    OrderRow,
    RefundRow,
)
from aftercare.store.unit_of_work import write

FINAL = (CaseState.DONE, CaseState.REFUSED, CaseState.CANCELLED)
# Children before parents.
TALK_TABLES = (
    "article_use",
    "model_replay",
    "annotation",
    "message_index",
    "talk_day",
    "talk_words",
    "message",
    "handover",
    "desk_event",
    "note_mention",
    "desk_note",
    "conversation_tag",
    "attachment",
    "trial_choice",
    "article_use",
    "survey_followup",
    "survey",
    "quality_finding",
    "quality_talk",
    "confirmation",
    "guest_proof",
    "lease",
    "conversation",
)
# Keyed by the customer alone; nothing hangs on them.
OWN_TABLES = (
    "consent",
    "customer_profile",
    "customer_tag",
    "campaign_member",
    "risk_note",
)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What forgetting did: rows deleted, and refunds kept without a name."""

    deleted: int
    refunds_kept: int


def forget_customer(
    engine: Engine,
    state: Path,
    customer_id: str,
    *,
    open_cases: bool = False,
    tracker: str | None = None,
) -> Forgotten:
    """Forget a customer everywhere, in one transaction, and note that it was done.

    `state` is the installation's folder: the customers' files and the list of the
    forgotten stand there, and Rasa's working memory unless `tracker` says where.

    Raises:
        AftercareError: NOT_FOUND; ILLEGAL_MOVE while a case is open, whose
            promise could not be kept any more, unless `open_cases` is set.
    """
    with write(engine) as session:
        if session.get(CustomerRow, customer_id, with_for_update=True) is None:
            raise AftercareError(Reason.NOT_FOUND)
        person = find_person(session, customer_id)
        if not open_cases and _is_open(session, customer_id):
            raise AftercareError(Reason.ILLEGAL_MOVE, "a case is still open")
        files = attachment_files(session, person, state)
        deleted = erase_talks(session, person)
        kept = _pseudonymise(session, person, customer_id)
        deleted += delete_rows(session, person, "outbox")
        deleted += _drop_unneeded(session, person)
        deleted += sum(delete_rows(session, person, name) for name in OWN_TABLES)
        deleted += _drop_deliveries(session, person)
    remember(state, customer_id)
    for file in files:
        file.unlink(missing_ok=True)
    forget_events(tracker or tracker_url(state), person.keys["conversation"])
    empty_log(engine)
    return Forgotten(deleted, kept)


def erase_talks(session: Session, person: Person) -> int:
    """Delete conversations with all that hangs on them; cases lose the link."""
    talks = list(person.keys["conversation"])
    for start in range(0, len(talks), 1_000):
        part = talks[start : start + 1_000]
        session.execute(
            update(CaseRow)
            .where(CaseRow.conversation_id.in_(part))
            .values(conversation_id=None)
        )
    return sum(delete_rows(session, person, name) for name in TALK_TABLES)


def attachment_files(session: Session, person: Person, state: Path) -> list[Path]:
    """Return the files of a person's conversations, before their rows go."""
    rows = rows_of(session, person, "attachment")
    return [path for row in rows for path in (state / "files").glob(f"{row['id']}*")]


def _is_open(session: Session, customer_id: str) -> bool:
    query = select(CaseRow.case_no).where(
        CaseRow.customer_id == customer_id, CaseRow.state.not_in(FINAL)
    )
    return session.scalar(query.limit(1)) is not None


def _pseudonymise(session: Session, person: Person, customer_id: str) -> int:
    """Give orders, lines and cases an invented owner; return the refunds kept."""
    old = session.get_one(CustomerRow, customer_id)
    alias = f"forgotten-{secrets.token_hex(8)}"
    session.add(CustomerRow(id=alias, name="", phone="", created_at=old.created_at))
    session.flush()
    blank = {"customer_id": alias, "receiver_phone": "", "receiver_region": ""}
    mine = OrderRow.customer_id == customer_id
    session.execute(update(OrderRow).where(mine).values(**blank))
    for table in (OrderLineRow, CaseRow):
        column = table.customer_id
        session.execute(
            update(table).where(column == customer_id).values(customer_id=alias)
        )
    cases = list(person.keys["case"])
    session.execute(update(CaseRow).where(CaseRow.case_no.in_(cases)).values(detail=""))
    session.execute(
        update(CaseActionRow).where(CaseActionRow.case_no.in_(cases)).values(note="")
    )
    session.delete(old)
    session.flush()
    refunds = select(RefundRow.id).where(RefundRow.line_id.in_(person.keys["line"]))
    return len(session.scalars(refunds).all())


def _drop_unneeded(session: Session, person: Person) -> int:
    """Delete the cases and orders that no refund stands on, and all parcels."""
    lines, orders = person.keys["line"], person.keys["order"]
    paid = set(
        session.scalars(select(RefundRow.line_id).where(RefundRow.line_id.in_(lines)))
    )
    kept_orders = set(
        session.scalars(select(OrderLineRow.order_no).where(OrderLineRow.id.in_(paid)))
    )
    free = select(CaseRow.case_no).where(
        CaseRow.line_id.in_(lines), CaseRow.line_id.not_in(paid)
    )
    cases = set(session.scalars(free))
    session.execute(
        update(OrderLineRow).where(OrderLineRow.id.in_(lines)).values(shipment_id=None)
    )
    gone = Person({"shipment": person.keys["shipment"], "case": cases})
    count = delete_rows(session, gone, "carrier_event")
    count += delete_rows(session, gone, "shipment")
    for table in (CaseEventRow, CaseActionRow):
        session.execute(table.__table__.delete().where(table.case_no.in_(cases)))  # type: ignore[attr-defined]
    count += delete_rows(session, gone, "aftersales_case")
    dropped = Person({"order": orders - kept_orders, "line": set()})
    in_dropped = select(OrderLineRow.id).where(
        OrderLineRow.order_no.in_(dropped.keys["order"])
    )
    dropped.keys["line"] = set(session.scalars(in_dropped))
    count += delete_rows(session, dropped, "order_line")
    return count + delete_rows(session, dropped, "shop_order")


def _drop_deliveries(session: Session, person: Person) -> int:
    """Delete what webhooks were told of this person; thirty days of it at most."""
    keys = [key for kind in ("customer", "conversation") for key in person.keys[kind]]
    told = [
        row
        for row in session.scalars(select(DeliveryRow))
        if any(key in json.dumps(row.body) for key in keys)
    ]
    for row in told:
        session.delete(row)
    return len(told)
