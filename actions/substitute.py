"""Which variant is to be sent instead, as an answer to the form says it."""

from __future__ import annotations

from typing import Any

from actions.base import shop_engine
from actions.pointing import find_variant, is_yes
from actions.texts import texts
from actions.turn import Turn
from actions.understand import has_any
from actions.wanted import why
from actions.wish import chosen_line
from aftercare.services.drafts import FAULTY
from aftercare.services.orders import every_variant, variants


def chosen_target(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    """Return the variant that a message chooses, and the reason it implies."""
    if values.get("case_kind") != "exchange" or not values.get("line"):
        return {}
    takes = has_any(turn.text, texts()["words"]["takes_up"])
    with_line = turn.requested in ("line", "case_kind") and takes
    if turn.requested not in ("target", "confirmed", "reason") and not with_line:
        return {}
    line = chosen_line(turn, values["line"])
    if line is None:
        return {}
    # Among all: the only white one left is not the white 39 that was asked for.
    every = every_variant(shop_engine(), line)
    item = find_variant(turn.text, every)
    same = has_any(turn.text, texts()["words"]["same_one"])
    # For a broken one "all right" means another of the same.
    agreed = turn.requested == "target" and is_yes(turn.text)
    if item is None and (same or (agreed and values.get("reason") in FAULTY)):
        item = next((one for one in every if one.sku == line.sku), None)
    there = {one.sku for one in variants(shop_engine(), line)}
    if item is None or item.sku not in there or item.sku == values.get("target"):
        return {}
    reason = values.get("reason")
    if item.sku == line.sku and reason not in FAULTY:
        return {}
    found: dict[str, Any] = {"target": item.sku, "confirmed": None, "nonce": None}
    if reason is None:
        found["reason"] = why(item, line)
    return found


def no_choice(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    """Return the same variant where a faulty article is made in no other."""
    if values.get("case_kind") != "exchange" or values.get("reason") not in FAULTY:
        return {}
    line = chosen_line(turn, values.get("line"))
    if line is None or values.get("target"):
        return {}
    skus = {one.sku for one in every_variant(shop_engine(), line)}
    there = {one.sku for one in variants(shop_engine(), line)}
    return {"target": line.sku} if skus == there == {line.sku} else {}
