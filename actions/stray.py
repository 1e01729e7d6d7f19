"""Messages that answer nothing asked, and messages nobody understood."""

from __future__ import annotations

from actions.answers import Inquiry, NotReceived, OrderStatus, TrackParcel, Warranty
from actions.base import Events, ServiceAction, shop_engine, slots
from actions.case import confirm_and_tell
from actions.focus import Meant, keep, meant
from actions.guest import prove
from actions.handover import Handover, call
from actions.knowledge import SURE_SCORE, tell_article
from actions.progress import CaseProgress, RefundProgress
from actions.service import ReturnPolicy, WayBack
from actions.speech import Button, Speaker
from actions.turn import Turn
from actions.understand import asks_the_same, find_tail
from actions.wish import human, own_lines, wish_buttons
from aftercare.services.cases import note_return
from aftercare.services.transfer import Trigger

CHOICES = 3
GIVE_UP_AT = 3
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
        if turn.intent == "affirm" and turn.offered_human:
            return Handover().act(turn, speaker)
        if turn.viewer.customer_id is None:
            events = self._guest(turn, speaker)
            if events is not None:
                return events
        if turn.waybill:
            return self._waybill(turn, speaker, turn.waybill)
        found = meant(turn, own_lines(turn))
        if found.unknown:
            speaker.say("number_unknown", [human(speaker)])
            return []
        if found.named:
            return about(turn, speaker, found)
        said_no = turn.intent == "deny"
        speaker.say("stray_no" if said_no else "stray", _wishes(speaker, None))
        return []

    def _guest(self, turn: Turn, speaker: Speaker) -> Events | None:
        """Prove a guest's order in one or two messages; None if it is no proof."""
        number = turn.numbers[0] if turn.numbers else turn.slot("order_no")
        tail = find_tail(turn.text)
        if tail and number is None:
            speaker.say("guest")
            return []
        if number is None:
            return None
        if tail is None:
            known = any(x.order_no == number for x in own_lines(turn))
            if not turn.numbers or known:
                return None
            speaker.say("guest_tail")
            return slots(order_no=number)
        if prove(turn, speaker, number, tail) is not None:
            return slots(order_no=None)
        speaker.say("guest_ok", [] if turn.slot("topic") else _wishes(speaker, None))
        again = TOPICS.get(turn.slot("topic") or "")
        events = again().act(turn, speaker) if again else []
        return slots(order_no=number) + events

    def _waybill(self, turn: Turn, speaker: Speaker, waybill: str) -> Events:
        """Track a parcel of ours, else note the customer's own parcel to us."""
        if meant(turn, own_lines(turn)).named:
            return TrackParcel().act(turn, speaker)
        case = note_return(shop_engine(), turn.viewer, waybill, turn.now)
        if case is None:
            speaker.say("number_unknown", [human(speaker)])
            return []
        speaker.say("return_noted", case_no=case.case_no, waybill=waybill)
        return []


class Clarify(ServiceAction):
    """Ask what was meant: twice with choices, the third time call a person."""

    action_name = "action_clarify"
    is_miss = True

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Offer the likeliest intents in words a customer understands."""
        found = meant(turn, own_lines(turn))
        if found.named:
            return about(turn, speaker, found) + slots(misses=None)
        if turn.picture:
            speaker.say("picture", wish_buttons(speaker, turn.slot("focus")))
            return []
        if tell_article(turn, speaker, SURE_SCORE):
            return slots(misses=None)
        count = int(turn.slots.get("misses") or 0) + 1
        if count >= GIVE_UP_AT:
            speaker.say("clarify_3", handover=call(turn, Trigger.REPEATED_FAILURE))
            return slots(misses=None)
        if turn.intent == "out_of_scope":
            speaker.say("out_of_scope", _wishes(speaker, None))
            return slots(misses=count)
        known = [name for name in turn.ranking if speaker.label("intent", name) != name]
        choices = [(speaker.label("intent", x), f"/{x}") for x in known]
        choices = [x for x in choices if x[1] != human(speaker)[1]][:CHOICES]
        speaker.say(f"clarify_{count}", [*choices, human(speaker)])
        return slots(misses=count)


def about(turn: Turn, speaker: Speaker, found: Meant) -> Events:
    """Answer the last question about a thing just named, else say how it stands."""
    topic = TOPICS.get(turn.slot("topic") or "")
    if topic and (asks_the_same(turn.text) or turn.intent == "inform"):
        return topic().act(turn, speaker)
    status: Inquiry = OrderStatus()
    status.tell(turn, speaker, own_lines(turn), found)
    return keep(found, "")


def _wishes(speaker: Speaker, line_id: str | None) -> list[Button]:
    track: Button = (speaker.label("intent", "track_logistics"), "/track_logistics")
    return [*wish_buttons(speaker, line_id), track]
