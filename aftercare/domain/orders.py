"""What was bought: one line of an order as the policy engine needs to see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Exclusion(StrEnum):
    """Goods outside the seven-day return (Consumer Protection Law, art. 25)."""

    NONE = "none"
    CUSTOM_MADE = "custom_made"
    PERISHABLE = "perishable"
    DIGITAL = "digital"
    PERIODICAL = "periodical"
    # By their nature unsuitable: excluded only if the buyer confirmed at purchase.
    CONSENT_ONLY = "consent_only"


class Fulfilment(StrEnum):
    """Where the goods of a line are."""

    UNSHIPPED = "unshipped"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order.

    Attributes:
        paid_fen: what was really paid for the line after promotions, in fen.
        refunded_fen: what has already been refunded on it, in fen.
        delivered_at: sign-off by the buyer, aware; None while not delivered.
        replaced_at: sign-off of the last exchange, which restarts the terms.
        repairs: failed repairs of the same fault so far.
    """

    line_id: str
    paid_fen: int
    fulfilment: Fulfilment
    category: str
    exclusion: Exclusion = Exclusion.NONE
    exclusion_confirmed: bool = False
    delivered_at: datetime | None = None
    replaced_at: datetime | None = None
    refunded_fen: int = 0
    is_gift: bool = False
    intact: bool = True
    repairs: int = 0

    @property
    def refundable_fen(self) -> int:
        """Money that may still be refunded, in fen; never below zero."""
        return max(0, self.paid_fen - self.refunded_fen)

    @property
    def term_start(self) -> datetime | None:
        """Event the terms run from (Implementing Regulation 778, art. 18)."""
        return self.replaced_at or self.delivered_at
