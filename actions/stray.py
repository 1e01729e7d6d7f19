"""Messages that answer nothing asked, and messages nobody understood."""

from __future__ import annotations

import re

from actions.answers import Inquiry, NotReceived, OrderStatus, TrackParcel, Warranty
from actions.base import Events, ServiceAction, shop_engine, shop_rules, slots
from actions.case import confirm_and_tell
from actions.case_text import RETURN_NOTED
from actions.focus import ORDERS, Meant, cannot_show, keep, meant
from actions.guest import ask_number, prove
from actions.handover import call
from actions.heard import hear_first
from actions.knowledge import INVOICES, SURE_SCORE, tell_article
from actions.mood import listen
from actions.parcels import hurry_key, note_waybill
from actions.progress import PARCEL, CaseProgress, RefundProgress
from actions.service import Invoice, ReturnPolicy, WayBack
from actions.speech import Button, Speaker
from actions.stock import ask_size
from actions.texts import texts
from actions.turn import Turn
from actions.understand import asks_the_same, find_reason, find_tail, has_any
from actions.wish import chosen_line, human, own_lines, rule_text, wish_buttons
from aftercare.domain.cases import CaseState
from aftercare.services.cases import own_cases
from aftercare.services.drafts import FAULTY, Draft, judge
from aftercare.services.transfer import Trigger, is_waiting

CHOICES = 3
GIVE_UP_AT = 3
# A longer message urges something of its own, in characters.
SHORT = 8
ENDED = frozenset({CaseState.DONE, CaseState.REFUSED, CaseState.CANCELLED})
# Below this share an intent is not worth offering as what may be meant.
LIKELY = 0.08
# The unified social credit code of an organisation (GB 32100): 15 to 18 signs.
TAX_NUMBER = re.compile("[0-9A-Za-z]{15,18}")
TOPICS: dict[str, type[ServiceAction]] = {
    kind.action_name: kind
    for kind in (
        TrackParcel,
        NotReceived,
        OrderStatus,
        Warranty,
        RefundProgress,
        CaseProgress,
        ReturnPolicy,
        WayBack,
        Invoice,
    )
}


class StrayAnswer(ServiceAction):
    """A yes, a no, a name or a number while nothing was asked."""

    action_name = "action_stray_answer"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Take a late button for what it is, a name for the thing it names."""
        if "nonce" in turn.given:
            confirm_and_tell(turn, speaker, turn.given["nonce"])
            return []
        if turn.picture:
            speaker.say("picture", wish_buttons(speaker, turn.slot("focus")))
            return []
        heard = hear_first(turn, speaker)
        if heard is not None:
            return heard
        if has_any(turn.text, texts()["words"]["picture_how"]):
            speaker.say("picture_how")
            return []
        if turn.viewer.customer_id is None:
            events = self._guest(turn, speaker)
            if events is not None:
                return events
        if turn.waybill:
            return self._waybill(turn, speaker, turn.waybill)
        found = meant(turn, own_lines(turn))
        if found.stranger is None and cannot_show(speaker, found):
            return []
        if found.stranger and turn.viewer.customer_id is None:
            speaker.say("guest_stranger", thing=found.stranger)
            return []
        if found.named:
            return about(turn, speaker, found)
        if ask_size(turn, speaker):
            return []
        if _asks_again(turn):
            return TOPICS[turn.slots["topic"]]().act(turn, speaker)
        if turn.slot("focus") and find_reason(turn.text, "") is not None:
            if not _tell_rights(turn, speaker):
                speaker.say("what_with_it", wish_buttons(speaker, turn.slot("focus")))
            return []
        key = _goes_on(turn)
        if key is not None:
            speaker.say(key, [human(speaker)])
            return []
        if is_waiting(shop_engine(), turn.viewer.conversation_id):
            speaker.say("left_note")
            return []
        said_no = turn.intent == "deny"
        speaker.say("stray_no" if said_no else "stray", _wishes(speaker, None))
        return []

    def _guest(self, turn: Turn, speaker: Speaker) -> Events | None:
        """Prove a guest's order in one or two messages; None if it is no proof."""
        number = turn.numbers[0] if turn.numbers else turn.slot("order_no")
        tail = find_tail(turn.text)
        if tail and number is None:
            speaker.say("guest_needs_number", [human(speaker)])
            return []
        if number is None:
            told = bool(turn.things) or find_reason(turn.text, "") is not None
            lost = ask_number(turn) == "guest_where"
            if own_lines(turn) or not (told or lost):
                return None
            # What is wrong with it can be dealt with once the order is known.
            speaker.say(ask_number(turn))
            return []
        if tail is None:
            known = any(x.order_no == number for x in own_lines(turn))
            if not turn.numbers or known:
                return None
            speaker.say("guest_tail")
            return slots(order_no=number)
        if prove(turn, speaker, number, tail) is not None:
            return slots(order_no=number)
        speaker.say("guest_ok", [] if turn.slot("topic") else _wishes(speaker, None))
        again = TOPICS.get(turn.slot("topic") or "")
        events = again().act(turn, speaker) if again else []
        return slots(order_no=number) + events

    def _waybill(self, turn: Turn, speaker: Speaker, waybill: str) -> Events:
        """Track a parcel of ours, else note the customer's own parcel to us."""
        if meant(turn, own_lines(turn)).named:
            return TrackParcel().act(turn, speaker)
        if note_waybill(turn, speaker, waybill):
            return slots(topic=RETURN_NOTED)
        speaker.say("number_unknown", [human(speaker)])
        return []


