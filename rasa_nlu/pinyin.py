"""Chinese typed in Latin letters without an input method, back in its characters.

Only a run of letters that the words of pinyin.yml cover whole is rewritten: names,
models and English stay as they are.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML

SOURCE = Path(__file__).with_name("pinyin.yml")
RUN = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]+(?:[ '][A-Za-z]+)*(?![0-9A-Za-z])")
# Single syllables look like English; so many of them, typed apart, do not.
LEAST_SINGLES = 3
Pairs = list[tuple[str, int]]


def to_characters(pairs: Pairs) -> Pairs:
    """Return (sign, place in the original) pairs with spelled words rewritten."""
    text = "".join(sign for sign, _ in pairs)
    made: Pairs = []
    done = 0
    for run in RUN.finditer(text):
        words = _words_of(run.group())
        if words is None:
            continue
        made += pairs[done : run.start()]
        for word, start, end in words:
            width = end - start
            for index, sign in enumerate(word):
                place = run.start() + start + index * width // len(word)
                made.append((sign, pairs[place][1]))
        done = run.end()
    return made + pairs[done:]


def _words_of(run: str) -> list[tuple[str, int, int]] | None:
    """Return the fewest words that cover a run, each with its place in it."""
    places = [i for i, sign in enumerate(run) if sign.isalpha()]
    letters = "".join(run[i] for i in places).lower()
    table, longest = _table()
    # best[n]: the words that cover the first n letters.
    best: list[list[tuple[str, int, int]] | None] = [[]]
    for end in range(1, len(letters) + 1):
        found: list[list[tuple[str, int, int]]] = []
        for start in range(max(0, end - longest), end):
            before, word = best[start], table.get(letters[start:end])
            if before is not None and word is not None:
                found.append([*before, (word, places[start], places[end - 1] + 1)])
        best.append(min(found, key=len, default=None))
    words = best[-1]
    apart = len(words or []) >= LEAST_SINGLES and len(places) < len(run)
    # Without a longer word these may be English letters: "made", "banana".
    if not words or not (apart or any(len(word) > 1 for word, _, _ in words)):
        return None
    return words


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, str], int]:
    known: dict[str, str] = YAML(typ="safe").load(SOURCE.read_text(encoding="utf-8"))
    table: dict[str, str] = {}
    for word, spelled in known.items():
        table.setdefault(spelled, word)
    return table, max(map(len, table))
