"""Pure: how sure a ranking is, where intents that lead to the same count as one."""

from __future__ import annotations

from collections.abc import Sequence


def confidence(
    ranking: Sequence[tuple[str, float]], families: Sequence[Sequence[str]]
) -> float:
    """Return the probability of the first intent's whole family, 0 … 1.

    Args:
        ranking: intents with their probabilities, the likeliest first.
        families: groups of intents that are answered alike.
    """
    if not ranking:
        return 0.0
    own = family_of(ranking[0][0], families)
    return sum(share for name, share in ranking if name in own)


def margin(
    ranking: Sequence[tuple[str, float]], families: Sequence[Sequence[str]]
) -> float:
    """Return by how much the first intent leads the first of another family."""
    if not ranking:
        return 0.0
    own = family_of(ranking[0][0], families)
    rivals = (share for name, share in ranking if name not in own)
    return ranking[0][1] - next(rivals, 0.0)


def family_of(intent: str, families: Sequence[Sequence[str]]) -> frozenset[str]:
    """Return the intents that are answered as this one is, itself among them."""
    return frozenset({intent}).union(*(f for f in families if intent in f))
