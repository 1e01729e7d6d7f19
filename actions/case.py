"""Begin a wish, submit it by its button, say what was committed."""

from __future__ import annotations

from actions import later
from actions.answers import NotReceived, Warranty
from actions.asks import speaker_text
from actions.base import Events, ServiceAction, shop_engine, shop_rules, slots
from actions.cancel import CancelCase
from actions.case_text import SUBMITTED, freight_text, state_text
from actions.expect import arrival_text, repair_text
from actions.fault import (
    asks_for_damages,
    can_have,
    fears,
    likely,
    own_doing,
    tell_unsigned,
)
from actions.focus import asks_for_another, listed, stranger, tell_stranger
from actions.guest import prove_at_once
from actions.handover import call, step_back
from actions.part import hear_part
from actions.plead import REFUSED
from actions.pointing import find_lines
from actions.progress import MONEY, RefundProgress
from actions.reading import describes_fault
from actions.recommend import accessories
from actions.repairs import hear_repairs
from actions.service import FixedAnswer, ReturnPolicy, WayBack
from actions.several import named_apart, one_of_many, told_of
from actions.several import waiting as waiting_for
from actions.speech import Button, Speaker, yuan
from actions.stock import not_made, say_stock
from actions.target import direction
from actions.texts import texts
from actions.turn import Turn
from actions.understand import asks_the_same, find_kind, find_reason, has_any
from actions.wanted import instead
from actions.wish import (
    FORM_SLOTS,
    KIND_OF_INTENT,
    chosen_line,
    forget,
    human,
    own_lines,
)
from aftercare.domain.cases import CaseKind, CaseState
from aftercare.domain.errors import AftercareError, Reason
from aftercare.domain.orders import Fulfilment
from aftercare.services import cases
from aftercare.services.drafts import FAULTY
from aftercare.services.orders import LineView
from aftercare.services.transfer import Trigger

# Kinds whose words in a message outweigh the intent that was understood.
SAID_OUTRIGHT = frozenset({"refund", "exchange", "repair", "reship"})
ENDED = frozenset({CaseState.DONE, CaseState.REFUSED, CaseState.CANCELLED})
# A longer message tells of more than what was asked before, in characters.
SHORT = 14
# Answers to which the next message may ask for another case of the same.
TALKED_OF: dict[str, type[ServiceAction]] = {
    kind.action_name: kind for kind in (WayBack, ReturnPolicy)
}


