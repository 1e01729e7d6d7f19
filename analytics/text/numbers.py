"""Phone, card, identity, order and tracking numbers, however they are written.

No regular expression looks for them: digits are gathered into groups, groups
that only a space or a dash parts into chains, and each chain is read from left
to right with the check digits, in time linear in the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from analytics.text.checks import bank_card, id_card, id_card_15
from analytics.text.tables import table

LONGEST: Final = 23  # digits of one number: 19 of a card, and a country code
WIDEST_JOINT: Final = 3
CUE_REACH: Final = 14
LONG_NUMBER: Final = 12  # without any word beside it, an order's number
CUED_ORDER: Final = 8
MOBILE_SHAPES: Final = {
    (11,),
    (3, 4, 4),
    (3, 8),
    (7, 4),
    (3, 3, 5),
    (4, 3, 4),
    (4, 4, 3),
}
CARD_SHAPES: Final = {(6, 13), (6, 10), (8, 8), (4, 12), (4, 15)}

Span = tuple[str, int, int, str]  # kind, start, end, value


@dataclass(frozen=True, slots=True)
class _Group:
    start: int
    end: int
    digits: str


def numbers(text: str) -> list[Span]:
    """Return (kind, start, end, value) in reading order, none overlapping.

    ``text`` is folded. The value is digits, with letters where they belong to it.
    """
    found: list[Span] = []
    for chain in _chains(_groups(text)):
        place = 0
        while place < len(chain):
            hit = _read(text, chain, place)
            if hit is None:
                place += 1
                continue
            found.append(hit[0])
            place = hit[1]
    return found


def _groups(text: str) -> list[_Group]:
    spelled = _digits()
    made: list[_Group] = []
    run: list[str] = []
    for place, sign in enumerate(text):
        digit = spelled.get(sign)
        if digit is not None:
            run.append(digit)
        elif run:
            made.append(_Group(place - len(run), place, "".join(run)))
            run = []
    if run:
        made.append(_Group(len(text) - len(run), len(text), "".join(run)))
    return made


def _chains(groups: list[_Group]) -> list[list[_Group]]:
    """Put together what a narrow gap parts; the caller's text decides the gap."""
    chains: list[list[_Group]] = []
    for group in groups:
        if chains and group.start - chains[-1][-1].end <= WIDEST_JOINT:
            chains[-1].append(group)
        else:
            chains.append([group])
    return chains


def _read(text: str, chain: list[_Group], first: int) -> tuple[Span, int] | None:
    """Return the number that begins with a group, and the group after it."""
    joints = _joints()
    digits = ""
    best: tuple[Span, int] | None = None
    cue = _cue(text, chain[first].start)
    for last in range(first, len(chain)):
        if last > first:
            gap = text[chain[last - 1].end : chain[last].start]
            if not set(gap) <= joints:
                break
        digits += chain[last].digits
        if len(digits) > LONGEST and last > first:
            break
        shape = tuple(len(g.digits) for g in chain[first : last + 1])
        start, end = chain[first].start, chain[last].end
        hit = _kind(text, start, end, digits, shape, cue)
        if hit is not None and (best is None or _RANK[hit[0]] <= _RANK[best[0][0]]):
            best = hit, last + 1
    return best


# The better proven kind wins over a longer reading.
_RANK: Final = {
    "id_card": 0,
    "phone": 1,
    "bank_card": 2,
    "tracking_number": 3,
    "order_number": 4,
}


