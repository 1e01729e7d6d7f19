"""Talk about nothing: a kind word, or a bitter one that is no joke."""

from __future__ import annotations

from actions.base import Events, ServiceAction, shop_engine
from actions.handover import wait_text
from actions.heard import hear_first
from actions.mood import listen
from actions.plead import COMPLAIN
from actions.progress import PARCEL
from actions.speech import Speaker
from actions.texts import texts
from actions.turn import Turn
from actions.understand import has_any
from actions.wish import chosen_line, human, payload
from aftercare.domain.orders import Fulfilment
from aftercare.services.transfer import is_waiting


class Greet(ServiceAction):
    """Say hello, or how long it still takes to who waits for a person."""

    action_name = "action_greet"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Answer a hello; "is anybody there?" in the queue is none."""
        if is_waiting(shop_engine(), turn.viewer.conversation_id):
            speaker.tell(speaker.text("handover_again") + wait_text(turn))
            return []
        speaker.respond("utter_greet")
        return []


class NothingOpen(ServiceAction):
    """Something is called off while no wish is open."""

    action_name = "action_nothing_open"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Take "never mind, not any more" of a parcel told of for what it may mean."""
        line = chosen_line(turn, turn.slot("focus"))
        awaited = line is not None and line.fulfilment is not Fulfilment.DELIVERED
        unwanted = has_any(turn.text, texts()["words"]["unwanted"])
        told = turn.slot("topic") in PARCEL and not turn.pressed
        if line is None or not (awaited and unwanted and told) or line.is_called_off:
            speaker.respond("utter_nothing_to_stop")
            return []
        given = {"line": line.line_id, "reason": "dislike"}
        ask = (speaker.label("button", "refund"), payload("refund", **given))
        speaker.say("leave_parcel", [ask], title=line.title)
        return []


class Chitchat(ServiceAction):
    """Stay friendly and at the matter; hear that praise may be meant bitterly."""

    action_name = "action_chitchat"

    def act(self, turn: Turn, speaker: Speaker) -> Events:
        """Answer bitter words as the complaint they are, others kindly."""
        heard = hear_first(turn, speaker)
        if heard is not None:
            return heard
        wry = has_any(turn.text, texts()["words"]["wry"]) or listen(turn).upset
        if wry and not turn.pressed:
            complain = (speaker.label("intent", "complain"), COMPLAIN)
            speaker.say("wry", [complain, human(speaker)])
            return []
        speaker.respond("utter_chitchat")
        return []
