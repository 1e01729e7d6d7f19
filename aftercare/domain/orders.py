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
        quantity: pieces bought on this line.
        returned: pieces that have already come back.
        installed_at: when goods that the seller installs were installed.
        repair_opened_at: when the repair still running was opened; else None.
        repair_days: days the goods spent in finished repairs; terms grow by them.
        freight_insured: an insurance repays the buyer's freight of a return.
        has_gift: a gift came with this line.
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
    quantity: int = 1
    returned: int = 0
    installed_at: datetime | None = None
    repair_opened_at: datetime | None = None
    repair_days: int = 0
    freight_insured: bool = False
    has_gift: bool = False

    @property
    def refundable_fen(self) -> int:
        """Money that may still be refunded, in fen; never below zero."""
        return max(0, self.paid_fen - self.refunded_fen)

    def pieces_fen(self, pieces: int | None) -> int:
        """Return what so many more pieces are worth, in fen; None means the rest.

        Cut from the running total, so that the parts add up to what was paid.

        Raises:
            ValueError: fewer than one piece, or more than are left.
        """
        if pieces is None:
            return self.refundable_fen
        if not 1 <= pieces <= self.quantity - self.returned:
            raise ValueError(f"line {self.line_id} has no {pieces} pieces left")
        before = self.paid_fen * self.returned // self.quantity
        after = self.paid_fen * (self.returned + pieces) // self.quantity
        return min(after - before, self.refundable_fen)

    @property
    def term_start(self) -> datetime | None:
        """Event the terms run from (Implementing Regulation 778, art. 18)."""
        return self.term_start_by(from_installation=True)

    def term_start_by(self, *, from_installation: bool) -> datetime | None:
        """Return the event the terms run from; an exchange restarts them."""
        installed = self.installed_at if from_installation else None
        return self.replaced_at or installed or self.delivered_at
