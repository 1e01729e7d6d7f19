"""The n-grams of one text, and their weights, without sklearn's price for a single row.

A turn has one short text. `TfidfVectorizer.transform` builds, checks and stacks sparse
matrices for it, which costs several times what the counting costs; the values here are
the same (a test compares them over all training examples).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

import jieba

jieba.setLogLevel(60)
Row = dict[int, float]
LONGEST_CHARS = 4
SPACES = re.compile(r"\s\s+")  # what sklearn makes one space of


def words(text: str) -> list[str]:
    """Return the words of a text as jieba cuts it."""
    return [str(word) for word in jieba.cut(text)]


def tf_idf(
    kind: str, text: str, vocabulary: Mapping[str, int], idf: Sequence[float]
) -> Row:
    """Return the columns a text has and their values, a vector of length 1.

    Sublinear term frequency (1 + ln tf) times inverse document frequency, as
    `TfidfVectorizer(sublinear_tf=True)` has them; unknown n-grams are left out.
    """
    counts = Counter(
        column
        for term in _plain_terms(kind, text)
        if (column := vocabulary.get(term)) is not None
    )
    row = {
        column: (1 + math.log(count)) * idf[column] for column, count in counts.items()
    }
    length = math.sqrt(sum(value * value for value in row.values()))
    return {column: value / length for column, value in row.items()}


def terms(kind: str, text: str) -> list[tuple[int, int, str]]:
    """Return every n-gram of a text with its place."""
    low = text.lower()
    if len(low) != len(text):
        return []
    if kind == "char":
        return [
            (start, start + size, low[start : start + size])
            for size in range(1, LONGEST_CHARS + 1)
            for start in range(len(low) - size + 1)
        ]
    found, place = [], 0
    cut = words(low)
    for index, word in enumerate(cut):
        found.append((place, place + len(word), word))
        if index + 1 < len(cut):
            after = cut[index + 1]
            end = place + len(word) + len(after)
            found.append((place, end, f"{word} {after}"))
        place += len(word)
    return found


def _plain_terms(kind: str, text: str) -> list[str]:
    low = text.lower()
    if kind == "char":
        low = SPACES.sub(" ", low)
        return [
            low[start : start + size]
            for size in range(1, LONGEST_CHARS + 1)
            for start in range(len(low) - size + 1)
        ]
    cut = words(low)
    return cut + [" ".join(pair) for pair in zip(cut, cut[1:], strict=False)]
