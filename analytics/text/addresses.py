"""Addresses and places: runs of words that can be parts of one, read by a grammar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from analytics.text.pipeline import Token

NAMED = ("region", "town", "street", "site")
NUMBERS = ("num", "figure")
BEFORE = 3  # words that may belong to the first name of a road or a house
WEAK_RUN = 2
TAIL = 2  # words of a house's or a person's name at the very end

Span = tuple[str, int, int, str]


def places(text: str, tokens: Sequence[Token]) -> Iterator[Span]:
    """Yield addresses, and the places that are no whole address.

    An address leads to a door or a street: it has two parts of which one is
    below the town, or a building and a door. "Hangzhou" alone is a place.
    """
    last = 0
    for inside, run in groupby(tokens, lambda token: bool(token.role)):
        parts = list(run)
        last += len(parts)
        if inside:
            closed = last == len(tokens) or tokens[last].tag == "x"
            yield from _split(text, parts, closed)


def _split(text: str, parts: list[Token], closed: bool) -> Iterator[Span]:
    """Read a run piece by piece: more than two weak words are no name in between."""
    start = weak = 0
    for place, part in enumerate(parts):
        weak = weak + 1 if part.role == "weak" else 0
        if weak > WEAK_RUN:
            yield from _read(text, parts[start : place - WEAK_RUN], False)
            start = place + 1
            weak = 0
    yield from _read(text, parts[start:], closed)


def _read(text: str, parts: Sequence[Token], closed: bool) -> list[Span]:
    first = _first(parts)
    last = _last(parts, closed)
    if first is None or last <= first:
        return _places(text, parts)
    chosen = parts[first:last]
    if not _is_address(chosen):
        return _places(text, parts)
    start, end = chosen[0].start, chosen[-1].end
    return [("address", start, end, text[start:end])]


def _first(parts: Sequence[Token]) -> int | None:
    """Return where the address begins: at a region, or at a street's name."""
    for place, part in enumerate(parts):
        if part.role in ("region", "town"):
            return _back(parts, place, BEFORE if len(part.text) == 1 else 1)
        if part.role in ("street", "site"):
            return _back(parts, place, BEFORE)
        if part.role == "unit" and place and parts[place - 1].role in NUMBERS:
            return _back(parts, place - 1, 1)
    return None


def _back(parts: Sequence[Token], place: int, most: int) -> int:
    start = place
    while start > 0 and place - start < most:
        if parts[start - 1].role not in ("fill", *NUMBERS):
            break
        start -= 1
    return start


def _last(parts: Sequence[Token], closed: bool) -> int:
    """Return the place after the last part; a name may follow where all ends."""
    last = 0
    for place, part in enumerate(parts):
        if part.role in (*NAMED, "unit"):
            last = place + 1
        elif part.role in NUMBERS and last and place - last <= 1:
            last = place + 1
    rest = parts[last:]
    if closed and last and len([p for p in rest if p.role != "joint"]) <= TAIL:
        last = len(parts)
    while last and parts[last - 1].role == "joint":
        last -= 1
    return last


def _is_address(parts: Sequence[Token]) -> bool:
    roles = [part.role for part in parts]
    named = sum(role in NAMED for role in roles)
    low = sum(role in ("street", "site") for role in roles)
    doors = sum(
        role == "unit" and before in NUMBERS
        for before, role in zip(roles, roles[1:], strict=False)
    )
    coded = sum(role in NUMBERS for role in roles)
    if named >= 3 or (named >= 2 and low):
        return True
    if low and (doors or (coded and len(parts) > 2)):
        return True
    return (named >= 1 and doors >= 1) or doors >= 2


def _places(text: str, parts: Sequence[Token]) -> list[Span]:
    return [
        ("place", part.start, part.end, part.text)
        for part in parts
        if part.role in ("region", "town", "street") and len(part.text) > 1
    ]
