"""Words and parts of speech: jieba with a shop's dictionary.

jieba caches its dictionary in the shared temporary folder and would load
whatever lies there; here the dictionary is read from the package itself, once,
words and parts of speech together.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from analytics.text.tables import table

# jieba's Viterbi copies its path at every character: quadratic in one piece of
# text, so it never gets a long one.
PIECE = 240
_BREAK = re.compile(r"[^\w]")
_NUMBER = re.compile(r"\d[\d.,%]*\Z")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9+#&._\-]*\Z")
_lock = threading.RLock()


def segment(text: str) -> list[str]:
    """Return the words of ``text``, in order; joined they are ``text`` again."""
    tokenizer = _segmenter()[0]
    words: list[str] = []
    for piece in pieces(text):
        words.extend(tokenizer.cut(piece))
    return words


def tag(text: str) -> list[tuple[str, str]]:
    """Return words with their part of speech in jieba's (ICTCLAS) letters.

    Known words have the tag of the dictionary; of others, numbers are ``m``,
    Latin words ``eng``, signs ``x`` and unknown Chinese words ``nz``.
    """
    return [(word, part_of_speech(word)) for word in segment(text)]


def part_of_speech(word: str) -> str:
    """Return the tag of one word, as `tag` gives it."""
    known: str | None = _segmenter()[1].get(word)
    if known is not None:
        return known
    if _NUMBER.match(word):
        return "m"
    if _LATIN.match(word):
        return "eng"
    return "nz" if word.isalnum() else "x"


def content_words(text: str) -> list[str]:
    """Return the words that say what a text is about: no stop words, no signs."""
    stop = _stop_words()
    return [
        word
        for word, kind in tag(text.lower())
        if kind != "x" and word not in stop and not word.isspace()
    ]


def add_words(words: Iterable[str], kind: str = "nz") -> None:
    """Add a shop's own words (titles, brands) to the dictionary, for this process."""
    with _lock:
        tokenizer, tags = _segmenter()
        for word in words:
            if word and not word.isspace():
                tokenizer.add_word(word)
                tags.setdefault(word, kind)


def pieces(text: str) -> list[str]:
    """Cut ``text`` into pieces of at most ``PIECE``, at a sign where there is one."""
    made: list[str] = []
    start = 0
    while len(text) - start > PIECE:
        end = start + PIECE
        signs = [m.end() for m in _BREAK.finditer(text, start + PIECE // 2, end)]
        end = signs[-1] if signs else end
        made.append(text[start:end])
        start = end
    made.append(text[start:])
    return made


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(str(table("stop")["words"]).split())


def _segmenter() -> tuple[Any, dict[str, str]]:
    with _lock:
        return _load()


@cache
def _load() -> tuple[Any, dict[str, str]]:
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    frequency: dict[str, int] = {}
    tags: dict[str, str] = {}
    total = 0
    source = Path(jieba.__file__).with_name("dict.txt")
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            word, count, kind = line.split()
            frequency[word] = int(count)
            tags[word] = kind
            total += int(count)
            for end in range(1, len(word)):
                frequency.setdefault(word[:end], 0)
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = frequency, total, True
    for kind, words in table("shop").items():
        for word in str(words).split():
            tokenizer.add_word(word)
            tags[word] = kind
    return tokenizer, tags