def _kind(
    text: str,
    start: int,
    end: int,
    digits: str,
    shape: tuple[int, ...],
    cue: str | None,
) -> Span | None:
    # Chinese digits say a number only where there are many of them.
    plain = text[start:end].isascii()
    following = text[end : end + 1]
    if len(digits) == 17 and following in ("x", "X") and id_card(digits + "X"):
        return "id_card", start, end + 1, digits + "X"
    if id_card(digits) or (cue == "id_card" and id_card_15(digits)):
        return "id_card", start, end, digits
    phone = _phone(digits, shape, cue)
    if phone:
        return "phone", start - _plus(text, start, digits), end, phone
    if bank_card(digits) and cue not in ("order_number", "tracking_number"):
        regular = all(size == 4 for size in shape[:-1]) and shape[-1] <= 4
        small = max(shape) <= 2
        if len(shape) == 1 or regular or small or shape in CARD_SHAPES or cue:
            return "bank_card", start, end, digits
    if len(shape) > 1 or not plain:
        return None
    return _business(text, start, end, digits, cue)


def _phone(digits: str, shape: tuple[int, ...], cue: str | None) -> str | None:
    """Return a mobile's 11 digits or a fixed line's, without the country code."""
    bare, rest = digits, shape
    for code in ("0086", "86"):
        if digits.startswith(code) and len(digits) == len(code) + 11:
            bare = digits[len(code) :]
            rest = (
                shape[1:]
                if shape[0] == len(code)
                else (shape[0] - len(code),) + shape[1:]
            )
    if len(bare) == 11 and bare[0] == "1" and bare[1] in "3456789":
        return (
            bare if cue == "phone" or rest in MOBILE_SHAPES or max(rest) <= 2 else None
        )
    ordered = cue in ("order_number", "tracking_number")
    if not ordered and bare[:1] == "0" and 10 <= len(bare) <= 12 and bare[1:2] != "0":
        area = 3 if bare[1] in "12" else 4
        if len(bare) - area in (7, 8) and rest[0] in (area, len(bare)):
            return bare
    if bare[:3] in ("400", "800") and len(bare) == 10:
        return bare if rest[0] in (3, 10) else None
    if cue == "phone" and 7 <= len(bare) <= 8 and bare[0] not in "01":
        return bare
    return None


def _plus(text: str, start: int, digits: str) -> int:
    return int(digits.startswith("86") and text[start - 1 : start] == "+")


def _business(
    text: str, start: int, end: int, digits: str, cue: str | None
) -> Span | None:
    """Return an order's or a parcel's number: letters before it make it a parcel's."""
    left = start
    while left > 0 and start - left < 5 and _latin(text[left - 1]):
        left -= 1
    letters = text[left:start]
    if 2 <= len(letters) <= 4 and 8 <= len(digits) <= 18:
        right = end
        while right < len(text) and right - end < 3 and _latin(text[right]):
            right += 1
        end = right if right - end == 2 else end
        return "tracking_number", left, end, text[left:end]
    if len(digits) >= LONG_NUMBER or (
        cue in ("order_number", "tracking_number") and len(digits) >= CUED_ORDER
    ):
        parcel = cue == "tracking_number"
        kind = "tracking_number" if parcel else "order_number"
        return kind, start, end, digits
    return None


def _latin(sign: str) -> bool:
    return sign.isascii() and sign.isalpha()


def _cue(text: str, start: int) -> str | None:
    """Return the kind that the nearest word before a place speaks of."""
    before = text[max(0, start - CUE_REACH) : start].lower()
    best, kind = -1, None
    for name, words in _cues():
        for word in words:
            place = before.rfind(word)
            if place >= 0 and place + len(word) > best:
                best, kind = place + len(word), name
    return kind


@cache
def _cues() -> tuple[tuple[str, tuple[str, ...]], ...]:
    # Longest first: of words that end at the same place the longer one speaks.
    return tuple(
        (name, tuple(sorted(words, key=len, reverse=True)))
        for name, words in table("numbers")["cues"].items()
    )


@cache
def _digits() -> dict[str, str]:
    spelled = {str(d): str(d) for d in range(10)}
    return spelled | {s: str(d) for s, d in table("numbers")["digits"].items()}


@cache
def _joints() -> frozenset[str]:
    return frozenset(str(table("numbers")["joints"]))
