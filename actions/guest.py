"""The door for guests: an order's number and the last four digits of the phone."""

from __future__ import annotations

from actions.base import Events, secret, shop_engine, slots
from actions.speech import Speaker
from actions.texts import texts
from actions.turn import Turn
from actions.understand import find_tail, has_any
from actions.wish import human, own_lines
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.access import Proof, prove_order
from aftercare.services.orders import LineView


def door(
    turn: Turn, speaker: Speaker, topic: str
) -> tuple[list[LineView] | None, Events]:
    """Return the customer's lines; None after asking a guest to prove an order.

    What was asked is kept as the topic, to be answered once the proof is there.
    """
    lines = own_lines(turn)
    other = turn.numbers and all(x.order_no not in turn.numbers for x in lines)
    if turn.viewer.customer_id is not None:
        if lines:
            return lines, []
        speaker.say("no_lines", [human(speaker)])
        return None, []
    if lines and not other:
        return lines, []
    if not turn.numbers:
        speaker.say(ask_number(turn))
        return None, slots(topic=topic)
    tail = find_tail(turn.text)
    if tail is None:
        speaker.say("guest_tail")
        return None, slots(topic=topic, order_no=turn.numbers[0])
    if prove(turn, speaker, turn.numbers[0], tail) is None:
        return own_lines(turn), slots(order_no=turn.numbers[0])
    return None, slots(topic=topic, order_no=turn.numbers[0])


def ask_number(turn: Turn) -> str:
    """Return how a guest is asked for the order: who cannot find its number, where."""
    lost = has_any(turn.text, texts()["words"]["where_number"])
    return "guest_where" if lost else "guest"


def prove_at_once(turn: Turn, speaker: Speaker) -> None:
    """Try the proof a guest gives together with a wish; nothing where none is given."""
    if turn.viewer.customer_id is not None or not turn.numbers:
        return
    tail = find_tail(turn.text)
    known = any(line.order_no == turn.numbers[0] for line in own_lines(turn))
    if tail is not None and not known:
        prove(turn, speaker, turn.numbers[0], tail)


def prove(turn: Turn, speaker: Speaker, order_no: str, tail: str) -> Reason | None:
    """Try a proof; say why not where it fails, and return the reason."""
    try:
        given = Proof(order_no, tail)
        prove_order(shop_engine(), turn.viewer, given, secret(), turn.now)
    except AftercareError as error:
        locked = error.reason is Reason.TOO_MANY_TRIES
        speaker.say("proof_locked" if locked else "proof_wrong", [human(speaker)])
        return error.reason
    return None
