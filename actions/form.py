"""Fill the one form of all cases: read each answer by what was asked."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker

from actions.base import Events, ServiceAction, shop_engine, shop_rules, slots
from actions.speech import Speaker
from actions.turn import Turn
from actions.understand import (
    find_line,
    find_reason,
    find_tail,
    find_variant,
    is_question,
    wants_another,
)
from actions.wish import (
    KIND_OF_INTENT,
    chosen_line,
    draft_of,
    human,
    is_judgeable,
    missing,
    own_lines,
    refuse,
)
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.access import prove_order
from aftercare.services.drafts import judge
from aftercare.services.orders import variants

# Intents that do not ask for anything: inside the form they are answers.
ANSWERS = frozenset(
    {
        "inform",
        "affirm",
        "deny",
        "nlu_fallback",
        "out_of_scope",
        "goodbye",
        "rate_service",
        "report_defect",
        "report_damage",
        "report_wrong_item",
        "report_missing_item",
    }
)
STALE_AFTER: dict[str, tuple[str, ...]] = {
    "line": ("target", "nonce", "confirmed"),
    "reason": ("nonce", "confirmed"),
    "target": ("nonce", "confirmed"),
}


class ValidateCaseForm(ServiceAction):
    """Read the answer, judge as soon as possible, choose the next question."""

    action_name = "validate_case_form"
    rejects_by_silence = True

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Return slots and the next question; nothing at all = not an answer."""
        values: dict[str, Any] = dict(turn.slots)
        guest = turn.viewer.customer_id is None
        found: dict[str, Any] = {}
        if turn.fresh and turn.requested:
            if turn.intent == "stop":
                speaker.say("cancelled")
                return slots(outcome="cancelled", requested_slot=None)
            found = read_answer(turn, speaker, values)
            if not found:
                if not _is_answer(turn, values):
                    return []
                if turn.requested == "confirmed" and turn.intent == "deny":
                    speaker.say("cancelled")
                    return slots(outcome="cancelled", requested_slot=None)
                return self._missed(turn, speaker)
        values.update(found)
        if is_judgeable(values):
            refusal = self._refusal(turn, speaker, values)
            if refusal is not None:
                return slots(**found) + refusal
        following = missing(values, guest=guest)
        return slots(**found, misses=None, requested_slot=following)

    def after_failure(self, tracker: Tracker) -> Events:
        """Stay at the same question, so that the customer can try again."""
        asked = tracker.get_slot("requested_slot")
        return slots(misses=tracker.get_slot("misses") or 0, requested_slot=asked)

    def _missed(self, turn: Turn, speaker: Speaker) -> Events:
        if turn.requested == "confirmed" and turn.intent == "affirm":
            speaker.say("press_button")
            return slots(misses=0, requested_slot="confirmed")
        count = min(int(turn.slots.get("misses") or 0) + 1, 3)
        buttons = [human(speaker)] if count == 3 else None
        speaker.say(f"not_understood_{count}", buttons)
        return slots(misses=count, requested_slot=turn.requested)

    def _refusal(
        self, turn: Turn, speaker: Speaker, values: dict[str, Any]
    ) -> Events | None:
        line = chosen_line(turn, values["line"])
        if line is None:
            speaker.say("not_found")
            return slots(line=None, requested_slot="line")
        draft = draft_of(values)
        decision = judge(shop_engine(), turn.viewer, draft, shop_rules(), turn.now)
        if decision.allowed:
            return None
        return refuse(turn, speaker, draft, line, decision)


def read_answer(turn: Turn, speaker: Speaker, values: dict[str, Any]) -> dict[str, Any]:
    """Return the slots this message fills; empty if it is not an answer."""
    if turn.given:
        return _given(turn)
    if turn.requested in ("order_no", "phone_tail"):
        return _prove(turn, speaker, values)
    found: dict[str, Any] = {}
    if turn.requested == "case_kind" and turn.intent in KIND_OF_INTENT:
        found["case_kind"] = KIND_OF_INTENT[turn.intent]
    if turn.requested in ("line", "confirmed") or turn.numbers:
        found.update(_line(turn, values))
    if turn.requested == "detail" and _describes(turn):
        return {"detail": turn.text}
    same = KIND_OF_INTENT.get(turn.intent) == values.get("case_kind")
    if not found and (turn.intent in ANSWERS or same):
        found = _property(turn, values)
    return found


def _describes(turn: Turn) -> bool:
    """A description is free text: anything but a question or a call for help."""
    return turn.intent != "request_human" and not is_question(turn.text)


def _property(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    """Read a reason, a description or a variant, whichever is open."""
    if turn.requested in ("target", "confirmed") and values.get("line"):
        line = chosen_line(turn, values["line"])
        if line is not None and values.get("case_kind") == "exchange":
            item = find_variant(turn.text, variants(shop_engine(), line))
            if item is not None:
                return {"target": item.sku, "confirmed": None, "nonce": None}
    reason = find_reason(turn.text, turn.intent)
    if turn.requested == "reason":
        named = reason or ("other" if turn.intent == "inform" else None)
        return {"reason": named} if named else {}
    if turn.requested == "confirmed" and reason and values.get("reason") != reason:
        return {"reason": reason, "confirmed": None, "nonce": None}
    return {}


def _line(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    if turn.requested == "confirmed" and wants_another(turn.text):
        return {"line": None, "target": None, "offered": None, "nonce": None}
    offered = values.get("offered") if turn.requested == "line" else None
    line = find_line(turn.text, turn.numbers, own_lines(turn), offered or [])
    if line is None or line.line_id == values.get("line"):
        return {}
    return {"line": line.line_id, **dict.fromkeys(STALE_AFTER["line"])}


def _given(turn: Turn) -> dict[str, Any]:
    """Read a button; what it names is checked again by the service."""
    found: dict[str, Any] = {}
    for name in ("line", "reason", "target", "case_kind"):
        if name in turn.given:
            found[name] = turn.given[name]
            found.update(dict.fromkeys(STALE_AFTER.get(name, ())))
    if "nonce" in turn.given:
        found["confirmed"] = turn.given["nonce"]
    if "other" in turn.given:
        found.update(dict.fromkeys(("line", "target", "nonce", "offered")))
    return found


def _prove(turn: Turn, speaker: Speaker, values: dict[str, Any]) -> dict[str, Any]:
    """Let a guest prove an order in two steps, in either one or two messages."""
    order_no = turn.numbers[0] if turn.numbers else values.get("order_no")
    tail = find_tail(turn.text)
    if order_no is None or tail is None:
        return {"order_no": order_no} if turn.numbers else {}
    try:
        prove_order(shop_engine(), turn.viewer, str(order_no), tail)
    except AftercareError as error:
        locked = error.reason is Reason.TOO_MANY_TRIES
        speaker.say("proof_locked" if locked else "proof_wrong", [human(speaker)])
        return {"order_no": None, "phone_tail": None, "misses": 0}
    lines = own_lines(turn)
    only = lines[0].line_id if len(lines) == 1 else None
    return {"order_no": order_no, "phone_tail": "proved", "line": only}


def _is_answer(turn: Turn, values: dict[str, Any]) -> bool:
    same = KIND_OF_INTENT.get(turn.intent) == values.get("case_kind")
    return turn.intent in ANSWERS or same
