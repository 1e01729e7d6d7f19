"""People's names: a family name, likely given characters, and what stands around.

The score is a sum of log-odds: how much more often the given characters stand in
names than elsewhere (counted from jieba's dictionary), whether the words' borders
agree, and words that announce a name or follow one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from analytics.text.pipeline import Token
from analytics.text.tables import table

THRESHOLD = 2.0
UNSEEN = -2.0
ANNOUNCED = 4.0
FOLLOWED = 3.0
KNOWN = 3.0  # the dictionary has it as a name
NEW_WORD = 1.0  # jieba made one word of it that the dictionary has not
COMMON_WORD = -5.0  # a word of the language is inside
LONGER = 1.5  # of two readings the one with the longer given name
FUNCTION = frozenset({"d", "p", "c", "r", "u", "uj", "ul", "y"})
CUT_WORD = -4.0  # it would end in the middle of a word
Span = tuple[str, int, int, str]


def names(text: str, tokens: Sequence[Token]) -> list[Span]:
    """Return the names in a folded text, none overlapping, best first taken."""
    ends = {token.end: place for place, token in enumerate(tokens)}
    scored: list[tuple[float, int, int]] = []
    for place, token in enumerate(tokens):
        scored += _called(text, tokens, place)
        for start in range(token.start, token.end):
            if start > token.start and not _announced(text, start):
                continue
            scored += _read(text, tokens, ends, place, start)
        if token.tag in ("nrt", "nrfg") and len(token.text) >= 3:
            scored.append((KNOWN, token.start, token.end))
    taken: list[Span] = []
    used: set[int] = set()
    for _, start, end in sorted(scored, key=lambda item: (-item[0], item[1])):
        if used.isdisjoint(range(start, end)):
            used.update(range(start, end))
            taken.append(("name", start, end, text[start:end]))
    return sorted(taken, key=lambda span: span[1])


def _families(text: str, start: int) -> list[str]:
    found = [text[start : start + 2]] if text[start : start + 2] in _compound() else []
    if text[start : start + 1] in _surnames():
        found.append(text[start])
    return found


def _read(
    text: str, tokens: Sequence[Token], ends: dict[int, int], place: int, start: int
) -> list[tuple[float, int, int]]:
    found: list[tuple[float, int, int]] = []
    for family in _families(text, start):
        for given in (2, 1):
            end = start + len(family) + given
            score = _score(text, tokens, ends, place, start, family, end)
            if score is not None and score >= THRESHOLD:
                found.append((score + LONGER * given, start, end))
    return found


def _score(
    text: str,
    tokens: Sequence[Token],
    ends: dict[int, int],
    place: int,
    start: int,
    family: str,
    end: int,
) -> float | None:
    """Return the log-odds that ``text[start:end]`` is a name; None if it cannot be."""
    name = text[start:end]
    given = name[len(family) :]
    if len(text) < end or not _han(given) or name in _words("never"):
        return None
    if given.startswith(_tuple("titles")):
        return None
    mean = sum(_given(sign) for sign in given) / len(given)
    score = _surname(family) + 1.5 * mean
    if end not in ends:
        score += CUT_WORD
    else:
        score += _borders(tokens[place : ends[end] + 1], start, family, mean)
    score += ANNOUNCED * _announced(text, start)
    return score + FOLLOWED * text.startswith(_tuple("after"), end)


def _borders(inside: Sequence[Token], start: int, family: str, mean: float) -> float:
    """Return what the cutting into words says for a name of these tokens."""
    if start > inside[0].start:
        return 0.0
    if len(inside) == 1:
        return _whole(inside[0])
    rest = inside[1:]
    if len(rest) == 1 and inside[0].text == family:
        # One word is the given name: Jianguo, "to build the country".
        return 0.0 if mean >= 0 or not _plain(rest[0]) else COMMON_WORD
    if any(len(token.text) > 1 and _plain(token) for token in inside):
        return COMMON_WORD
    return -2.0 if any(token.tag in FUNCTION for token in rest) else 0.0


def _whole(token: Token) -> float:
    if token.tag in ("nr", "nrt", "nrfg"):
        return KNOWN
    if token.tag == "nz" and not token.role == "town":
        return NEW_WORD
    return COMMON_WORD


def _plain(token: Token) -> bool:
    return token.tag not in ("nr", "nrt", "nrfg", "nz")


def _called(
    text: str, tokens: Sequence[Token], place: int
) -> list[tuple[float, int, int]]:
    """A family name with a title behind it: only the family name is the name."""
    token = tokens[place]
    for family in _families(text, token.start):
        end = token.start + len(family)
        if text.startswith(_tuple("titles"), end) and token.end <= end + 2:
            return [(THRESHOLD, token.start, end)]
    return []


def _announced(text: str, start: int) -> bool:
    joints = _joints()
    left = start
    while left > 0 and start - left < 3 and text[left - 1] in joints:
        left -= 1
    before = _tuple("before")
    return text.endswith(before, 0, start) or (
        left < start and text.endswith(before, 0, left)
    )


def _surname(family: str) -> float:
    if len(family) > 1:
        return 2.0
    base = 0.5 if family in _frequent() else -0.5
    return base - (1.5 if family in _common() else 0.0)


def _given(sign: str) -> float:
    return _weights().get(sign, UNSEEN)


def _han(text: str) -> bool:
    return all("\u4e00" <= sign <= "\u9fff" for sign in text)


@cache
def _weights() -> dict[str, float]:
    return {
        sign: float(band)
        for band, signs in table("given")["given"].items()
        for sign in signs
        if not sign.isspace()
    }


@cache
def _frequent() -> frozenset[str]:
    return frozenset(table("names")["frequent"])


@cache
def _common() -> frozenset[str]:
    return frozenset(table("names")["common_words"])


@cache
def _surnames() -> frozenset[str]:
    return _frequent() | frozenset(table("names")["rare"]) - {" "}


@cache
def _compound() -> frozenset[str]:
    return frozenset(table("names")["compound"])


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(table("names")[name])


@cache
def _tuple(name: str) -> tuple[str, ...]:
    return tuple(table("names")[name])


@cache
def _joints() -> frozenset[str]:
    return frozenset(table("names")["before_joints"])
