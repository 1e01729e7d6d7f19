"""The one form of all cases: judge as soon as possible, choose the next question."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker

from actions import later
from actions.aside import hear_aside, one_more
from actions.base import Events, ServiceAction, shop_engine, shop_rules, slots
from actions.fault import asks_for_damages, own_doing
from actions.handover import call
from actions.instead import take_up
from actions.kinds import (
    not_grantable,
    of_no_thing,
    only_one,
    only_without_return,
    refused_kind,
)
from actions.knowledge import SURE_SCORE, tell_article
from actions.parcels import note_waybill
from actions.part import hear_part
from actions.pointing import find_lines, find_variant, is_yes
from actions.reading import (
    ANSWERS,
    read_answer,
    same_wish,
    says_again,
    wished_rather,
)
from actions.repairs import hear_repairs
from actions.speech import Speaker
from actions.stock import not_made, say_stock
from actions.substitute import no_choice
from actions.target import gone
from actions.texts import texts
from actions.turn import Turn
from actions.understand import (
    find_kind,
    has_any,
    is_but,
    is_question,
    sees_a_mistake,
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
    rule_text,
)
from aftercare.domain.orders import Fulfilment
from aftercare.services.drafts import Draft, judge
from aftercare.services.orders import LineView, every_variant
from aftercare.services.transfer import Trigger

__all__ = ["ANSWERS", "ValidateCaseForm"]
GIVE_UP_AT = 3
# A shorter question only says the wish again: "can I return it?".
BARE_CHARS = 8


class ValidateCaseForm(ServiceAction):
    """Read the answer, judge as soon as possible, choose the next question."""

    action_name = "validate_case_form"
    rejects_by_silence = True

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Return slots and the next question; nothing at all = not an answer."""
        values: dict[str, Any] = dict(turn.slots)
        found: dict[str, Any] = {}
        if values.get("outcome") == "answered":
            return slots(requested_slot=None)
        if turn.fresh and turn.requested:
            if _takes_back(turn):
                return _stopped(speaker)
            if _is_about_service(turn, values):
                called = call(turn, Trigger.ASKED)
                speaker.say("complaint_of_service", handover=called)
                return slots(outcome="handed_over", requested_slot=None)
            if _signs_in(turn):
                speaker.say("guest_signs_in")
                return slots(outcome="answered", requested_slot=None)
            also = one_more(turn, values)
            if also:
                speaker.say("noted_later")
                asked = slots(misses=0, requested_slot=turn.requested)
                return later.remember(turn, also) + asked
            waits = later.hear_reason(turn, values.get("line"))
            if waits and values.get("line"):
                speaker.say("noted_later")
                return waits + slots(misses=0, requested_slot=turn.requested)
            if own_doing(turn, speaker, values):
                return slots(outcome="refused", requested_slot=None)
            if _aside(turn, speaker, values) or hear_aside(turn, speaker, values):
                return slots(misses=0, requested_slot=turn.requested)
            found = take_up(turn, values) or read_answer(turn, speaker, values)
            found |= hear_repairs(turn, speaker, values | found)
            found |= _in_part(turn, speaker, values | found)
            if not found:
                if turn.requested == "target" and _is_gone(turn, speaker, values):
                    return slots(misses=0, requested_slot="target")
                if not (turn.intent in ANSWERS or same_wish(turn, values)):
                    return []
                return self._no_answer(turn, speaker, values)
            if "outcome" in found:
                return slots(**found, requested_slot=None)
            _acknowledge(turn, speaker, found)
        values.update(found)
        only = only_one(turn, values)
        if only is not None:
            speaker.say("only_kind", kind=speaker.label("kind", only))
            found["case_kind"] = values["case_kind"] = only
        elif not_grantable(turn, values):
            # A choice of which the rules would grant none is no choice.
            values["case_kind"] = refused_kind(turn, values)
        if only_without_return(turn, values):
            speaker.say("only_kind", kind=speaker.label("kind", "refund_only"))
            found["case_kind"] = values["case_kind"] = "refund_only"
        if of_no_thing(turn, values):
            speaker.say("digital_again")
            found["case_kind"] = values["case_kind"] = "reship"
        paid = chosen_line(turn, values.get("line"))
        # What is not there yet cannot be exchanged, whatever the reason is.
        early = values.get("case_kind") == "exchange" and not _has_come(paid)
        settled = early or (paid is not None and paid.is_refunded)
        if is_judgeable(values) or (settled and values.get("case_kind")):
            refusal = self._refusal(turn, speaker, values)
            if refusal is not None:
                return slots(**found) + refusal
        found |= (same := no_choice(turn, values))
        values.update(same)
        following = missing(values, guest=turn.viewer.customer_id is None)
        return slots(**(found | {"misses": None, "requested_slot": following}))

    def after_failure(self, tracker: Tracker) -> Events:
        """Stay at the same question, so that the customer can try again."""
        asked = tracker.get_slot("requested_slot")
        return slots(misses=tracker.get_slot("misses") or 0, requested_slot=asked)

    def _no_answer(
        self, turn: Turn, speaker: Speaker, values: dict[str, Any]
    ) -> Events:
        """Deal with a yes, a no, or words that say nothing about the question."""
        asked = turn.requested
        if asked == "confirmed" and sees_a_mistake(turn.text):
            speaker.say("what_is_wrong")
            return slots(misses=0, requested_slot=asked)
        if asked == "confirmed" and turn.intent == "deny":
            return _stopped(speaker)
        again = says_again(turn, values)
        wished = same_wish(turn, values) and len(turn.text) <= BARE_CHARS // 2
        if asked == "confirmed" and (turn.intent == "affirm" or again or wished):
            speaker.say("press_button")
            return slots(misses=0, requested_slot=asked)
        if same_wish(turn, values) or turn.picture or is_yes(turn.text) or again:
            # Said again, or shown: the question stands as it was.
            if turn.picture:
                speaker.say("picture_kept")
            elif has_any(turn.text, texts()["words"]["why"]):
                _say_why(turn, speaker, values)
            elif _asks_beside(turn) and not tell_article(turn, speaker, SURE_SCORE):
                speaker.say("cannot_answer", [human(speaker)])
            return slots(misses=turn.slots.get("misses") or 0, requested_slot=asked)
        count = int(turn.slots.get("misses") or 0) + 1
        if count >= GIVE_UP_AT:
            speaker.say(
                "not_understood_3", handover=call(turn, Trigger.REPEATED_FAILURE)
            )
            return slots(outcome="handed_over", requested_slot=None)
        speaker.say(f"not_understood_{count}")
        return slots(misses=count, requested_slot=asked)

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


