"""What a short answer means, given what was asked."""

from __future__ import annotations

import re
from collections.abc import Iterable

from actions.texts import texts

TAIL = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
PHONE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
REGEX = "re:"
# How far before a wish the word may stand that denies it, in characters.
DENIED_WITHIN = 4


def find_reason(text: str, intent: str) -> str | None:
    """Return the reason code a customer names, None if none."""
    by_intent = texts()["labels"]["reason_intents"].get(intent)
    told = re.sub(texts()["words"]["denied_fault"], "", text)
    for reason, words in texts()["words"]["reason_words"].items():
        if has_any(told, words):
            return str(reason)
    # Who denies a fault tells of none, whatever the whole sounds like.
    return None if by_intent is None or told != text else str(by_intent)


def find_kind(text: str) -> str | None:
    """Return the kind of wish said outright, the last one named; None if none."""
    words = texts()["words"]
    text = re.sub(words["not_goods"], "", re.sub(words["politely"], "", text))
    best: tuple[int, str] | None = None
    for kind, phrases in words["kind_words"].items():
        for phrase in phrases:
            at = text.rfind(phrase)
            # What another clause denies is not this wish.
            before = re.split(r"\W", text[max(0, at - DENIED_WITHIN) : at])[-1]
            if at >= 0 and not has_any(before, words["not_wished"]):
                best = max(best or (at, kind), (at, kind))
    return best[1] if best else None


def is_but(text: str, name: str) -> bool:
    """Return whether a message is nothing but one of the words of a group."""
    words = texts()["words"]
    return text.strip("?\uff1f" + words["particles"]) in words[name]


def wants_another(text: str) -> bool:
    """Return whether the customer says the chosen thing is the wrong one."""
    return has_any(text, texts()["words"]["other_one"])


def sees_a_mistake(text: str) -> bool:
    """Return whether a message says that something shown is wrong."""
    words = texts()["words"]
    bare = text.rstrip(words["particles"])
    return bare in words["wrong_here"] or text.startswith(tuple(words["wrong_first"]))


def is_question(text: str) -> bool:
    """Return whether a message asks something rather than describes it."""
    return has_any(text, texts()["words"]["question_words"])


def asks_the_same(text: str) -> bool:
    """Return whether a short message asks the last question about another thing."""
    return len(text) <= 10 and has_any(text, texts()["words"]["and_that"])


def find_tail(text: str) -> str | None:
    """Return four digits that stand alone, or the last four of a phone number."""
    found = TAIL.search(text) or PHONE.search(text)
    return found.group()[-4:] if found else None


def has_any(text: str, words: Iterable[str]) -> bool:
    """Return whether one of the words, or of the `re:` patterns, is in a text."""
    return any(
        re.search(word.removeprefix(REGEX), text)
        if word.startswith(REGEX)
        else word in text
        for word in words
    )
