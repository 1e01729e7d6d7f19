"""Pure matching of entities by pattern and by list."""

from __future__ import annotations

import re
from collections.abc import Sequence

Patterns = Sequence[tuple[str, "re.Pattern[str]"]]


def compile_all(
    regexes: Sequence[tuple[str, str]], lookups: Sequence[tuple[str, Sequence[str]]]
) -> list[tuple[str, re.Pattern[str]]]:
    """Return one compiled pattern per regex and per list, regexes first.

    Raises:
        re.error: a regex cannot be read.
    """
    made = [(name, re.compile(text)) for name, text in regexes]
    for name, elements in lookups:
        longest = sorted({e.strip() for e in elements} - {""}, key=len, reverse=True)
        made.append((name, re.compile("|".join(map(re.escape, longest)))))
    return made


def find(text: str, patterns: Patterns) -> list[tuple[str, int, int]]:
    """Return (entity, start, end) in reading order, without overlaps.

    Of overlapping readings the longest wins, of equally long ones the pattern
    that comes first.
    """
    found = [
        (-(hit.end() - hit.start()), rank, name, hit.start(), hit.end())
        for rank, (name, pattern) in enumerate(patterns)
        for hit in pattern.finditer(text)
        if hit.end() > hit.start()
    ]
    taken: list[tuple[str, int, int]] = []
    for _, _, name, start, end in sorted(found):
        if all(end <= other or start >= stop for _, other, stop in taken):
            taken.append((name, start, end))
    return sorted(taken, key=lambda item: item[1])
