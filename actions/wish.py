"""The open wish of a dialogue: its slots, what is missing, what it means."""

from __future__ import annotations

from actions.base import Events, shop_engine, shop_rules, slots
from actions.speech import Button, Speaker, yuan
from actions.turn import Turn
from aftercare.domain.policy import Decision
from aftercare.services.drafts import FAULTY, Draft, judge
from aftercare.services.orders import LineView, recent_lines

FORM_SLOTS = (
    "order_no",
    "phone_tail",
    "case_kind",
    "line",
    "reason",
    "detail",
    "target",
    "confirmed",
)
KIND_OF_INTENT = {
    "request_refund": "refund",
    "cancel_order": "refund",
    "request_exchange": "exchange",
    "request_reship": "reship",
    "report_missing_item": "reship",
    "request_repair": "repair",
    "claim_price_protection": "price_protection",
    "complain": "complaint",
}
INTENT_OF_KIND = {
    "refund": "request_refund",
    "exchange": "request_exchange",
    "repair": "request_repair",
}


def missing(values: dict[str, object], *, guest: bool) -> str | None:
    """Return the next slot to ask for, None when the wish is complete."""
    for name in needed(values, guest=guest):
        if values.get(name) is None:
            return name
    return None


def needed(values: dict[str, object], *, guest: bool) -> list[str]:
    """Return the slots this wish needs, in the order they are asked."""
    kind, reason = values.get("case_kind"), values.get("reason")
    names = ["order_no", "phone_tail"] if guest else []
    names += ["case_kind", "line"]
    if kind in ("refund", "exchange"):
        names.append("reason")
    if kind in ("repair", "reship", "complaint") or reason in FAULTY:
        names.append("detail")
    if kind == "exchange":
        names.append("target")
    return [*names, "confirmed"]


def is_judgeable(values: dict[str, object]) -> bool:
    """Return whether the rules can already say yes or no."""
    ready = values.get("case_kind") and values.get("line")
    asked = values.get("case_kind") in ("refund", "exchange")
    return bool(ready and (values.get("reason") or not asked))


def draft_of(values: dict[str, object]) -> Draft:
    """Return the draft these slots stand for."""
    target = values.get("target")
    return Draft(
        kind=str(values["case_kind"]),
        line_id=str(values["line"]),
        reason=str(values.get("reason") or "other"),
        detail=str(values.get("detail") or "")[:500],
        target_sku=None if target is None else str(target),
    )


def own_lines(turn: Turn) -> list[LineView]:
    """Return the lines of the customer of this turn."""
    return recent_lines(shop_engine(), turn.viewer)


def chosen_line(turn: Turn, line_id: object) -> LineView | None:
    """Return the chosen line if the customer may see it."""
    return next((x for x in own_lines(turn) if x.line_id == line_id), None)


def rule_text(speaker: Speaker, decision: Decision) -> str:
    """Return the plain words of a decision's rule."""
    return speaker.rule(
        decision.rule, deadline=decision.deadline, amount=yuan(decision.amount_fen)
    )


def refuse(
    turn: Turn, speaker: Speaker, draft: Draft, line: LineView, decision: Decision
) -> Events:
    """Say which rule refuses and what can be done instead; ends the form."""
    speaker.say(
        "refused",
        [*_alternatives(turn, speaker, draft), human(speaker)],
        title=line.title,
        kind=speaker.label("kind", draft.kind),
        rule=rule_text(speaker, decision),
    )
    return slots(outcome="refused", requested_slot=None)


def human(speaker: Speaker) -> Button:
    """Return the button that calls a person."""
    return (speaker.label("button", "human"), "/request_human")


def forget() -> Events:
    """Return the events that clear the wish; what waits for later stays."""
    empty = dict.fromkeys(FORM_SLOTS)
    return slots(**empty, nonce=None, outcome=None, offered=None, misses=None)


def _alternatives(turn: Turn, speaker: Speaker, draft: Draft) -> list[Button]:
    found: list[Button] = []
    for kind, intent in INTENT_OF_KIND.items():
        if kind == draft.kind and draft.reason in FAULTY:
            continue
        other = Draft(kind, draft.line_id, "defect")
        decision = judge(shop_engine(), turn.viewer, other, shop_rules(), turn.now)
        if decision.allowed:
            title = speaker.label("reason", "defect") + speaker.label("kind", kind)
            payload = f'{{"line":"{draft.line_id}","reason":"defect"}}'
            found.append((title, f"/{intent}{payload}"))
    return found
