"""Sentences of a message, folded for matching, with their place in the original."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")
# What is put between letters so that a word is not found.
_NOISE = re.compile(r"[\s\u200b-\u200f\ufeff·•・*_\-—~|/\\]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """``text`` stands at ``start`` … ``end`` of the message; ``folded`` is matched."""

    text: str
    start: int
    end: int
    folded: str


def split(text: str) -> list[Sentence]:
    """Return the sentences of a message, in order; white space alone is none."""
    found: list[Sentence] = []
    for match in _SENTENCE.finditer(text):
        piece = match.group()
        stripped = piece.strip()
        if stripped:
            start = match.start() + piece.index(stripped[0])
            found.append(
                Sentence(stripped, start, start + len(stripped), fold(stripped))
            )
    return found


def fold(text: str) -> str:
    """Return text in NFKC and lower case, without what hides a word."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text).lower())
