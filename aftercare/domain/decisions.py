"""The words of the policy engine: what is asked, what is answered, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Request(StrEnum):
    """What the customer asks for on one line."""

    RETURN = "return"
    REFUND_ONLY = "refund_only"
    EXCHANGE = "exchange"
    REPAIR = "repair"
    RESHIP = "reship"
    PRICE_PROTECTION = "price_protection"
    COMPLAINT = "complaint"


class Problem(StrEnum):
    """What went wrong on the way, apart from a fault of the goods."""

    NONE = "none"
    WRONG_ITEM = "wrong_item"
    MISSING_ITEM = "missing_item"
    DAMAGED_ON_ARRIVAL = "damaged_on_arrival"
    LOST_PARCEL = "lost_parcel"


class Freight(StrEnum):
    """Who pays for the way back."""

    NOBODY = "nobody"
    BUYER = "buyer"
    SELLER = "seller"


class Rule(StrEnum):
    """Every code a decision can carry; each is a key of the message catalogue."""

    COMPLAINT = "complaint"
    UNSHIPPED_REFUND = "unshipped_refund"
    IN_TRANSIT_REFUND = "in_transit_refund"
    NOTHING_TO_REFUND = "nothing_to_refund"
    NOT_DELIVERED_YET = "not_delivered_yet"
    LOST_PARCEL_RESHIP = "lost_parcel_reship"
    DELIVERED_NOT_RECEIVED = "delivered_not_received"
    NO_REASON_RETURN = "no_reason_return"
    NO_REASON_EXCHANGE = "no_reason_exchange"
    NO_REASON_EXPIRED = "no_reason_expired"
    GIFT_GOES_WITH_ITS_ORDER = "gift_goes_with_its_order"
    EXCLUDED_BY_CONSENT = "excluded_by_consent"
    EXCLUDED_CUSTOM_MADE = "excluded_custom_made"
    EXCLUDED_PERISHABLE = "excluded_perishable"
    EXCLUDED_DIGITAL = "excluded_digital"
    EXCLUDED_PERIODICAL = "excluded_periodical"
    GOODS_NOT_INTACT = "goods_not_intact"
    QUALITY_RETURN = "quality_return"
    QUALITY_RETURN_EXPIRED = "quality_return_expired"
    QUALITY_EXCHANGE = "quality_exchange"
    QUALITY_EXCHANGE_EXPIRED = "quality_exchange_expired"
    NOT_AS_ORDERED_RETURN = "not_as_ordered_return"
    NOT_AS_ORDERED_EXCHANGE = "not_as_ordered_exchange"
    NOT_AS_ORDERED_EXPIRED = "not_as_ordered_expired"
    TWO_FAILED_REPAIRS = "two_failed_repairs"
    REPAIR_OVER_TIME = "repair_over_time"
    WARRANTY = "warranty"
    WARRANTY_EXPIRED = "warranty_expired"
    WARRANTY_NOT_COVERED = "warranty_not_covered"
    REPAIR_NEEDS_FAULT = "repair_needs_fault"
    REFUND_ONLY_REVIEW = "refund_only_review"
    REFUND_ONLY_EXPIRED = "refund_only_expired"
    REFUND_ONLY_NEEDS_RETURN = "refund_only_needs_return"
    RESHIP = "reship"
    RESHIP_EXPIRED = "reship_expired"
    PRICE_PROTECTION = "price_protection"
    PRICE_PROTECTION_EXPIRED = "price_protection_expired"
    PRICE_PROTECTION_NOT_OFFERED = "price_protection_not_offered"
    PRICE_NOT_LOWER = "price_not_lower"


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed or not, and why.

    Attributes:
        rule: a value of `Rule`, a key of the message catalogue.
        basis: the law or merchant rule behind it.
        amount_fen: money to refund, in fen; 0 where none is due.
        freight: who pays for the way back.
        deadline: last day to use the right; None where there is no term.
        evidence: the customer must show the fault.
        needs_human: a person confirms before anything happens.
        needs_consent: the customer must agree to how it is done (a parcel to
            be refused at the door, an amount to be settled by a person).
        freight_insured: the buyer pays the freight and an insurer repays it.
        gift_back: the gift of this line comes back with it, or is priced.
        effective: first day of the version of the rules that decided.
    """

    allowed: bool
    rule: str
    basis: str
    amount_fen: int = 0
    freight: Freight = Freight.NOBODY
    deadline: date | None = None
    evidence: bool = False
    needs_human: bool = False
    needs_consent: bool = False
    freight_insured: bool = False
    gift_back: bool = False
    effective: date | None = None
