"""Which kinds of case the rules would grant for a thing and a reason."""

from __future__ import annotations

from typing import Any

from actions.base import shop_engine, shop_rules
from actions.turn import Turn
from actions.wish import OFFERED_KINDS, chosen_line, is_allowed
from aftercare.domain.decisions import Rule
from aftercare.domain.orders import Fulfilment
from aftercare.services.drafts import FAULTY, Draft, judge


def grantable(turn: Turn, line_id: str | None, reason: str | None) -> list[str]:
    """Return the kinds to offer, the usual ones where the thing is not known."""
    line = chosen_line(turn, line_id)
    why = reason or "defect"
    kinds = list(OFFERED_KINDS)
    if line and line.fulfilment is Fulfilment.DELIVERED:
        # What is not there yet cannot be sent back anyway.
        kinds.append("refund_only")
    if line and line.digital:
        # Nothing is sent back for what is no thing: its money, or another code.
        kinds = ["refund", "reship"]
    if why == "missing":
        kinds.insert(0, "reship")
    if line is None:
        return kinds
    drafts = [Draft(kind, line.line_id, why) for kind in kinds]
    return [draft.kind for draft in drafts if is_allowed(turn, draft)]


def of_no_thing(turn: Turn, values: dict[str, Any]) -> bool:
    """Return whether an exchange is wished of faulty goods that are no thing.

    What is to be had in their place is issued anew; nothing can be sent back.
    """
    if values.get("case_kind") != "exchange" or values.get("reason") not in FAULTY:
        return False
    line = chosen_line(turn, values.get("line"))
    return line is not None and line.digital


def only_without_return(turn: Turn, values: dict[str, Any]) -> bool:
    """Return whether "refund it" can be granted only without the goods coming back."""
    known = values.get("line") and values.get("reason") in FAULTY
    if values.get("case_kind") != "refund" or not known:
        return False
    kinds = grantable(turn, str(values["line"]), str(values["reason"]))
    return "refund" not in kinds and "refund_only" in kinds


def not_grantable(turn: Turn, values: dict[str, Any]) -> bool:
    """Return whether the rules grant nothing for a known thing and its fault."""
    if values.get("case_kind") or not (values.get("line") and values.get("reason")):
        return False
    return not grantable(turn, str(values["line"]), str(values["reason"]))


def refused_kind(turn: Turn, values: dict[str, Any]) -> str:
    """Return the wish whose refusal says most where the rules grant nothing.

    That is the repair, unless no workshop mends the fault, or such goods.
    """
    if values["reason"] not in ("defect", "damaged"):
        return "refund"
    draft = Draft("repair", str(values["line"]), str(values["reason"]))
    found = judge(shop_engine(), turn.viewer, draft, shop_rules(), turn.now)
    return "refund" if found.rule == Rule.WARRANTY_NOT_COVERED else "repair"


def only_one(turn: Turn, values: dict[str, Any]) -> str | None:
    """Return the one kind there is for a thing and a fault, None if there is a choice.

    Asking for what has one answer would only cost the customer a turn.
    """
    if values.get("case_kind") or not (values.get("line") and values.get("reason")):
        return None
    kinds = grantable(turn, str(values["line"]), str(values["reason"]))
    return kinds[0] if len(kinds) == 1 else None
