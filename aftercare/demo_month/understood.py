"""What the assistant would have made of a text: intent, runners-up, entities."""

from __future__ import annotations

from random import Random
from typing import Any

from aftercare.demo_month.goods import Piece
from aftercare.demo_month.words import Turn, house
from aftercare.services.console.families import FAMILIES, family_of

FALLBACK = "nlu_fallback"
RUNNERS_UP = 4


def understanding(
    turn: Turn, text: str, piece: Piece | None, random: Random
) -> dict[str, Any]:
    """Return what is kept with a customer's words, shaped as the channel keeps it."""
    sure = round(random.uniform(*turn.sure), 4)
    ranking = [{"name": turn.intent, "confidence": sure}]
    ranking += _runners_up(turn, sure, random)
    slots: dict[str, Any] = {"order_no": piece.order_no} if piece else {}
    return {
        "intent": ranking[0],
        "intent_ranking": ranking,
        "entities": _entities(turn, text, piece),
        "explanation": None,
        "slots": slots,
        "actions": actions(turn),
        "active_loop": "case_form" if turn.wish else None,
        "took_ms": round(random.uniform(35, 160), 1),
    }


def pressed(
    intent: str, entities: dict[str, str], actions: list[str]
) -> dict[str, Any]:
    """Return what is kept with a pressed button: there is nothing to understand."""
    top = {"name": intent, "confidence": 1.0}
    return {
        "intent": top,
        "intent_ranking": [top],
        "entities": [
            {"entity": name, "value": held} for name, held in entities.items()
        ],
        "explanation": None,
        "slots": {},
        "actions": _done(actions),
        "active_loop": None,
    }


def actions(turn: Turn) -> list[dict[str, Any]]:
    """Return what the assistant did about a turn."""
    found = house()
    if turn.wish:
        return _done(found["case_actions"])
    return _done(found["actions"].get(turn.intent, [found["other_action"]]))


def _done(names: list[str]) -> list[dict[str, Any]]:
    policy = house()["policy"]
    return [{"name": name, "policy": policy, "confidence": 1.0} for name in names]


def _runners_up(turn: Turn, sure: float, random: Random) -> list[dict[str, Any]]:
    """Return less likely intents: what was meant first, then of the same family."""
    family = [
        name for name in FAMILIES.get(family_of(turn.intent), ()) if name != turn.intent
    ]
    others = [name for names in FAMILIES.values() for name in names]
    wanted = [turn.meant] if turn.meant else []
    wanted += random.sample(family, min(2, len(family)))
    wanted += random.sample(others, RUNNERS_UP)
    names = [n for n in dict.fromkeys(wanted) if n not in (turn.intent, FALLBACK)]
    found, left = [], min(1.0 - sure, sure)
    for name in names[:RUNNERS_UP]:
        part = round(left * random.uniform(0.5, 0.75), 4)
        found.append({"name": name, "confidence": part})
        left -= part
    return found


def _entities(turn: Turn, text: str, piece: Piece | None) -> list[dict[str, Any]]:
    marks = dict(turn.marks)
    if piece is not None:
        marks["product"] = piece.item
    found = []
    for name, words in marks.items():
        start = text.find(words)
        if start >= 0:
            found.append(
                {
                    "entity": name,
                    "start": start,
                    "end": start + len(words),
                    "value": words,
                    "extractor": "PatternEntityExtractor",
                }
            )
    return sorted(found, key=lambda item: item["start"])
