"""What a customer allows: asked before each use, so a refusal counts at once.

Personalised recommendation is on until it is refused, marketing is off until it
is wished for (PIPL art. 24: an easy way to refuse; Advertising Law art. 43).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from aftercare.store.consent import ConsentRow
from aftercare.store.customers import ProfileRow
from aftercare.store.unit_of_work import read, write


class Purpose(StrEnum):
    """What data about a customer may be used for beyond their order."""

    PERSONALISED = "personalised"
    MARKETING = "marketing"
    SURVEY = "survey"


UNASKED = {
    Purpose.PERSONALISED: True,
    Purpose.MARKETING: False,
    Purpose.SURVEY: True,
}


def allows(engine: Engine, customer_id: str | None, purpose: Purpose) -> bool:
    """Return whether a customer allows a purpose; a guest is never profiled."""
    if customer_id is None:
        return False
    with read(engine) as session:
        return allows_in(session, customer_id, purpose)


def allows_in(session: Session, customer_id: str, purpose: Purpose) -> bool:
    """Return the same inside a running transaction."""
    row = session.get(ConsentRow, (customer_id, purpose))
    return UNASKED[purpose] if row is None else row.given


def refused(session: Session, purpose: Purpose) -> set[str]:
    """Return the ids of all customers who said no to a purpose."""
    query = select(ConsentRow.customer_id).where(
        ConsentRow.purpose == purpose, ConsentRow.given.is_(False)
    )
    return set(session.scalars(query))


def set_consent(
    engine: Engine,
    customer_id: str,
    purpose: Purpose,
    now: datetime,
    *,
    given: bool,
    source: str,
) -> None:
    """Write down a customer's word; ``source`` is chat, console or import."""
    with write(engine) as session:
        set_consent_in(session, customer_id, purpose, now, given=given, source=source)


def set_consent_in(
    session: Session,
    customer_id: str,
    purpose: Purpose,
    now: datetime,
    *,
    given: bool,
    source: str,
) -> None:
    """Write it down inside a running transaction."""
    row = session.get(ConsentRow, (customer_id, purpose), with_for_update=True)
    if row is None:
        row = ConsentRow(customer_id=customer_id, purpose=purpose)
        session.add(row)
    row.given, row.source, row.at = given, source, now
    if purpose is Purpose.PERSONALISED and not given:
        # What was worked out about them goes with the same word.
        session.execute(delete(ProfileRow).where(ProfileRow.customer_id == customer_id))