class Clarify(ServiceAction):
    """Ask what was meant: twice with choices, the third time call a person."""

    action_name = "action_clarify"
    is_miss = True

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Offer the likeliest intents in words a customer understands."""
        heard = hear_first(turn, speaker, outright=True)
        if heard is not None:
            return heard + slots(misses=None)
        found = meant(turn, own_lines(turn))
        if found.another and cannot_show(speaker, found):
            return slots(misses=None)
        if found.named:
            return about(turn, speaker, found) + slots(misses=None)
        if ask_size(turn, speaker):
            return slots(misses=None)
        if _counts_days(turn):
            return ReturnPolicy().act(turn, speaker) + slots(misses=None)
        if _urges_case(turn):
            return CaseProgress().act(turn, speaker) + slots(misses=None)
        if turn.picture:
            speaker.say("picture", wish_buttons(speaker, turn.slot("focus")))
            return []
        if tell_article(turn, speaker, SURE_SCORE):
            return slots(misses=None)
        if is_waiting(shop_engine(), turn.viewer.conversation_id):
            # What is left for a person asks nothing of the bot.
            speaker.say("left_note")
            return slots(misses=None)
        count = int(turn.slots.get("misses") or 0) + 1
        if count >= GIVE_UP_AT:
            speaker.say("clarify_3", handover=call(turn, Trigger.REPEATED_FAILURE))
            return slots(misses=None)
        key = _still_waits(turn)
        if key is not None:
            speaker.say(key, [human(speaker)])
            return slots(misses=count)
        key = _goes_on(turn)
        if key is not None:
            speaker.say(key, [human(speaker)])
            return slots(misses=None)
        if turn.intent == "out_of_scope":
            speaker.say("out_of_scope", _wishes(speaker, None))
            return slots(misses=count)
        named = [(speaker.label("intent", name), name) for name in _likely(turn)]
        choices = [(title, f"/{name}") for title, name in named if title != name]
        choices = [x for x in choices if x[1] != human(speaker)[1]][:CHOICES]
        if not choices:
            # A guess that is none would look like mockery.
            choices = _wishes(speaker, None)
        speaker.say(f"clarify_{count}", [*choices, human(speaker)])
        return slots(misses=count)


def about(turn: Turn, speaker: Speaker, found: Meant) -> Events:
    """Answer the last question about a thing just named, else say how it stands."""
    if has_any(turn.text, texts()["words"]["urges_dispatch"]):
        return TrackParcel().act(turn, speaker)
    topic = TOPICS.get(turn.slot("topic") or "")
    if topic and (asks_the_same(turn.text) or turn.intent == "inform"):
        return topic().act(turn, speaker)
    status: Inquiry = OrderStatus()
    status.tell(turn, speaker, own_lines(turn), found)
    if found.line is None:
        # What is said next may be of these few.
        return slots(topic=ORDERS, offered=[x.line_id for x in found.lines])
    return keep(found, "")


def _likely(turn: Turn) -> list[str]:
    chances = turn.chances or (1.0,) * len(turn.ranking)
    pairs = zip(turn.ranking, chances, strict=True)
    return [name for name, chance in pairs if chance >= LIKELY]


def _tell_rights(turn: Turn, speaker: Speaker) -> bool:
    """Tell what the rules give, where "and with a fault?" asks it of the thing."""
    reason = find_reason(turn.text, "")
    line = chosen_line(turn, turn.slot("focus"))
    if line is None or reason not in FAULTY or not asks_the_same(turn.text):
        return False
    draft = Draft("refund", line.line_id, str(reason))
    decision = judge(shop_engine(), turn.viewer, draft, shop_rules(), turn.now)
    buttons = wish_buttons(speaker, line.line_id)
    rule = rule_text(speaker, decision)
    speaker.say("warranty", buttons, title=line.title, rule=rule)
    return True


def _asks_again(turn: Turn) -> bool:
    """Return whether "and if I just do not like it?" asks a rule once more."""
    ruled = turn.slot("topic") in (ReturnPolicy.action_name, WayBack.action_name)
    told = find_reason(turn.text, "") is not None
    return ruled and told and asks_the_same(turn.text)


def _counts_days(turn: Turn) -> bool:
    """Return whether "ten days already" goes on about what may be returned."""
    ruled = turn.slot("topic") == ReturnPolicy.action_name
    return ruled and has_any(turn.text, texts()["words"]["already_days"])


def _urges_case(turn: Turn) -> bool:
    """Return whether a short message urges on, while a case of theirs runs."""
    words = texts()["words"]
    urged = len(turn.text) <= SHORT and has_any(turn.text, words["hurry"])
    if not urged or turn.slot("topic") in PARCEL:
        return False
    return any(x.state not in ENDED for x in own_cases(shop_engine(), turn.viewer))


def _still_waits(turn: Turn) -> str | None:
    """Return what to offer who goes on about waiting for what was just told of."""
    long = has_any(turn.text, texts()["words"]["already_days"])
    if not (long or listen(turn).upset):
        return None
    if turn.slot("topic") in PARCEL:
        return hurry_key(turn)
    cases = (CaseProgress.action_name, RefundProgress.action_name)
    return "hurry_case" if turn.slot("topic") in cases else None


def _goes_on(turn: Turn) -> str | None:
    """Return what to say to a piece of information the last answer called for."""
    topic = turn.slot("topic")
    facts = has_any(turn.text, texts()["words"]["invoice_facts"])
    if topic == INVOICES and (facts or TAX_NUMBER.search(turn.text)):
        return "invoice_noted"
    if topic == "action_repair_site" and turn.in_place:
        return "repair_site_near"
    return None


def _wishes(speaker: Speaker, line_id: str | None) -> list[Button]:
    track: Button = (speaker.label("intent", "track_logistics"), "/track_logistics")
    return [*wish_buttons(speaker, line_id), track]
