"""After-sales cases: legal moves only, and a history that only grows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from aftercare.domain.errors import AftercareError, Reason

# Consumer Protection Law art. 25: the price of what came back within seven days
# of its receipt; fines begin on day fifteen (art. 56).
REFUND_DAYS, FINE_DAYS = 7, 15


class CaseKind(StrEnum):
    """What a case is about."""

    REFUND_ONLY = "refund_only"
    RETURN_REFUND = "return_refund"
    EXCHANGE = "exchange"
    RESHIP = "reship"
    REPAIR = "repair"
    COMPLAINT = "complaint"


class CaseState(StrEnum):
    """Where a case stands; REFUSED, CANCELLED and DONE are final."""

    OPEN = "open"
    APPROVED = "approved"
    AWAITING_GOODS = "awaiting_goods"
    GOODS_RECEIVED = "goods_received"
    IN_REPAIR = "in_repair"
    SENT_BACK = "sent_back"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


S = CaseState
_OPENING = {S.OPEN: frozenset({S.APPROVED, S.REFUSED, S.CANCELLED})}
_GOODS_BACK = {
    S.APPROVED: frozenset({S.AWAITING_GOODS, S.CANCELLED}),
    S.AWAITING_GOODS: frozenset({S.GOODS_RECEIVED, S.CANCELLED}),
}
_STRAIGHT = _OPENING | {S.APPROVED: frozenset({S.DONE, S.CANCELLED})}

# Goods that have come back can be refused (wrong item), never cancelled: the
# customer no longer holds them.
MOVES: dict[CaseKind, dict[CaseState, frozenset[CaseState]]] = {
    CaseKind.REFUND_ONLY: _STRAIGHT,
    CaseKind.COMPLAINT: _STRAIGHT,
    CaseKind.RESHIP: _OPENING
    | {
        S.APPROVED: frozenset({S.SENT_BACK, S.CANCELLED}),
        S.SENT_BACK: frozenset({S.DONE}),
    },
    CaseKind.RETURN_REFUND: _OPENING
    | _GOODS_BACK
    | {S.GOODS_RECEIVED: frozenset({S.DONE, S.REFUSED})},
    CaseKind.EXCHANGE: _OPENING
    | _GOODS_BACK
    | {
        S.GOODS_RECEIVED: frozenset({S.SENT_BACK, S.REFUSED}),
        S.SENT_BACK: frozenset({S.DONE}),
    },
    CaseKind.REPAIR: _OPENING
    | _GOODS_BACK
    | {
        S.GOODS_RECEIVED: frozenset({S.IN_REPAIR, S.REFUSED}),
        S.IN_REPAIR: frozenset({S.SENT_BACK}),
        S.SENT_BACK: frozenset({S.DONE}),
    },
}


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One move: who, when, by which rule, from where to where."""

    at: datetime
    actor: str
    rule: str
    before: CaseState
    after: CaseState


@dataclass(frozen=True, slots=True)
class Case:
    """A case with its append-only history, oldest event first."""

    case_no: str
    line_id: str
    kind: CaseKind
    state: CaseState = CaseState.OPEN
    history: tuple[CaseEvent, ...] = ()

    def move(self, to: CaseState, *, actor: str, rule: str, at: datetime) -> Case:
        """Return the case in its next state, with the move in its history.

        Raises:
            AftercareError: ILLEGAL_MOVE; the case is as it was.
            ValueError: the moment has no time zone.
        """
        if at.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        if to not in MOVES[self.kind].get(self.state, frozenset()):
            detail = f"{self.kind}: {self.state} -> {to}"
            raise AftercareError(Reason.ILLEGAL_MOVE, detail)
        event = CaseEvent(at, actor, rule, self.state, to)
        return replace(self, state=to, history=(*self.history, event))
