"""Whether the size or colour somebody asks for is there, and how to have it instead."""

from __future__ import annotations

import json

from actions.base import shop_engine
from actions.pointing import find_variant, properties_named
from actions.speech import Button, Speaker
from actions.target import direction, fitting
from actions.turn import Turn
from actions.wish import INTENT_OF_KIND, is_allowed, payload
from aftercare.services.drafts import FAULTY, Draft
from aftercare.services.orders import LineView, Variant, every_variant, variants
from aftercare.services.recommend.replace import size_of

# The topic of a talk in which the stock of one's own thing was told of.
STOCK = "stock"
SHOWN = 4


def tell_wanted(turn: Turn, speaker: Speaker, line: LineView) -> bool:
    """Say whether what is asked for is there, with the way to exchange for it.

    False where the message asks for nothing in particular, or for what is not made.
    """
    asked = _asked(turn, line)
    if asked is None:
        return False
    title = line.title
    listed = speaker.label("mark", "list").join(item.variant for item in asked)
    if not asked:
        way = direction(turn.text)
        speaker.say(f"wanted_gone_{way}" if way else "wanted_gone", title=title)
        return True
    if not is_allowed(turn, Draft("exchange", line.line_id, "size")):
        speaker.say("stock_of", title=title, items=listed)
        return True
    key = "wanted_there" if len(asked) == 1 else "wanted_these"
    speaker.say(
        key,
        [_exchange(speaker, line, item) for item in asked[:SHOWN]],
        title=title,
        items=listed,
    )
    return True


def instead(
    turn: Turn, line: LineView | None, values: dict[str, object]
) -> dict[str, object]:
    """Return what an exchange is for, and so why, where that is already known.

    It is named in the message, pressed, or was asked for just before it.
    """
    if values["case_kind"] != "exchange" or line is None:
        return {}
    wanted = _taken(turn, line)
    there = {item.sku for item in variants(shop_engine(), line)}
    faulty = values["reason"] in FAULTY
    if wanted is None or wanted.sku not in there:
        if turn.given or values["reason"]:
            return {}
        if wanted is None and _of_colour(turn, line):
            return {"reason": "dislike"}
        return {"reason": "size"} if turn.slot("topic") == STOCK else {}
    if wanted.sku == line.sku and not faulty:
        return {}
    found: dict[str, object] = {"target": wanted.sku}
    if not values["reason"]:
        found["reason"] = why(wanted, line)
    return found


def _of_colour(turn: Turn, line: LineView) -> bool:
    """Return whether what is asked for differs from what came, but not in its size."""
    named = properties_named(turn.text, every_variant(shop_engine(), line))
    new = named - set(line.variant.split())
    return bool(new) and not any(size_of(word) for word in new)


def why(wanted: Variant, line: LineView) -> str:
    """Return the reason that the wish for another variant implies."""
    same = size_of(wanted.variant) == size_of(line.variant)
    return "dislike" if same else "size"


def _taken(turn: Turn, line: LineView) -> Variant | None:
    every = every_variant(shop_engine(), line)
    given = turn.given or _offered(turn)
    if given.get("line", line.line_id) != line.line_id:
        return None
    named = None if turn.given else find_variant(turn.text, every)
    pressed = (item for item in every if item.sku == given.get("target"))
    return named or next(pressed, None)


def _offered(turn: Turn) -> dict[str, str]:
    """Return the fields of an exchange that the bot's last words offered."""
    intent, brace, fields = (turn.offer or "").partition("{")
    if intent != f"/{INTENT_OF_KIND['exchange']}" or not brace:
        return {}
    found: dict[str, str] = json.loads(brace + fields)
    return found


def _asked(turn: Turn, line: LineView) -> list[Variant] | None:
    """Return the variants in stock that are asked for; None if none is asked for."""
    there = variants(shop_engine(), line)
    if direction(turn.text) is not None:
        best = fitting(turn, line, "size", same_article=True)[:1]
        fits = best and f"size_{direction(turn.text)}" in best[0].reasons
        return [item for item in there if fits and item.sku == best[0].sku]
    named = properties_named(turn.text, every_variant(shop_engine(), line))
    if not named:
        return None
    return [item for item in there if named <= set(item.variant.split())]


def _exchange(speaker: Speaker, line: LineView, item: Variant) -> Button:
    title = speaker.label("button", "exchange_for").format(variant=item.variant)
    return title, payload("exchange", line=line.line_id, target=item.sku)