def _tells_more(turn: Turn) -> bool:
    """Return whether a fault is told while something else is asked."""
    return turn.requested == "case_kind" or turn.slot("case_kind") == "repair"


def _in_part(turn: Turn, speaker: Speaker, values: dict[str, Any]) -> dict[str, Any]:
    """Return what a wish for a part changes, where something has changed by it."""
    new = hear_part(turn, speaker, values)
    return new | dict.fromkeys(("nonce", "confirmed")) if new else {}


def _has_come(line: LineView | None) -> bool:
    return line is None or line.fulfilment is Fulfilment.DELIVERED


def _signs_in(turn: Turn) -> bool:
    """Return whether a guest leaves to sign in, so that nothing need be proved."""
    guest = turn.viewer.customer_id is None and not turn.given
    return guest and has_any(turn.text, texts()["words"]["signs_in"])


def _asks_beside(turn: Turn) -> bool:
    """Return whether a repeated wish also asks something the form does not answer."""
    return is_question(turn.text) and len(turn.text) > BARE_CHARS and not turn.given


def _stopped(speaker: Speaker) -> Events:
    speaker.say("cancelled")
    return slots(outcome="cancelled", requested_slot=None)


def _is_gone(turn: Turn, speaker: Speaker, values: dict[str, Any]) -> bool:
    """Say so where the wanted variant is out of stock; the others are shown next."""
    line = chosen_line(turn, values.get("line"))
    if line is None:
        return False
    wanted, size = gone(turn, line), not_made(turn.text, line)
    same = find_variant(turn.text, every_variant(shop_engine(), line))
    if same is not None and same.sku == line.sku:
        speaker.say("target_same", variant=line.variant)
        return True
    if wanted is not None:
        speaker.say("target_gone", variant=wanted.variant)
    elif size is not None:
        say_stock(turn, speaker, line)
    return wanted is not None or size is not None