class BeginCase(ServiceAction):
    """Begin a wish, or turn the open one into another kind."""

    action_name = "action_begin_case"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Take from the first message all that it already says."""
        is_open = turn.requested is not None
        mine = own_lines(turn)
        several = [] if turn.given else named_apart(turn.text, mine)
        among, beside = ([], []) if turn.given else one_of_many(turn.text, mine)
        waiting = later.remember(turn, waiting_for(turn, several[1:] or beside))
        if is_open and later.is_all_of(turn):
            speaker.say("noted_later")
            return waiting
        again = None if is_open else _asked_before(turn) or _asked_again(turn)
        if again is not None:
            return again.act(turn, speaker) + slots(outcome="answered")
        prove_at_once(turn, speaker)
        values = begun(turn, is_open=is_open)
        if fears(turn):
            step_back(turn, speaker)
            return slots(outcome="answered")
        if own_doing(turn, speaker, values):
            return slots(outcome="answered", topic=Warranty.action_name)
        tell_stranger(turn, speaker, values)
        values.update(hear_repairs(turn, speaker, values))
        values.update(hear_part(turn, speaker, values))
        if several:
            values.update(line=several[0].line_id, narrowed=None)
            values.update(told_of(turn, several[0]))
            speaker.say("first_then", title=several[0].title)
        elif among:
            values.update(line=None, narrowed=[x.line_id for x in among])
            speaker.say("noted_later")
        if asks_for_another(turn):
            speaker.say("of_another")
            return slots(outcome="answered")
        # A guest's order is not unknown, only not proved yet.
        if turn.numbers and not values["line"] and turn.viewer.customer_id:
            speaker.say("number_unknown")
        if _is_about_people(turn, values):
            called = call(turn, Trigger.ASKED)
            speaker.say("complaint_of_service", handover=called)
            return slots(outcome="answered")
        if has_any(turn.text, texts()["words"]["complains_elsewhere"]):
            speaker.say("escalated", handover=call(turn, Trigger.SENTIMENT))
        elif asks_for_damages(turn, values):
            speaker.say("damages", [human(speaker)])
        told = find_reason(turn.text, turn.intent)
        tell_unsigned(turn, speaker, chosen_line(turn, values["line"]), told)
        _tell_not_made(turn, speaker, values)
        fresh = dict.fromkeys(("nonce", "outcome", "offered", "misses"))
        return slots(**(values | fresh)) + waiting


def _tell_not_made(turn: Turn, speaker: Speaker, values: dict[str, object]) -> None:
    """Say that the size wished for is not made, before the next best is offered."""
    line = chosen_line(turn, values["line"])
    exchange = values["case_kind"] == "exchange" and not values.get("target")
    if line and exchange and not turn.given and not_made(turn.text, line, whole=True):
        say_stock(turn, speaker, line, whole=True)


def _is_about_people(turn: Turn, values: dict[str, object]) -> bool:
    """Return whether a complaint is about the service, so that no form helps."""
    told = has_any(turn.text, texts()["words"]["about_people"])
    return values["case_kind"] == "complaint" and told and not values["line"]


def _asked_before(turn: Turn) -> ServiceAction | None:
    """Return what answers who wishes nothing new: why not, and where the money is."""
    words, short = texts()["words"], len(turn.text) <= SHORT
    if turn.given or not short:
        return None
    if turn.slot("topic") == SUBMITTED and has_any(turn.text, words["called_off"]):
        return CancelCase()
    if has_any(turn.text, words["case_off"]) and find_kind(turn.text) is None:
        running = cases.own_cases(shop_engine(), turn.viewer)
        if any(case.state not in ENDED for case in running):
            return CancelCase()
    if turn.intent == "request_repair" and has_any(turn.text, words["what_price"]):
        return FixedAnswer()
    if turn.slot("topic") == REFUSED and has_any(turn.text, words["why"]):
        return ReturnPolicy()
    if turn.intent == "request_refund" and has_any(turn.text, words["why"]):
        return ReturnPolicy() if turn.slot("focus") else None
    claimed = turn.intent == "claim_price_protection"
    if not (claimed and has_any(turn.text, words["where_is_money"])):
        return None
    paid = any(
        case.kind in MONEY for case in cases.own_cases(shop_engine(), turn.viewer)
    )
    return RefundProgress() if paid else None


def _asked_again(turn: Turn) -> ServiceAction | None:
    """Return what was asked before, where "and a fault?" only asks it once more."""
    same = turn.intent in texts()["labels"]["reason_intents"] and asks_the_same(
        turn.text
    )
    kind = TALKED_OF.get(turn.slot("topic") or "")
    return kind() if same and kind else None


def begun(turn: Turn, *, is_open: bool) -> dict[str, object]:
    """Return the form's slots as the first message of a wish fills them."""
    kept = ("order_no", "phone_tail", "line", "reason", "detail") if is_open else ()
    values: dict[str, object] = {
        name: turn.slots.get(name) if name in kept else None for name in FORM_SLOTS
    }
    kind = _kind(turn)
    values["case_kind"] = kind or (turn.slot("case_kind") if is_open else None)
    values.update(_why(turn, kind))
    lines = own_lines(turn, gifts=kind == "reship")
    found = find_lines(turn.text, turn.numbers, lines, listed(turn))
    found = can_have(found, values["reason"])
    if not found and not turn.given and turn.viewer.customer_id:
        found = _of_the_list(turn, lines, values["reason"])
    narrowed = turn.slots.get("narrowed") if is_open and not found else None
    values["narrowed"] = [x.line_id for x in found] if len(found) > 1 else narrowed
    line_id = turn.given.get("line") or (found[0].line_id if len(found) == 1 else None)
    other = turn.apart or has_any(turn.text, texts()["words"]["another_matter"])
    strange = stranger(turn) is not None
    if line_id is None and not found and not turn.numbers and not strange:
        focus = None if other else turn.slot("focus")
        known = {line.line_id for line in lines}
        line_id = focus if focus in known else None
        line_id = lines[0].line_id if len(lines) == 1 else line_id
    values["line"] = line_id or (None if found else values["line"])
    chosen = next((x for x in lines if x.line_id == values["line"]), None)
    values.update(_implied(turn, values, chosen))
    if values["case_kind"] in (None, "refund"):
        reason = likely(
            None if values["reason"] is None else str(values["reason"]), chosen
        )
        if values["case_kind"] and reason != values["reason"]:
            values["detail"] = None
        values["reason"] = reason
    values.update(instead(turn, chosen, values))
    unproved = turn.numbers and all(x.order_no not in turn.numbers for x in lines)
    if turn.viewer.customer_id is None and unproved:
        values.update(order_no=turn.numbers[0], phone_tail=None)
    elif turn.viewer.customer_id is None and lines:
        values.update(order_no=lines[0].order_no, phone_tail="proved")
    return values


