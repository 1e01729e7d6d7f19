"""A part of the price back: noted for a person, who alone may say how much."""

from __future__ import annotations

from typing import Any

from actions.speech import Speaker
from actions.texts import texts
from actions.turn import Turn
from actions.understand import has_any
from actions.wish import human
from aftercare.services.drafts import FAULTY

MONEY = (None, "refund", "refund_only")


def hear_part(turn: Turn, speaker: Speaker, values: dict[str, Any]) -> dict[str, Any]:
    """Return what a wish for a part of the price changes in the form; mostly nothing.

    Goods of which a part is spoilt are kept, so it is money without sending back.
    A part for another reason than a fault is a bargain, which no rule knows.
    """
    told = has_any(turn.text, texts()["words"]["for_part"])
    if turn.given or not told or values.get("case_kind") not in MONEY:
        return {}
    if values.get("reason") not in FAULTY:
        speaker.say("part_refused", [human(speaker)])
        return {}
    speaker.say("part_noted")
    before = str(values.get("detail") or "")
    known = turn.text in before
    detail = before if known else "\n".join(filter(None, (before, turn.text)))
    return {"case_kind": "refund_only", "detail": detail}
