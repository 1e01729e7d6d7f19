"""Which variants of the thing meant are there."""

from __future__ import annotations

from actions.base import shop_engine
from actions.focus import meant
from actions.speech import Speaker
from actions.turn import Turn
from actions.wish import own_lines
from aftercare.services.orders import variants


def tell_stock(turn: Turn, speaker: Speaker) -> bool:
    """List what is in stock of one's own thing; False where none is meant."""
    line = meant(turn, own_lines(turn)).line
    if line is None:
        return False
    there = [item.variant for item in variants(shop_engine(), line)]
    listed = speaker.label("mark", "list").join(there)
    speaker.say("stock_of" if there else "stock_none", title=line.title, items=listed)
    return True