def _of_the_list(turn: Turn, lines: list[LineView], reason: object) -> list[LineView]:
    """Return what of a list of a few, just shown, can have what is told of it."""
    shown = [x for x in lines if x.line_id in listed(turn)]
    few = 1 < len(shown) < len(lines) and stranger(turn) is None
    return can_have(shown, reason) if few and not turn.numbers else []


def _kind(turn: Turn) -> str | None:
    """Return the kind of a wish: as it is said outright, else as understood.

    A fault told together with "I want a refund" is a refund, whichever of the
    two the intent names; money without sending back is a kind of its own.
    """
    kind = KIND_OF_INTENT.get(turn.intent)
    said = None if turn.given else find_kind(turn.text)
    if said and (kind in SAID_OUTRIGHT or kind is None):
        kind = said
    keeps = has_any(turn.text, texts()["words"]["keeps_goods"])
    return "refund_only" if kind == "refund" and keeps else kind


def _why(turn: Turn, kind: str | None) -> dict[str, object]:
    """Return the reason and the description a first message gives."""
    reason = turn.given.get("reason") or find_reason(turn.text, turn.intent)
    if reason is None and kind == "exchange" and direction(turn.text):
        reason = "size"
    if turn.intent == "cancel_order":
        return {"reason": reason or "dislike"}
    if reason is None or (reason == "dislike" and not _says_dislike(turn)):
        return {}
    if reason in FAULTY and not turn.given and describes_fault(turn.text):
        return {"reason": reason, "detail": turn.text}
    return {"reason": reason}


def _implied(
    turn: Turn, values: dict[str, object], line: LineView | None
) -> dict[str, object]:
    """Return the reason that where the goods are, or what was told before, implies.

    Nothing can be wrong with what has not arrived: not wanting it is reason enough.
    """
    if values.get("reason"):
        return {}
    away = line is not None and line.fulfilment is not Fulfilment.DELIVERED
    searched = turn.slot("topic") == NotReceived.action_name
    if values["case_kind"] == "reship" and (away or searched):
        return {"reason": "not_received"}
    if away and values["case_kind"] == "refund" and not turn.given:
        why = find_reason(turn.text, "")
        return {"reason": why} if why == "dislike" else {}
    told = find_reason(str(values.get("detail") or ""), "")
    repairs = turn.requested is not None and turn.slot("case_kind") == "repair"
    if told not in FAULTY and repairs and values["case_kind"] in ("refund", "exchange"):
        # What was to be repaired is broken, whatever is wished for in its place.
        told = "defect"
    return {"reason": told} if told in FAULTY else {}


