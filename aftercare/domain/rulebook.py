"""The rules in force on a day, and the last day they give for a right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from aftercare.domain.calendar import business_day, last_day
from aftercare.domain.decisions import Freight


@dataclass(frozen=True, slots=True)
class Term:
    """A number of days and the text it comes from."""

    days: int
    source: str


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of the rules.

    Attributes:
        terms: by name (`no_reason_return`, `quality_return`, ...).
        warranty_days: by product category; others use the term `warranty`,
            0 means that the category has no repair term.
        failed_repairs_for_return: failed repairs that open an exchange or return.
        part_days: by category and part, for parts with their own term.
        exclusions: kinds of goods outside the no-reason return.
        evidence: requests for which the customer must show what is wrong.
        no_reason_freight: who pays the way back of goods without a fault.
        quality_freight: who pays it for goods with one.
        from_installation: terms of installed goods run from installation.
        extend_to_business_day: a term never ends on a weekend or holiday.
        holidays: days off besides the weekends.
        auto_approve_fen: refunds above it need a person; None means no limit.
        valid_from: first day of this version.
        valid_to: last day; None while it is open.
    """

    terms: dict[str, Term]
    warranty_days: dict[str, int]
    failed_repairs_for_return: int
    part_days: dict[str, dict[str, int]]
    exclusions: frozenset[str]
    evidence: frozenset[str]
    no_reason_freight: Freight = Freight.BUYER
    quality_freight: Freight = Freight.SELLER
    from_installation: bool = True
    extend_to_business_day: bool = False
    holidays: frozenset[date] = frozenset()
    auto_approve_fen: int | None = None
    version: str = ""
    valid_from: date = date.min
    valid_to: date | None = None

    def last_day(self, event: datetime, days: int) -> date:
        """Return the last day of a term of so many days after an event."""
        end = last_day(event, days)
        return business_day(end, self.holidays) if self.extend_to_business_day else end

    def warranty_for(self, category: str, part: str | None = None) -> int:
        """Return the repair term of a category, or of one part of it, in days."""
        whole = self.warranty_days.get(category, self.terms["warranty"].days)
        return self.part_days.get(category, {}).get(part or "", whole)
