"""Which variants of the thing meant are there, and whether one size is."""

from __future__ import annotations

import re

from actions.base import shop_engine
from actions.focus import meant
from actions.sizes import SIZE, last_size, size_named
from actions.speech import Speaker
from actions.texts import texts
from actions.turn import Turn
from actions.wanted import tell_wanted
from actions.wish import own_lines
from aftercare.services.orders import LineView, every_variant, variants


def not_made(text: str, line: LineView, *, whole: bool = False) -> str | None:
    """Return the size named that no variant of the article has, None otherwise.

    Args:
        text: what was said.
        line: the thing.
        whole: a number in a longer message is a size, too: an exchange is wished.
    """
    size = last_size(text) if whole else size_named(text)
    every = [item.variant for item in every_variant(shop_engine(), line)]
    sized = [name for name in every if SIZE.search(name)]
    if size is None or not sized:
        return None
    return None if any(size in SIZE.findall(name) for name in sized) else size


def ask_size(turn: Turn, speaker: Speaker) -> bool:
    """Answer a message that is but a size; False where it is not, or of nothing."""
    around = texts()["words"]["around_size"]
    whole = f"{around['before']}(?:{SIZE.pattern}){around['after']}"
    bare = re.fullmatch(whole, turn.text, re.IGNORECASE)
    line = meant(turn, own_lines(turn)).line if bare else None
    every = every_variant(shop_engine(), line) if line else []
    if line is None or not any(SIZE.search(item.variant) for item in every):
        return False
    if not_made(turn.text, line) or not tell_wanted(turn, speaker, line):
        say_stock(turn, speaker, line)
    return True


def tell_stock(turn: Turn, speaker: Speaker) -> LineView | None:
    """Tell what is in stock of one's own thing; None where none is meant."""
    line = meant(turn, own_lines(turn)).line
    if line is None:
        return None
    if not_made(turn.text, line) or not tell_wanted(turn, speaker, line):
        say_stock(turn, speaker, line)
    return line


def say_stock(
    turn: Turn, speaker: Speaker, line: LineView, *, whole: bool = False
) -> None:
    """List what is in stock of a line's article, and that a size is not made."""
    there = [item.variant for item in variants(shop_engine(), line)]
    listed = speaker.label("mark", "list").join(there)
    size = not_made(turn.text, line, whole=whole)
    if size is not None:
        key = "size_not_made" if there else "size_not_made_any"
        speaker.say(key, title=line.title, size=size, items=listed)
        return
    speaker.say("stock_of" if there else "stock_none", title=line.title, items=listed)
