"""Repaired twice and still broken: the way out, before one more repair is begun."""

from __future__ import annotations

from typing import Any

from actions.base import shop_engine, shop_rules
from actions.speech import Speaker
from actions.texts import texts
from actions.turn import Turn
from actions.understand import has_any
from actions.wish import chosen_line, human, own_lines, rule_text
from aftercare.domain.decisions import Rule
from aftercare.domain.policy import Decision
from aftercare.services.drafts import Draft, judge
from aftercare.services.orders import LineView

# The wishes that one more failed repair may turn into a return or an exchange.
OPEN_TO_IT = (None, "repair")


def hear_repairs(
    turn: Turn, speaker: Speaker, values: dict[str, Any]
) -> dict[str, Any]:
    """Return what changes of a wish for a thing that was repaired in vain.

    Two failed repairs give a return or an exchange (three guarantees), so the
    kind is asked again. The count is the shop's: what it does not know of, a
    person has to look at, and the customer is told so.
    """
    said = not turn.given and has_any(turn.text, texts()["words"]["repaired_before"])
    if not said or values.get("case_kind") not in OPEN_TO_IT:
        return {}
    line = chosen_line(turn, values.get("line")) or _only_one(turn, values)
    if line is None:
        return {}
    decision = as_return(turn, line.line_id)
    if decision.rule != Rule.TWO_FAILED_REPAIRS:
        speaker.say("repairs_unknown", [human(speaker)], title=line.title)
        return {"line": line.line_id, "reason": "defect"}
    rule = rule_text(speaker, decision)
    speaker.say("repairs_known", title=line.title, rule=rule)
    new = dict.fromkeys(("case_kind", "nonce", "confirmed"))
    told = values.get("detail") or turn.text
    return {**new, "line": line.line_id, "reason": "defect", "detail": told}


def _only_one(turn: Turn, values: dict[str, Any]) -> LineView | None:
    """Return the one thing the shop repaired in vain, where no other was named."""
    if values.get("narrowed"):
        return None
    found = [
        line
        for line in own_lines(turn)
        if as_return(turn, line.line_id).rule == Rule.TWO_FAILED_REPAIRS
    ]
    return found[0] if len(found) == 1 else None


def as_return(turn: Turn, line_id: str) -> Decision:
    """Return what the rules say of sending a faulty thing back for money."""
    draft = Draft("refund", line_id, "defect")
    return judge(shop_engine(), turn.viewer, draft, shop_rules(), turn.now)
