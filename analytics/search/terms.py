"""What two texts must share to be alike: character n-grams of one spelling."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import yaml

DATA = Path(__file__).parent / "data" / "synonyms.yml"
_NOISE = re.compile(r"[\W_]+")


@lru_cache(maxsize=1)
def _spellings() -> tuple[re.Pattern[str], dict[str, str]]:
    groups: dict[str, list[str]] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    known = {word: name for name, words in groups.items() for word in words}
    longest = sorted(known, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest))), known


def plain(text: str) -> str:
    """Return a text as it is compared: one width, one case, one word per meaning."""
    pattern, known = _spellings()
    folded = _NOISE.sub(" ", unicodedata.normalize("NFKC", text).lower()).strip()
    return pattern.sub(lambda found: known[found.group()], folded)


def ngrams(text: str) -> list[str]:
    """Return a text's runs of one to three characters, none across a break."""
    found: list[str] = []
    for part in plain(text).split():
        for size in (1, 2, 3):
            found += [part[i : i + size] for i in range(len(part) - size + 1)]
    return found