def _says_dislike(turn: Turn) -> bool:
    """Return whether nothing is wrong with the goods, by the customer's own words.

    "I do not want it" alone may hide a fault, for which the rules give more.
    """
    outright = has_any(turn.text, texts()["words"]["outright_dislike"])
    return bool(turn.given) or outright


class SubmitCase(ServiceAction):
    """Open the case the customer confirmed, and say so from its row."""

    action_name = SUBMITTED

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Submit only what a one-time button confirmed."""
        nonce = turn.slot("confirmed")
        done = nonce is not None and turn.slot("outcome") is None
        if done and nonce is not None:
            confirm_and_tell(turn, speaker, nonce)
            if turn.slot("case_kind") == "repair":
                accessories(turn, speaker, turn.slot("line"))
        # What was refused or left is still what the talk is about.
        focus = None if done else turn.slot("line")
        topic = self.action_name if done else turn.slot("topic")
        topic = REFUSED if turn.slot("outcome") == "refused" else topic
        ruled = turn.slot("reason") if topic == REFUSED else None
        told = forget() + slots(focus=focus, topic=topic, ruled=ruled)
        return told + later.offer(turn, speaker)


def confirm_and_tell(turn: Turn, speaker: Speaker, nonce: str) -> None:
    """Confirm once and say what is committed; a repeat says the same."""
    try:
        case = cases.confirm(shop_engine(), turn.viewer, nonce, shop_rules(), turn.now)
    except AftercareError as error:
        if error.reason is Reason.CHANGED_MEANWHILE:
            speaker.say(
                "other_runs", _undo(speaker, error.detail), case_no=error.detail
            )
            return
        expired = error.reason is Reason.CONFIRMATION_EXPIRED
        speaker.say("expired" if expired else "stale", [human(speaker)])
        return
    if case.ran_before:
        # Nothing was written now: what stands is what was confirmed before.
        tell_running(speaker, "ran_before", case)
        return
    amount = yuan(case.amount_fen)
    if case.refunded_fen:
        speaker.say(
            "done_refund",
            case_no=case.case_no,
            amount=yuan(case.refunded_fen),
            arrival=arrival_text(turn, speaker),
        )
    elif case.kind is CaseKind.COMPLAINT:
        speaker.say("done_complaint", case_no=case.case_no)
    elif case.needs_human:
        speaker.say("done_human", case_no=case.case_no)
    else:
        is_refund = case.kind is CaseKind.RETURN_REFUND
        money = speaker_text("done_goods_money").format(amount=amount)
        known = texts()["labels"]["after_goods"]
        after = known.get(str(case.kind), "")
        if case.bulky:
            after = known.get(f"{case.kind}_bulky", after)
        if case.kind is CaseKind.REPAIR:
            after += repair_text(turn, speaker, case.line_id)
        speaker.say(
            "done_bulky" if case.bulky else "done_goods",
            case_no=case.case_no,
            freight=freight_text(speaker, case.freight, bulky=case.bulky),
            money=money if is_refund else after,
            **texts()["shop"],
        )


def tell_running(speaker: Speaker, key: str, case: cases.CaseView) -> None:
    """Say which case of a thing is already under way, and how to be rid of it."""
    speaker.say(
        key,
        _undo(speaker, case.case_no),
        case_no=case.case_no,
        title=case.title,
        kind=speaker.label("case_kind", case.kind),
        state=state_text(speaker, case),
    )


def _undo(speaker: Speaker, case_no: str) -> list[Button]:
    undo = f'/cancel_refund{{"case_no":"{case_no}"}}'
    return [(speaker.label("button", "undo"), undo), human(speaker)]
