"""The only ways to an order: by the customer who owns it, or by a guest's proof.

Another customer's order and no order at all look the same to every caller.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, false, select
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.proof_tries import count_try
from aftercare.store.cases import GuestProofRow
from aftercare.store.models import OrderLineRow, OrderRow
from aftercare.store.unit_of_work import write

MAX_TRIES = 5
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks, as the gateway signed it; `customer_id` None is a guest.

    `network` stands for where they ask from, where that is known.
    """

    conversation_id: str
    customer_id: str | None
    network: str | None = field(default=None, compare=False)


def own_lines(session: Session, viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that keeps order lines to what the viewer may see."""
    if viewer.customer_id is not None:
        return OrderLineRow.customer_id == viewer.customer_id
    proof = session.get(GuestProofRow, viewer.conversation_id)
    if proof is None or proof.order_no is None:
        return false()
    return OrderLineRow.order_no == proof.order_no


def access_own_line(session: Session, viewer: Viewer, line_id: str) -> OrderLineRow:
    """Return a line the viewer may see, locked for this transaction.

    Raises:
        AftercareError: NOT_FOUND, whether it is another's or does not exist.
    """
    row = session.scalar(
        select(OrderLineRow)
        .where(OrderLineRow.id == line_id, own_lines(session, viewer))
        .with_for_update()
    )
    if row is None:
        raise AftercareError(Reason.NOT_FOUND)
    return row


def access_line(session: Session, customer_id: str, line_id: str) -> OrderLineRow:
    """Return a signed-in customer's own line, locked (see `access_own_line`)."""
    return access_own_line(session, Viewer("", customer_id), line_id)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a guest typed: an order's number and the phone's last four digits."""

    order_no: str
    tail: str


def prove_order(
    engine: Engine, viewer: Viewer, given: Proof, secret: str, now: datetime
) -> None:
    """Let a guest see one order, by its number and the phone's last four digits.

    Every try counts before it is looked at, also a right one: neither one
    conversation nor many can be used to guess, nor many numbers from one network.
    `secret` keys the hash that stands for the number in the counts.

    Raises:
        AftercareError: NOT_FOUND for a wrong number or wrong digits alike;
            TOO_MANY_TRIES after five in a conversation or `proof_tries`'s
            limits for a number or a network, whether or not the order exists.
    """
    with write(engine) as session:
        proof = session.get(GuestProofRow, viewer.conversation_id, with_for_update=True)
        if proof is None:
            proof = GuestProofRow(conversation_id=viewer.conversation_id, tries=0)
            session.add(proof)
        proof.tries += 1
        allowed = count_try(session, secret, given.order_no, now, viewer.network)
        spent = proof.tries > MAX_TRIES or not allowed
        order = session.get(OrderRow, given.order_no)
        # Without an order, or a phone (its customer is forgotten), nothing is right.
        expected = order.receiver_phone[-4:] if order else ""
        alike = hmac.compare_digest(expected.encode(), given.tail.encode())
        right = alike and len(expected) == DIGITS
        if right and not spent:
            proof.order_no = given.order_no
    if spent:
        raise AftercareError(Reason.TOO_MANY_TRIES)
    if not right:
        raise AftercareError(Reason.NOT_FOUND)
