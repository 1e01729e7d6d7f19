"""Texts that say nearly the same, put together while they come in."""

from __future__ import annotations

import math

ALIKE = 0.75


class Alike:
    """Finds a text seen before that shares most of its pairs of characters.

    Alike is a Jaccard index of pairs of at least ALIKE. Two such texts share a
    pair among the first of each in any one order (prefix filter: Chaudhuri, Ganti,
    Kaushik 2006), so only those few pairs are looked up. The order is by character:
    it must not change while texts come in, as one by rarity would.
    """

    def __init__(self) -> None:
        self._pairs: dict[str, frozenset[str]] = {}
        self._having: dict[str, list[str]] = {}

    def known(self, key: str) -> str:
        """Return a text alike, or take this one in and return it."""
        if key in self._pairs:
            return key
        pairs = frozenset(key[i : i + 2] or key for i in range(max(1, len(key) - 1)))
        some = sorted(pairs)[: len(pairs) - math.ceil(ALIKE * len(pairs)) + 1]
        seen: set[str] = set()
        for pair in some:
            for other in self._having.get(pair, ()):
                if other not in seen and _alike(pairs, self._pairs[other]):
                    return other
                seen.add(other)
        self._pairs[key] = pairs
        for pair in some:
            self._having.setdefault(pair, []).append(key)
        return key


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(one & other)
    return shared >= ALIKE * (len(one) + len(other) - shared)
