"""What is said inside the form and answers nothing, yet wants to be heard."""

from __future__ import annotations

from actions.handover import call
from actions.speech import Speaker
from actions.texts import texts
from actions.turn import Turn
from actions.understand import find_reason, has_any, is_but
from aftercare.services.transfer import Trigger

# A longer message tells more than that, in characters.
SHORT = 16


def hear_aside(turn: Turn, speaker: Speaker) -> bool:
    """Return whether a message was heard so, and the question stands as it was.

    "What now?" and "how much?" are answered by the question itself, which shows the
    choice or the amount. A threat to go to the authorities calls a person; what else
    such a message tells is still read as the story of a complaint.
    """
    if turn.given:
        return False
    words = texts()["words"]
    asked = turn.requested
    plain = len(turn.text) <= SHORT and find_reason(turn.text, "") is None
    if asked == "confirmed" and is_but(turn.text, "how_much"):
        return True
    if asked in ("case_kind", "confirmed") and is_but(turn.text, "what_now"):
        return True
    telling = asked in ("detail", "confirmed")
    if telling and plain and has_any(turn.text, words["has_picture"]):
        speaker.say("picture_send")
        return True
    complains = telling and turn.slot("case_kind") == "complaint"
    if complains and has_any(turn.text, words["complains_elsewhere"]):
        speaker.say("escalated", handover=call(turn, Trigger.SENTIMENT))
        return plain
    return False
