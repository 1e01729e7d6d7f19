"""A blank Chinese spaCy pipeline over jieba's words, and the matcher's patterns.

Each token carries its part in a sum or a day (`roles`) as ``lemma_``, which blank
Chinese leaves free. The matcher follows every way through a pattern at once:
"{1,40}" on twenty words has more ways than the machine has memory (tried), and
"+" squares the time. So here nothing repeats more than three times; runs of any
length are the work of `addresses`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from analytics.text.roles import role
from analytics.text.tables import table
from analytics.text.words import part_of_speech, segment

_lock = threading.RLock()


@dataclass(frozen=True, slots=True)
class Token:
    """One word: where it stands, its part of speech and its role."""

    text: str
    start: int
    end: int
    tag: str
    role: str


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern's name and the tokens it covers, from ``first`` up to ``last``."""

    name: str
    first: int
    last: int


def analyse(text: str) -> tuple[list[Token], list[Match]]:
    """Return the words of a folded text and what the matcher found among them.

    Matches of one name do not overlap (the longest wins); names may.
    """
    from spacy.tokens import Doc

    words = _regroup(segment(text))
    if not words:
        return [], []
    tags = [part_of_speech(word) for word in words]
    roles = [role(word, tag) for word, tag in zip(words, tags, strict=True)]
    vocab, matchers = _machine()
    with _lock:  # the vocabulary grows as it reads, and is shared
        doc = Doc(vocab, words=words, spaces=[False] * len(words), lemmas=roles)
        found = [
            Match(vocab.strings[name], first, last)
            for matcher in matchers
            for name, first, last in matcher(doc)
        ]
    tokens: list[Token] = []
    start = 0
    for word, tag, part in zip(words, tags, roles, strict=True):
        tokens.append(Token(word, start, start + len(word), tag, part))
        start += len(word)
    return tokens, sorted(found, key=lambda match: match.first)


def _regroup(words: list[str]) -> list[str]:
    """Put "1" "," "280" together, and take day words that jieba joined apart."""
    made: list[str] = []
    for word in words:
        thousands = len(word) == 3 and word.isdigit() and len(made) > 1
        if thousands and made[-1] == "," and made[-2][-3:].isdigit():
            made[-2:] = [made[-2] + "," + word]
        elif word:
            made += _apart(word)
    return made


@lru_cache(maxsize=8192)
def _apart(word: str) -> tuple[str, ...]:
    """Return the parts of a word made of day words only, else the word itself."""
    heads, tails = _day_parts()
    for cut in range(1, len(word)):
        if word not in heads and word[:cut] in heads and word[cut:] in tails:
            return word[:cut], word[cut:]
    return (word,)


@cache
def _day_parts() -> tuple[frozenset[str], frozenset[str]]:
    spoken = table("spoken")
    days = spoken["days"]
    heads = frozenset([*days, *spoken["span"], *spoken["week"]])
    return heads, frozenset([*days, *spoken["span_after"], *spoken["figures"]])


def _machine() -> tuple[Any, list[Any]]:
    with _lock:
        return _build()


@cache
def _build() -> tuple[Any, list[Any]]:
    import spacy
    from spacy.matcher import Matcher

    vocab = spacy.blank("zh").vocab
    matchers = []
    for name, patterns in _patterns().items():
        matcher = Matcher(vocab)
        matcher.add(name, patterns, greedy="LONGEST")
        matchers.append(matcher)
    return vocab, matchers


def _patterns() -> dict[str, list[list[dict[str, Any]]]]:
    spoken = table("spoken")
    figure = {"LEMMA": {"IN": ["num", "figure"]}}

    def word(*names: str, op: str = "{1}") -> dict[str, Any]:
        listed = [item for name in names for item in spoken[name]]
        return {"LOWER": {"IN": listed}, "OP": op}

    dash = {"TEXT": {"IN": ["-", "/", "."]}}
    return {
        "money": [
            [figure, word("money_after", op="{1,2}")],
            [figure, word("money_after"), figure, word("money_after", op="?")],
            [word("money_before"), {"TEXT": " ", "OP": "?"}, figure],
        ],
        "date": [
            [figure, word("year"), figure, word("month"), figure, word("day")],
            [word("days", op="?"), figure, word("month"), figure, word("day", op="?")],
            [figure, dash, figure, dash, figure],
            [word("days", op="{1,2}"), figure, word("hour")],
            [word("days", op="{1,3}")],
            [figure, word("span", op="{1,2}"), word("span_after")],
            [word("prefix"), word("week"), figure],
            [word("weeks"), figure],
            [figure, word("hour"), figure],
        ],
    }
