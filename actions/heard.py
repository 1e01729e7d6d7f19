"""What is listened for before anything else is made of a message."""

from __future__ import annotations

from actions.advised import hear_advised
from actions.base import Events
from actions.fault import fears
from actions.handover import step_back
from actions.plead import hear_plea
from actions.speech import Speaker
from actions.texts import texts
from actions.turn import Turn
from actions.understand import has_any
from actions.wish import human, wish_buttons

# A longer message asks something of its own, in characters.
SHORT = 10


def hear_first(
    turn: Turn, speaker: Speaker, *, outright: bool = False
) -> Events | None:
    """Answer a plea, a danger, or what goes on about recommended articles.

    Args:
        turn: what was said.
        speaker: says the answer.
        outright: a plea's words decide alone; else only after a refusal.

    Returns:
        what to remember, None where the message is none of these.
    """
    plea = hear_plea(turn, speaker, outright=outright)
    if plea is not None:
        return plea
    if fears(turn):
        return step_back(turn, speaker)
    words = texts()["words"]
    if turn.given or len(turn.text) > SHORT:
        return hear_advised(turn, speaker)
    if turn.slot("focus") and has_any(turn.text, words["how_bad"]):
        speaker.say("cannot_judge", wish_buttons(speaker, turn.slot("focus")))
        return []
    if has_any(turn.text, words["doubts"]):
        speaker.say("sure", [human(speaker)])
        return []
    return hear_advised(turn, speaker)