def _is_about_service(turn: Turn, values: dict[str, Any]) -> bool:
    """Return whether a complaint is about people, so that no thing can be chosen."""
    asked = values.get("case_kind") == "complaint" and turn.requested == "line"
    told = has_any(turn.text, texts()["words"]["about_service"])
    if turn.given or not (asked and told):
        return False
    return not find_lines(turn.text, turn.numbers, own_lines(turn), [])


def _aside(turn: Turn, speaker: Speaker, values: dict[str, Any]) -> bool:
    """Take a waybill, or a mere "why?" about the open wish, for what it is."""
    if turn.waybill and note_waybill(turn, speaker, turn.waybill):
        return True
    asks_why = is_but(turn.text, "why") and values.get("line") is not None
    if asks_why:
        _say_why(turn, speaker, values)
    return asks_why


def _takes_back(turn: Turn) -> bool:
    """Inside the form "not any more", and a farewell, mean the open wish."""
    if turn.given or turn.requested is None:
        return turn.intent == "stop"
    if turn.intent == "stop":
        chooses = turn.requested == "case_kind" and find_kind(turn.text) is not None
        return wished_rather(turn) is None and not chooses
    if _holds_off(turn):
        return True
    if turn.intent == "goodbye":
        return has_any(turn.text, texts()["words"]["leaves"])
    return turn.intent == "cancel_refund" and find_kind(turn.text) != "refund"


def _holds_off(turn: Turn) -> bool:
    """Return whether "do not cancel it yet", or "no repair then", stops the wish."""
    words = texts()["words"]
    kept = find_kind(turn.text) or has_any(turn.text, words["keeps_goods"])
    rather = KIND_OF_INTENT.get(turn.intent) not in (None, turn.slot("case_kind"))
    if kept or rather or turn.requested in ("order_no", "phone_tail"):
        return False
    held = turn.requested == "confirmed" and has_any(turn.text, words["holds_off"])
    return (held or has_any(turn.text, words["called_off"])) and not is_question(
        turn.text
    )


def _say_why(turn: Turn, speaker: Speaker, values: dict[str, Any]) -> None:
    """Tell the rule of a return without a reason, which is what is asked about."""
    line = chosen_line(turn, values.get("line"))
    if line is None:
        speaker.say("policy")
        return
    draft = Draft("refund", line.line_id, str(values.get("reason") or "dislike"))
    decision = judge(shop_engine(), turn.viewer, draft, shop_rules(), turn.now)
    key = "policy_of" if draft.reason == "dislike" else "warranty"
    speaker.say(key, title=line.title, rule=rule_text(speaker, decision))


def _acknowledge(turn: Turn, speaker: Speaker, found: dict[str, Any]) -> None:
    """Say what was taken from an answer to another question."""
    if asks_for_damages(turn, found):
        speaker.say("damages", [human(speaker)])
    reason = found.get("reason")
    new = reason != turn.slot("reason")
    asked = turn.requested in ("line", "case_kind") and not turn.given
    if reason and new and asked:
        speaker.say("noted", reason=speaker.label("reason", reason))
    elif asked and "detail" in found and _tells_more(turn):
        speaker.say("noted_more")
