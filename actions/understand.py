"""What a short answer means, given what was asked and what was offered."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.speech import texts
from aftercare.services.orders import LineView, Variant

SHORT = 8  # an ordinal is meant only in a short answer, in characters
TAIL = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")


def find_line(
    text: str, numbers: Sequence[str], lines: Sequence[LineView], offered: Sequence[str]
) -> LineView | None:
    """Return the order line the customer points at, None if unclear.

    `offered` are the line ids shown last, in their order on the screen.
    """
    by_order = [line for line in lines if line.order_no in numbers]
    if numbers:
        return by_order[0] if by_order else None
    by_id = {line.line_id: line for line in lines}
    shown = [by_id[line_id] for line_id in offered if line_id in by_id]
    position = find_ordinal(text, len(shown))
    if position is not None:
        return shown[position]
    return _find_by_words(text, lines)


def find_ordinal(text: str, count: int) -> int | None:
    """Return the position (from 0) a short answer names among `count` things."""
    labels = texts()["labels"]
    if not count or len(text) > SHORT:
        return None
    if any(word in text for word in labels["last_one"]):
        return count - 1
    if count == 1 and any(word in text for word in labels["only_one"]):
        return 0
    for position, words in enumerate(labels["ordinals"][:count]):
        if text in words or any(len(w) > 1 and w in text for w in words):
            return position
    return None


def find_reason(text: str, intent: str) -> str | None:
    """Return the reason code a customer names, None if none."""
    labels = texts()["labels"]
    if intent in labels["reason_intents"]:
        return str(labels["reason_intents"][intent])
    for reason, words in labels["reason_words"].items():
        if any(word in text for word in words):
            return str(reason)
    return None


def find_variant(text: str, variants: Sequence[Variant]) -> Variant | None:
    """Return the one variant all of whose named properties are in the text."""
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


def wants_another(text: str) -> bool:
    """Return whether the customer says the chosen thing is the wrong one."""
    return any(word in text for word in texts()["labels"]["other_one"])


def is_question(text: str) -> bool:
    """Return whether a message asks something rather than describes it."""
    return any(word in text for word in texts()["labels"]["question_words"])


def find_tail(text: str) -> str | None:
    """Return four digits that stand alone."""
    found = TAIL.search(text)
    return found.group() if found else None


def _find_by_words(text: str, lines: Sequence[LineView]) -> LineView | None:
    for filler in texts()["labels"]["fillers"]:
        text = text.replace(filler, " ")
    scored = [(_common(text, f"{x.title} {x.variant}"), x) for x in lines]
    best = max((score for score, _ in scored), default=0)
    winners = [line for score, line in scored if score == best]
    return winners[0] if best >= 2 and len(winners) == 1 else None


def _common(text: str, title: str) -> int:
    """Length of the longest run of characters (no spaces) the two share."""
    best = 0
    for start in range(len(text)):
        for end in range(start + best + 1, len(text) + 1):
            part = text[start:end]
            if " " in part or part not in title:
                break
            best = end - start
    return best
