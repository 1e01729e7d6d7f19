"""One spelling for what was typed in many: the same in training and in serving.

Every step keeps, for each character that is left, where it came from, so that
annotations made in the original still fit.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from opencc import OpenCC
from ruamel.yaml import YAML

from rasa_nlu.pinyin import to_characters

SOURCE = Path(__file__).with_name("emoji.yml")
INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f")
# "8800 0000-0001" is one number; "2 3" is two.
SPLIT_NUMBER = re.compile(r"[0-9]{2,}(?:[ -][0-9]{2,})+")
JOINED_MIN = 11
WHOLE_MIN = 14
KEPT_REPEATS = 2


@dataclass(frozen=True)
class Normalised:
    """A text with, for each of its characters, its place in the original.

    Attributes:
        text: the normalised text.
        origin: one index into the original per character of `text`.
    """

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Return where a span of the original is now, None if nothing is left."""
        inside = [i for i, place in enumerate(self.origin) if start <= place < end]
        return (inside[0], inside[-1] + 1) if inside else None


def normalise(text: str) -> Normalised:
    """Return `text` half-width, simplified, without decoration.

    Full-width forms by NFKC (Unicode Standard Annex 15), traditional characters
    by OpenCC's t2s table, emoji by the words in emoji.yml or dropped, more than
    two of the same sign in a row cut to two (never digits), words spelled in Latin
    letters as in pinyin.yml, spaces and hyphens inside long numbers removed.
    """
    pairs = [
        (new, place)
        for place, sign in enumerate(text)
        if sign not in INVISIBLE
        for new in _sign(sign)
    ]
    pairs = _join_numbers(_squeeze(to_characters(_squeeze(pairs))))
    return Normalised("".join(s for s, _ in pairs), tuple(p for _, p in pairs))


@lru_cache(maxsize=8192)
def _sign(sign: str) -> str:
    if sign in _emoji():
        return _emoji()[sign]
    if sign.isspace():
        return " "
    if unicodedata.category(sign) in ("So", "Sk", "Cc", "Co", "Cs") or (
        0x1F000 <= ord(sign) <= 0x1FAFF
    ):
        return " "
    wide = unicodedata.normalize("NFKC", sign)
    return _opencc().convert(wide) if ord(sign) > 0x2E80 else wide


def _squeeze(pairs: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Drop the third and later of the same sign, and needless spaces."""
    kept: list[tuple[str, int]] = []
    for sign, place in pairs:
        most = 1 if sign == " " else KEPT_REPEATS
        last = [s for s, _ in kept[-most:]]
        if not sign.isdigit() and len(last) == most and set(last) == {sign}:
            continue
        kept.append((sign, place))
    while kept and kept[0][0] == " ":
        kept.pop(0)
    while kept and kept[-1][0] == " ":
        kept.pop()
    return kept


def _join_numbers(pairs: list[tuple[str, int]]) -> list[tuple[str, int]]:
    text = "".join(sign for sign, _ in pairs)
    drop: set[int] = set()
    for found in SPLIT_NUMBER.finditer(text):
        parts = re.split("[ -]", found.group())
        # A whole order number and then four digits of a phone are two numbers.
        whole = max(map(len, parts)) >= WHOLE_MIN
        if not whole and sum(map(len, parts)) >= JOINED_MIN:
            drop |= {i for i in range(*found.span()) if not text[i].isdigit()}
    return [pair for i, pair in enumerate(pairs) if i not in drop]


@lru_cache(maxsize=1)
def _opencc() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=1)
def _emoji() -> dict[str, str]:
    table = YAML(typ="safe").load(SOURCE.read_text(encoding="utf-8"))
    return {sign: word for word, signs in table.items() for sign in signs}
