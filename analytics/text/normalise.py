"""One spelling for what was typed in many; Chinese stays as it is."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_GAPS = re.compile(r"\s+")
_REPEATS = re.compile(r"([^\W\d_]|[^\w\s])\1{2,}")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text with, for each of its characters, its place in the original.

    Attributes:
        text: the folded text.
        origin: one index into the original per character of ``text``.
    """

    text: str
    origin: tuple[int, ...] | range

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a non-empty span of the folded text was in the original."""
        return self.origin[start], self.origin[end - 1] + 1


def fold(text: str) -> Folded:
    """Return ``text`` half-width and without invisible characters.

    Compatibility forms by NFKC (Unicode Standard Annex 15), one character at a
    time so that places can be followed back; format characters (category Cf,
    such as a zero-width space inside a phone number) and variation selectors
    are dropped; every white space is a space.
    """
    if text.isascii() and text.isprintable():
        return Folded(text, range(len(text)))
    signs: list[str] = []
    origin: list[int] = []
    for place, sign in enumerate(text):
        for new in _fold_sign(sign):
            signs.append(new)
            origin.append(place)
    return Folded("".join(signs), tuple(origin))


@lru_cache(maxsize=8192)
def _fold_sign(sign: str) -> str:
    if sign.isspace():
        return " "
    kind = unicodedata.category(sign)
    if kind in ("Cf", "Cc") or "\ufe00" <= sign <= "\ufe0f" or sign == "\u20e3":
        return ""
    digit = unicodedata.digit(sign, None)
    if digit is not None:  # circled, double-struck, Arabic-Indic and so on
        return str(digit)
    return unicodedata.normalize("NFKC", sign)


def clean(text: str) -> str:
    """Return ``text`` folded, in lower case, for a model to learn from.

    White space is one space; a letter, character or sign said more than twice
    in a row is said twice. Digits are kept as they are, and so is Chinese.
    """
    spaced = _GAPS.sub(" ", fold(text).text.lower()).strip()
    return _REPEATS.sub(r"\1\1", spaced)
