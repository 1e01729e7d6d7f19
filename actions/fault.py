"""What is told of a fault: which things can have it, and whose doing it was."""

from __future__ import annotations

from typing import Any

from actions.speech import Speaker
from actions.texts import texts
from actions.turn import Turn
from actions.understand import find_kind, find_reason, has_any
from actions.wish import human
from aftercare.domain.orders import Fulfilment
from aftercare.services.drafts import FAULTY
from aftercare.services.orders import LineView

# Wishes for which it matters who broke the goods.
FREE_IF_FAULTY = (None, "repair", "exchange", "refund", "refund_only")
MAY_WANT_MORE = (None, "complaint", "refund", "refund_only")


def can_have(lines: list[LineView], reason: object) -> list[LineView]:
    """Return the things that can have what is told: only what came can be worn."""
    if reason not in FAULTY and reason != "size":
        return lines
    return [x for x in lines if x.fulfilment is Fulfilment.DELIVERED] or lines


def likely(reason: str | None, line: LineView | None) -> str | None:
    """Return a reason as it can be: what was never sent has no fault yet."""
    unsent = line is not None and line.fulfilment is Fulfilment.UNSHIPPED
    return "other" if unsent and reason in FAULTY else reason


def tell_unsigned(
    turn: Turn, speaker: Speaker, line: LineView | None, reason: object
) -> None:
    """Say that a thing told to be faulty is not signed for yet, as the rows have it."""
    if turn.given or line is None or reason not in FAULTY:
        return
    if line.fulfilment is not Fulfilment.DELIVERED and not line.is_called_off:
        state = speaker.label("fulfilment", line.fulfilment)
        speaker.say("not_signed", title=line.title, state=state)


def own_doing(turn: Turn, speaker: Speaker, values: dict[str, Any]) -> bool:
    """Say what holds for goods the customer broke; False where that is not told.

    Three guarantees exclude damage by the consumer: a free repair must not be
    promised, and what a paid one costs a person has to say.
    """
    if turn.given or values.get("case_kind") not in FREE_IF_FAULTY:
        return False
    words = texts()["words"]
    told = has_any(turn.text, words["own_doing"])
    if not told or has_any(turn.text, words["not_own_doing"]):
        return False
    # Who wants the money back for it is told the same, by the wish's own name.
    kind = find_kind(turn.text) or values.get("case_kind") or "repair"
    speaker.say("own_doing", [human(speaker)], kind=speaker.label("kind", kind))
    return True


def fears(turn: Turn) -> bool:
    """Return whether a thing told to be faulty is feared to hurt somebody.

    Of a sound thing the same words are a question about the article.
    """
    if turn.given or not has_any(turn.text, texts()["words"]["may_hurt"]):
        return False
    told = turn.slot("reason") or find_reason(turn.text, "")
    return told in ("defect", "damaged")


def asks_for_damages(turn: Turn, values: dict[str, Any]) -> bool:
    """Return whether more than the price is wanted back.

    What that is worth no rule of the shop says, so nobody but a person may.
    """
    told = has_any(turn.text, texts()["words"]["damages"])
    return told and not turn.given and values.get("case_kind") in MAY_WANT_MORE
