"""Which causes the customers' own words name, and for which goods more than usual.

A word list that a person can read and extend, because a shop acts on it: a size
chart is changed for "runs small", not for a cluster number. A cause is told of a
product only if it is named more often there than elsewhere, by Fisher's exact
test with the false discovery rate held over all products and causes
(Benjamini & Hochberg 1995).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from scipy.stats import false_discovery_control, fisher_exact

from analytics.satisfaction.scores import Share, wilson

SURE = 0.05
NEAR = 4  # characters before a word in which a denial takes it back


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of one product's returns.

    `share` is the part of its returns whose words name it, with a 95 % interval;
    `elsewhere` the same part of all other products' returns; `q` the p-value
    with the false discovery rate controlled; `rows` the places of its texts.
    """

    product: str
    code: str
    share: Share
    elsewhere: float | None
    q: float
    rows: tuple[int, ...]

    @property
    def sure(self) -> bool:
        """Whether it is named more often here than elsewhere, beyond chance."""
        return self.q < SURE


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    text = Path(__file__).with_name("causes.yml").read_text(encoding="utf-8")
    made: dict[str, Any] = yaml.safe_load(text)
    return made


def named_causes(text: str) -> frozenset[str]:
    """Return the codes of the causes that a text names."""
    table = _table()
    return frozenset(
        code
        for code, words in table["causes"].items()
        if any(_said(text, word, table["denials"]) for word in words)
    )


def rank_causes(
    texts: Sequence[str], products: Sequence[str], *, fewest: int = 3
) -> list[Cause]:
    """Return the causes of each product, surest first.

    ``texts`` and ``products`` are (returns,): what was said about a return, and
    of what. A cause named fewer than ``fewest`` times is left out.
    """
    found = [named_causes(text) for text in texts]
    totals = Counter(products)
    pairs = Counter(
        (product, code)
        for product, codes in zip(products, found, strict=True)
        for code in codes
    )
    overall = Counter(code for codes in found for code in codes)
    kept = [(pair, count) for pair, count in sorted(pairs.items()) if count >= fewest]
    if not kept:
        return []
    p = [
        _p(count, totals[product], overall[code], len(texts))
        for (product, code), count in kept
    ]
    q = false_discovery_control(p)
    causes = [
        Cause(
            product,
            code,
            wilson(count, totals[product]),
            _elsewhere(count, totals[product], overall[code], len(texts)),
            float(value),
            _rows(found, products, product, code),
        )
        for ((product, code), count), value in zip(kept, q, strict=True)
    ]
    return sorted(causes, key=lambda cause: (cause.q, -(cause.share.value or 0)))


def _said(text: str, word: str, denials: Iterable[str]) -> bool:
    at = text.find(word)
    while at >= 0:
        before = text[max(0, at - NEAR) : at]
        if not any(denial in before for denial in denials):
            return True
        at = text.find(word, at + 1)
    return False


def _p(count: int, of: int, all_named: int, all_: int) -> float:
    table = [
        [count, of - count],
        [all_named - count, all_ - of - (all_named - count)],
    ]
    return float(fisher_exact(table, alternative="greater").pvalue)


def _elsewhere(count: int, of: int, all_named: int, all_: int) -> float | None:
    return (all_named - count) / (all_ - of) if all_ > of else None


def _rows(
    found: Sequence[frozenset[str]], products: Sequence[str], product: str, code: str
) -> tuple[int, ...]:
    return tuple(
        n
        for n, (codes, name) in enumerate(zip(found, products, strict=True))
        if name == product and code in codes
    )


def labels() -> Mapping[str, Sequence[str]]:
    """Return the words of each cause, for whoever asks why it was named."""
    words: Mapping[str, Sequence[str]] = _table()["causes"]
    return words
