"""Whom one may write to now: consent, frequency cap, quiet hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of one customer: consent, and when they were written to."""

    customer: str
    consent: bool
    sent: Sequence[datetime] = ()


def may_contact(
    contact: Contact,
    now: datetime,
    *,
    most: int = 2,
    within: timedelta = timedelta(days=30),
    quiet: tuple[int, int] = (21, 9),
) -> str | None:
    """Return None if one may write, else why not: no_consent, cap, quiet_hours.

    ``now`` is on the customer's clock; ``quiet`` begins and ends at full hours.
    """
    if not contact.consent:
        return "no_consent"
    if sum(now - at < within for at in contact.sent) >= most:
        return "cap"
    begin, end = quiet
    hour = now.hour
    asleep = begin <= hour or hour < end if begin > end else begin <= hour < end
    return "quiet_hours" if asleep else None
