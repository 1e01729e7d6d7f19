"""Who is on a list is answered before others, but never instead of them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from aftercare.services.consents import Purpose, allows_in
from aftercare.services.customers.bands import NONE
from aftercare.store.customers import ProfileRow
from aftercare.store.desk import HandoverRow

BEFORE_OTHERS = 1


def lift_priority(session: Session, customer_id: str | None, row: HandoverRow) -> None:
    """Raise a conversation's place in the queue if its customer is on a list.

    Danger and promises that were broken stay above. Consent is asked again here:
    last night's list must not outlive a refusal of this morning.
    """
    if customer_id is None or row.priority >= BEFORE_OTHERS:
        return
    profile = session.get(ProfileRow, customer_id)
    if profile is None or profile.band == NONE:
        return
    if allows_in(session, customer_id, Purpose.PERSONALISED):
        row.priority = BEFORE_OTHERS
