"""Which of the customer's things a message points at."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from pypinyin import lazy_pinyin

from actions.texts import texts
from aftercare.services.orders import LineView, Variant

SHORT = 8  # an ordinal is meant only in a short answer, in characters
# The wrong characters of the right sound are looked for in messages so short.
SOUND_CHARS = 10
HANZI = re.compile("[\u4e00-\u9fff]{3,}")
LATIN = re.compile(r"[A-Za-z0-9]+")
# What a name by another word is worth beside the name's own characters.
OTHER_NAME = 1.5
WHOLE_WORD = 0.5


def find_line(
    text: str, numbers: Sequence[str], lines: Sequence[LineView], offered: Sequence[str]
) -> LineView | None:
    """Return the order line the customer points at, None if unclear.

    `offered` are the line ids shown last, in their order on the screen.
    """
    found = find_lines(text, numbers, lines, offered)
    return found[0] if len(found) == 1 else None


def find_lines(
    text: str, numbers: Sequence[str], lines: Sequence[LineView], offered: Sequence[str]
) -> list[LineView]:
    """Return the order lines a message may mean: none, the one, or several.

    An order number decides alone, also where nothing of the customer's has it.
    """
    if numbers:
        return [line for line in lines if line.order_no in numbers]
    by_id = {line.line_id: line for line in lines}
    shown = [by_id[line_id] for line_id in offered if line_id in by_id]
    position = find_ordinal(text, len(shown))
    if position is not None:
        return [shown[position]]
    first = _first_of(text, shown)
    if first is not None:
        return [first]
    found = _by_words(text, lines)
    among = [line for line in found if line in shown]
    return among or found


def find_ordinal(text: str, count: int) -> int | None:
    """Return the position (from 0) a short answer names among `count` things."""
    words = texts()["words"]
    if not count or len(text) > SHORT:
        return None
    if any(word in text for word in words["last_one"]):
        return count - 1
    if count == 1 and is_yes(text):
        return 0
    for position, names in enumerate(words["ordinals"][:count]):
        if text in names or any(len(w) > 1 and w in text for w in names):
            return position
    return None


def _first_of(text: str, shown: Sequence[LineView]) -> LineView | None:
    """Return the cheapest, dearest, newest or oldest one shown, if that is said."""
    orders: dict[str, Callable[[LineView], float]] = {
        "cheaper": lambda line: line.paid_fen,
        "dearer": lambda line: -line.paid_fen,
        "newer": lambda line: -line.placed_at.timestamp(),
        "older": lambda line: line.placed_at.timestamp(),
    }
    if len(shown) < 2 or len(text) > SHORT:
        return None
    for name, words in texts()["words"]["first_of"].items():
        if any(word in text for word in words):
            return min(shown, key=orders[name])
    return None


def is_yes(text: str) -> bool:
    """Return whether a message only says "that one" or "yes"."""
    words = texts()["words"]
    said = (text, text.rstrip(words["particles"]))
    again = re.fullmatch(words["yes_again"], said[1])
    return again is not None or any(one in words["only_one"] for one in said)


def find_variant(text: str, variants: Sequence[Variant]) -> Variant | None:
    """Return the one variant all of whose named properties are in the text."""
    text = _whole_colours(re.sub(texts()["words"]["denied"], "", text))
    hits = [
        (sum(len(word) for word in item.variant.split() if word in text), item)
        for item in variants
    ]
    best = max((score for score, _ in hits), default=0)
    winners = [item for score, item in hits if score == best]
    if best and len(winners) == 1:
        return winners[0]
    position = find_ordinal(text, len(variants))
    return None if position is None else variants[position]


def properties_named(text: str, variants: Sequence[Variant]) -> set[str]:
    """Return the sizes, colours and the like of an article that a text names."""
    text = _whole_colours(re.sub(texts()["words"]["denied"], "", text))
    every = {word for item in variants for word in item.variant.split()}
    return {word for word in every if _says(text, word)}


def of_the_kind(
    text: str, every: Sequence[Variant], there: Sequence[Variant]
) -> list[Variant]:
    """Return those there that have what a text names of `every` one; all if none has.

    "The black one" of which there are two leaves a choice of two.
    """
    named = properties_named(text, every)
    fitting = [item for item in there if named <= set(item.variant.split())]
    return fitting or list(there)


def _says(text: str, word: str) -> bool:
    """Return whether a text holds a word; one in Latin letters stands alone."""
    if not LATIN.fullmatch(word):
        return word in text
    return word.lower() in {item.lower() for item in LATIN.findall(text)}


def _by_words(text: str, lines: Sequence[LineView]) -> list[LineView]:
    words = texts()["words"]
    text = _whole_colours(re.sub(words["denied"], "", text))
    for filler in words["fillers"]:
        text = text.replace(filler, " ")
    scored = [(_score(_without_compounds(text, line), line), line) for line in lines]
    best = max((score for score, _ in scored), default=0.0)
    found = [line for score, line in scored if best >= OTHER_NAME and score == best]
    return found or [line for line in lines if _sounds_like(text, line)]


def _without_compounds(text: str, line: LineView) -> str:
    """Return a text without the words that name another thing than their first part."""
    for word in texts()["words"]["compounds"]:
        if word not in line.title:
            text = text.replace(word, " ")
    return text


def _sounds_like(text: str, line: LineView) -> bool:
    """Return whether a short text spells a name with other characters of its sound."""
    if len(text) > SOUND_CHARS:
        return False
    spoken = _sound(text)
    names = (word for word in line.title.split() if HANZI.fullmatch(word))
    return any(_sound(name) in spoken for name in names)


@lru_cache(maxsize=2048)
def _sound(text: str) -> str:
    return f" {' '.join(lazy_pinyin(text))} "


def _whole_colours(text: str) -> str:
    """Return a text in which "the white one" names its colour by the whole word."""
    words = texts()["words"]
    return re.sub(words["short_colour"], words["whole_colour"], text)


def _score(text: str, line: LineView) -> float:
    """Return how much of a thing's name and variant a text holds, in characters."""
    title = [_part(text, word) for word in line.title.split()]
    variant = [_part(text, word) for word in line.variant.split()]
    named = sum(title) or _other_name(text, line.title)
    return named + sum(variant) if named or max(variant, default=0) >= 2 else 0.0


def names_it(text: str, line: LineView) -> bool:
    """Return whether a text has something of a thing's name, not but its variant's."""
    named = any(_part(text, word) for word in line.title.split())
    other = named or _other_name(text, line.title) > 0
    return other or _sounds_like(text, line)


def _part(text: str, word: str) -> float:
    """Return the length of what text and word share; Latin only as whole words."""
    if LATIN.fullmatch(word):
        spoken = {item.lower() for item in LATIN.findall(text)}
        return len(word) if word.lower() in spoken and not word.isdigit() else 0.0
    best = 0
    for start in range(len(word)):
        for end in range(start + max(best + 1, 2), len(word) + 1):
            if word[start:end] not in text:
                break
            best = end - start
    return best + (WHOLE_WORD if best == len(word) else 0.0)


def _other_name(text: str, title: str) -> float:
    words = texts()["words"]
    same = ((row, row) for row in words["same_things"])
    for said, named in (*same, *words["kinds_of_things"]):
        if any(name in text for name in said) and any(n in title for n in named):
            return OTHER_NAME
    return 0.0
