"""Begin a wish, submit it by its button, cancel a case."""

from __future__ import annotations

from actions import later
from actions.asks import inform, speaker_text
from actions.base import Events, ServiceAction, shop_engine, shop_rules, slots
from actions.speech import Speaker, yuan
from actions.turn import Turn
from actions.understand import find_line, find_reason
from actions.wish import FORM_SLOTS, KIND_OF_INTENT, forget, human, own_lines
from aftercare.domain.cases import CaseKind, CaseState
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services import cases
from aftercare.services.drafts import FAULTY

CANCELLABLE = frozenset({CaseState.OPEN, CaseState.APPROVED, CaseState.AWAITING_GOODS})


class BeginCase(ServiceAction):
    """Begin a wish, or turn the open one into another kind."""

    action_name = "action_begin_case"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Take from the first message all that it already says."""
        is_open = turn.requested is not None
        waiting = later.remember(turn)
        if is_open and later.is_all_of(turn):
            speaker.say("noted_later")
            return waiting
        kept = ("order_no", "phone_tail", "line", "reason") if is_open else ()
        values = {
            name: turn.slots.get(name) if name in kept else None for name in FORM_SLOTS
        }
        kind = KIND_OF_INTENT.get(turn.intent)
        values["case_kind"] = kind or (turn.slot("case_kind") if is_open else None)
        reason = turn.given.get("reason") or find_reason(turn.text, turn.intent)
        if turn.intent == "cancel_order":
            reason = reason or "dislike"
        if reason and reason != "dislike" or turn.intent == "cancel_order":
            values["reason"] = reason
        if reason in FAULTY and not turn.given:
            values["detail"] = turn.text
        line_id = turn.given.get("line")
        lines = own_lines(turn)
        if line_id is None:
            line = find_line(turn.text, turn.numbers, lines, [])
            line_id = line.line_id if line else None
        if line_id is None and values["line"] is None and len(lines) == 1:
            line_id = lines[0].line_id
        values["line"] = line_id or values["line"]
        if turn.viewer.customer_id is None and lines:
            values.update(order_no=lines[0].order_no, phone_tail="proved")
        elif turn.viewer.customer_id is None and turn.numbers:
            values["order_no"] = turn.numbers[0]
        fresh = slots(**values, nonce=None, outcome=None, offered=None, misses=None)
        return fresh + waiting


class SubmitCase(ServiceAction):
    """Open the case the customer confirmed, and say so from its row."""

    action_name = "action_submit_case"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Submit only what a one-time button confirmed."""
        nonce = turn.slot("confirmed")
        if nonce is not None and turn.slot("outcome") is None:
            confirm_and_tell(turn, speaker, nonce)
        return forget() + later.offer(turn, speaker)


class CancelCase(ServiceAction):
    """Cancel a case of the customer's own."""

    action_name = "action_cancel_case"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Cancel the one meant, or ask which."""
        chosen = turn.given.get("case_no")
        if chosen is not None:
            return self._cancel(turn, speaker, chosen)
        running = [
            case
            for case in cases.own_cases(shop_engine(), turn.viewer)
            if case.state in CANCELLABLE
        ]
        if not running:
            speaker.say("case_none")
            return []
        speaker.say(
            "cancel_which",
            [
                (f"{case.case_no} {case.title}", _cancel_payload(case.case_no))
                for case in running
            ],
        )
        return []

    def _cancel(self, turn: Turn, speaker: Speaker, case_no: str) -> Events:
        try:
            cases.cancel(shop_engine(), turn.viewer, case_no, turn.now)
        except AftercareError as error:
            if error.reason is Reason.NOT_FOUND:
                speaker.say("not_found")
                return []
            states = {
                case.case_no: case.state
                for case in cases.own_cases(shop_engine(), turn.viewer, 50)
            }
            state = speaker.label("case_state", states[case_no])
            speaker.say("cancel_late", [human(speaker)], case_no=case_no, state=state)
            return []
        speaker.say("cancel_done", case_no=case_no)
        return []


def confirm_and_tell(turn: Turn, speaker: Speaker, nonce: str) -> None:
    """Confirm once and say what is committed; a repeat says the same."""
    try:
        case = cases.confirm(shop_engine(), turn.viewer, nonce, shop_rules(), turn.now)
    except AftercareError as error:
        expired = error.reason is Reason.CONFIRMATION_EXPIRED
        speaker.say("expired" if expired else "stale", [human(speaker)])
        return
    amount = yuan(case.amount_fen)
    if case.refunded_fen:
        speaker.say("done_refund", case_no=case.case_no, amount=yuan(case.refunded_fen))
    elif case.needs_human:
        speaker.say("done_human", case_no=case.case_no)
    else:
        is_refund = case.kind is CaseKind.RETURN_REFUND
        money = speaker_text("done_goods_money").format(amount=amount)
        speaker.say(
            "done_goods",
            case_no=case.case_no,
            freight=speaker.label("freight", case.freight),
            money=money if is_refund else "",
        )


def _cancel_payload(case_no: str) -> str:
    return inform(case_no=case_no).replace("/inform", "/cancel_refund")
