"""The open wish of a dialogue: its slots, what is missing, what it means."""

from __future__ import annotations

import json

from actions.base import Events, shop_engine, shop_rules, slots
from actions.speech import Button, Speaker, yuan
from actions.turn import Turn
from aftercare.domain.orders import Fulfilment
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
    "reship": "request_reship",
    "price_protection": "claim_price_protection",
}
OFFERED_KINDS = ("refund", "exchange", "repair")
# Kinds whose reason decides whether and how they are granted.
NEEDS_REASON = frozenset({"refund", "refund_only", "exchange"})


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
    # Somebody who tells of a fault is first asked which thing it has.
    names += ["line", "case_kind"] if reason else ["case_kind", "line"]
    if kind in NEEDS_REASON:
        names.append("reason")
    described = kind in ("repair", "complaint") or reason in FAULTY
    if described or (kind == "reship" and reason != "not_received"):
        names.append("detail")
    if kind == "exchange":
        names.append("target")
    return [*names, "confirmed"]


def is_judgeable(values: dict[str, object]) -> bool:
    """Return whether the rules can already say yes or no."""
    ready = values.get("case_kind") and values.get("line")
    asked = values.get("case_kind") in NEEDS_REASON
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


def own_lines(turn: Turn, *, gifts: bool = False) -> list[LineView]:
    """Return the lines of the customer of this turn, gifts only where asked."""
    return recent_lines(shop_engine(), turn.viewer, gifts=gifts)


def chosen_line(turn: Turn, line_id: object) -> LineView | None:
    """Return the chosen line if the customer may see it."""
    lines = own_lines(turn, gifts=True)
    return next((x for x in lines if x.line_id == line_id), None)


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
        [*alternatives(turn, speaker, draft, line), human(speaker)],
        title=line.title,
        kind=speaker.label("kind", draft.kind),
        rule=rule_text(speaker, decision),
    )
    return slots(outcome="refused", requested_slot=None)


def human(speaker: Speaker) -> Button:
    """Return the button that calls a person."""
    return (speaker.label("button", "human"), "/request_human")


def payload(kind: str, **given: str) -> str:
    """Return the payload of a button that begins a wish."""
    suffix = json.dumps(given, separators=(",", ":")) if given else ""
    return f"/{INTENT_OF_KIND[kind]}{suffix}"


def wish_buttons(speaker: Speaker, line_id: str | None) -> list[Button]:
    """Return buttons for the usual wishes, about one line where it is known."""
    given = {} if line_id is None else {"line": line_id}
    return [(speaker.label("kind", x), payload(x, **given)) for x in OFFERED_KINDS]


def is_allowed(turn: Turn, draft: Draft) -> bool:
    """Return whether the rules would grant this wish."""
    return judge(shop_engine(), turn.viewer, draft, shop_rules(), turn.now).allowed


def forget() -> Events:
    """Return the events that clear the wish; what waits for later stays."""
    empty = dict.fromkeys(FORM_SLOTS)
    return slots(
        **empty, nonce=None, outcome=None, offered=None, narrowed=None, misses=None
    )


def alternatives(
    turn: Turn, speaker: Speaker, draft: Draft, line: LineView
) -> list[Button]:
    """Return what the rules would grant instead, as buttons."""
    fault = draft.reason if draft.reason in FAULTY else "defect"
    options = [("refund", "dislike")]
    if line.fulfilment is Fulfilment.DELIVERED:
        options += [(kind, fault) for kind in OFFERED_KINDS]
    if draft.kind == "price_protection":
        options = options[:1]
    found: list[Button] = []
    for kind, reason in options:
        same = kind == draft.kind and (reason == draft.reason or kind == "repair")
        other = Draft(kind, draft.line_id, reason)
        if same or not is_allowed(turn, other):
            continue
        title = speaker.label("reason", reason) + speaker.label("kind", kind)
        if reason == "dislike":
            title = speaker.label("button", "unwanted")
        found.append((title, payload(kind, line=draft.line_id, reason=reason)))
    return found
